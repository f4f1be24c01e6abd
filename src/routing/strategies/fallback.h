#pragma once

#include "sluice/strategy.h"

namespace sluice::routing {

// The first. One that recovers gets its share of the requests, the next one the rest.
class Fallback final : public Strategy {
 public:
  std::size_t pick(const Wish& wish, std::span<const Choice> choices,
                   Random& random) const override;
};

}  // namespace sluice::routing
