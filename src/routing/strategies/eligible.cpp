#include "routing/strategies/eligible.h"

#include <algorithm>

namespace sluice::routing {

Eligible::Eligible(std::span<const Choice> choices, Random& random)
    : choices_(choices), count_(choices.size()) {
  all_ = std::ranges::all_of(
      choices, [](const Choice& choice) { return choice.weight > 0 && choice.share >= 1; });
  if (all_) return;
  dice_ = random.next();
  count_ = 0;
  for (const Choice& choice : choices_) {
    const int its = standing(choice);
    if (count_ == 0 || its < standing_) {
      standing_ = its;
      count_ = 1;
    } else if (its == standing_) {
      ++count_;
    }
  }
}

std::size_t Eligible::place(std::size_t nth) const {
  if (all_) return nth;
  for (std::size_t place = 0;; ++place) {
    if ((*this)(choices_[place]) && nth-- == 0) return place;
  }
}

Dues::Dues(std::span<const Choice> choices)
    : weightless_(
          std::ranges::none_of(choices, [](const Choice& choice) { return choice.weight > 0; })) {}

}  // namespace sluice::routing
