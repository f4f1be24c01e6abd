#include "routing/strategies/cheapest.h"

#include "routing/strategies/eligible.h"

#include <limits>
#include <utility>

namespace sluice::routing {

std::size_t Cheapest::pick(const Wish&, std::span<const Choice> choices, Random& random) const {
  return least(choices, random, Eligible(choices, random), [](const Choice& choice) {
    constexpr auto kLast = std::numeric_limits<std::int64_t>::max();
    return std::pair(choice.cost < 0 ? kLast : choice.cost, choice.busy);
  });
}

}  // namespace sluice::routing
