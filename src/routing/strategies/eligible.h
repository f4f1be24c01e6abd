// What holds for every strategy: one of weight 0 is picked only when nothing else is left, and one
// that recovers gets no more than its share of what it would get.
#pragma once

#include "sluice/strategy.h"

#include "routing/strategies/dice.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace sluice::routing {

// For strategies that want the best one: lots are drawn who of those that recover takes part.
// When all who could are out, the drawing does not count.
class Eligible {
 public:
  Eligible(std::span<const Choice> choices, Random& random);

  bool operator()(const Choice& choice) const { return all_ || standing(choice) == standing_; }
  std::size_t count() const { return count_; }
  // The place of one of them, of which `nth` come before.
  std::size_t place(std::size_t nth) const;

 private:
  // The lower, the better.
  int standing(const Choice& choice) const {
    const bool drawn = choice.share >= 1 || unit(mixed(dice_ ^ choice.name)) < choice.share;
    return (choice.weight > 0 ? 0 : 2) + (drawn ? 0 : 1);
  }

  std::span<const Choice> choices_;
  bool all_ = true;
  std::uint64_t dice_ = 0;
  int standing_ = 0;
  std::size_t count_;
};

// For strategies that go by weight: what each is due.
class Dues {
 public:
  explicit Dues(std::span<const Choice> choices);

  double operator()(const Choice& choice) const {
    return (weightless_ ? 1 : choice.weight) * choice.share;
  }

 private:
  bool weightless_ = true;  // None has a weight.
};

// The place of the one with the lowest score; chance decides between equals. Only those count for
// whom `counts` holds, of which there is one at least.
template <class Counts, class Score>
std::size_t least(std::span<const Choice> choices, Random& random, const Counts& counts,
                  const Score& score) {
  std::size_t best = 0;
  std::size_t equals = 0;
  decltype(score(choices[0])) lowest{};
  for (std::size_t place = 0; place < choices.size(); ++place) {
    if (!counts(choices[place])) continue;
    const auto its = score(choices[place]);
    if (equals > 0 && lowest < its) continue;
    if (equals == 0 || its < lowest) {
      best = place;
      lowest = its;
      equals = 1;
    } else if (its == lowest) {
      ++equals;
    }
  }
  if (equals < 2) return best;
  std::size_t passed = below(random.next(), equals);
  for (std::size_t place = best;; ++place) {
    if (!counts(choices[place]) || score(choices[place]) != lowest) continue;
    if (passed-- == 0) return place;
  }
}

}  // namespace sluice::routing
