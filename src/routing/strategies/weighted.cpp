#include "routing/strategies/weighted.h"

#include "routing/strategies/eligible.h"

namespace sluice::routing {

std::size_t Weighted::pick(const Wish&, std::span<const Choice> choices, Random& random) const {
  const Dues due(choices);
  double sum = 0;
  for (const Choice& choice : choices) sum += due(choice);
  double left = unit(random.next()) * sum;
  std::size_t last = 0;  // Rounding may leave a little beyond it.
  for (std::size_t place = 0; place < choices.size(); ++place) {
    const double its = due(choices[place]);
    if (its <= 0) continue;
    if (left < its) return place;
    left -= its;
    last = place;
  }
  return last;
}

}  // namespace sluice::routing
