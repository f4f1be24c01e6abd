#include "routing/strategies/rendezvous.h"

#include "routing/strategies/eligible.h"

#include <cmath>
#include <limits>

namespace sluice::routing {

// Each choice runs a clock that rings after an exponentially distributed time, whose mean is one
// by its weight and whose chance is the hash of the affinity with its name; the first one wins.
std::size_t Rendezvous::pick(const Wish& wish, std::span<const Choice> choices,
                             Random& random) const {
  const std::uint64_t whose = wish.affinity ? *wish.affinity : random.next();
  const Dues due(choices);
  std::size_t best = 0;
  double soonest = std::numeric_limits<double>::infinity();
  for (std::size_t place = 0; place < choices.size(); ++place) {
    const double its = due(choices[place]);
    if (its <= 0) continue;
    const double chance = unit(mixed(whose ^ mixed(choices[place].name))) + 0x1p-54;
    // -log(chance) is never below this, so the logarithm of most need not be known.
    if (1 - chance >= soonest * its) continue;
    const double time = -std::log(chance) / its;
    if (time >= soonest) continue;
    soonest = time;
    best = place;
  }
  return best;
}

}  // namespace sluice::routing
