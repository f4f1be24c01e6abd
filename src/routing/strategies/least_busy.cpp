#include "routing/strategies/least_busy.h"

#include "routing/strategies/eligible.h"

namespace sluice::routing {

std::size_t LeastBusy::pick(const Wish&, std::span<const Choice> choices, Random& random) const {
  const Dues due(choices);
  return least(
      choices, random, [&](const Choice& choice) { return due(choice) > 0; },
      [&](const Choice& choice) { return (choice.busy + 1.0) / due(choice); });
}

}  // namespace sluice::routing
