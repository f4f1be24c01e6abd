#pragma once

#include "sluice/strategy.h"

namespace sluice::routing {

// By weight.
class Weighted final : public Strategy {
 public:
  std::size_t pick(const Wish& wish, std::span<const Choice> choices,
                   Random& random) const override;
};

}  // namespace sluice::routing
