#pragma once

#include "sluice/strategy.h"

namespace sluice::routing {

// The one whose answer is expected to cost least; those without a known price come last.
class Cheapest final : public Strategy {
 public:
  std::size_t pick(const Wish& wish, std::span<const Choice> choices,
                   Random& random) const override;
};

}  // namespace sluice::routing
