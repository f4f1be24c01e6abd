#include "routing/strategies/fallback.h"

#include "routing/strategies/eligible.h"

namespace sluice::routing {

std::size_t Fallback::pick(const Wish&, std::span<const Choice> choices, Random& random) const {
  return Eligible(choices, random).place(0);
}

}  // namespace sluice::routing
