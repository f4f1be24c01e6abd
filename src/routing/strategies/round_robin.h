#pragma once

#include "sluice/strategy.h"

namespace sluice::routing {

// In turn, those of more weight more often: over as many turns as the weights make together,
// each gets exactly its weight, and its turns lie apart.
class RoundRobin final : public Strategy {
 public:
  std::size_t pick(const Wish& wish, std::span<const Choice> choices,
                   Random& random) const override;
};

}  // namespace sluice::routing
