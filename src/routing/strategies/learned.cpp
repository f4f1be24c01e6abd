#include "routing/strategies/learned.h"

#include "routing/strategies/eligible.h"

#include <cmath>
#include <limits>

namespace sluice::routing {
namespace {

bool is_tested(const Choice& choice) {
  return choice.trials >= Learned::kTested;
}

// What is known of all who may be picked.
struct Field {
  double usual = 0;  // The mean of all rewards, from which one nobody knows is expected to differ.
  bool any_tested = false;
};

Field field_of(std::span<const Choice> choices, const Eligible& eligible) {
  Field field;
  double trials = 0;
  double rewards = 0;
  for (const Choice& choice : choices) {
    if (!eligible(choice)) continue;
    trials += choice.trials;
    rewards += choice.trials * choice.reward;
    field.any_tested = field.any_tested || is_tested(choice);
  }
  if (trials > 0) field.usual = rewards / trials;
  return field;
}

}  // namespace

std::size_t Learned::pick(const Wish&, std::span<const Choice> choices, Random& random) const {
  const Eligible eligible(choices, random);
  if (unit(random.next()) < explore_) {
    return eligible.place(below(random.next(), eligible.count()));
  }
  const Field field = field_of(choices, eligible);
  const bool untested_too = !field.any_tested || unit(random.next()) < kUntested;
  std::size_t best = 0;
  double highest = -std::numeric_limits<double>::infinity();
  for (std::size_t place = 0; place < choices.size(); ++place) {
    const Choice& choice = choices[place];
    if (!eligible(choice) || (!untested_too && !is_tested(choice))) continue;
    // The usual reward counts as one trial of each.
    const double part = 1 / (choice.trials + 1);
    const double mean = (choice.trials * choice.reward + field.usual) * part;
    const double drawn = mean + normal(random.next()) * choice.spread * std::sqrt(part);
    if (drawn <= highest) continue;
    highest = drawn;
    best = place;
  }
  return best;
}

}  // namespace sluice::routing
