#pragma once

#include "sluice/strategy.h"

namespace sluice::routing {

// Of two drawn by lot the one that is expected to be done first.
class LeastLatency final : public Strategy {
 public:
  std::size_t pick(const Wish& wish, std::span<const Choice> choices,
                   Random& random) const override;
};

}  // namespace sluice::routing
