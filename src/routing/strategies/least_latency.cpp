#include "routing/strategies/least_latency.h"

#include "routing/strategies/eligible.h"

#include <algorithm>
#include <array>

namespace sluice::routing {
namespace {

bool is_known(const Choice& choice) {
  return choice.first_token >= 0;
}

// Of one request alone. A speed that is not known yet counts as nothing, so that it soon is.
double seconds(const Choice& choice, const Wish& wish) {
  return choice.first_token + std::max(choice.per_token, 0.0) * wish.output_tokens;
}

double median(const Wish& wish, std::span<const Choice> choices) {
  std::array<double, 64> known;  // Of more, these say enough.
  std::size_t count = 0;
  for (const Choice& choice : choices) {
    if (is_known(choice) && count < known.size()) known[count++] = seconds(choice, wish);
  }
  if (count == 0) return 1;
  auto* const middle = known.data() + count / 2;
  std::nth_element(known.data(), middle, known.data() + count);
  return *middle;
}

// One that nobody knows is tried at once, but by one request at a time.
double score(const Choice& choice, const Wish& wish, std::span<const Choice> choices) {
  if (!is_known(choice) && choice.busy == 0) return 0;
  const double alone = is_known(choice) ? seconds(choice, wish) : median(wish, choices);
  return alone * (choice.busy + 1.0);
}

}  // namespace

std::size_t LeastLatency::pick(const Wish& wish, std::span<const Choice> choices,
                               Random& random) const {
  const Eligible eligible(choices, random);
  if (eligible.count() == 1) return eligible.place(0);
  const std::uint64_t lots = random.next();
  const std::size_t one = below(lots, eligible.count());
  std::size_t other = below(lots << 32, eligible.count() - 1);
  if (other >= one) ++other;
  const std::size_t first = eligible.place(one);
  const std::size_t second = eligible.place(other);
  return score(choices[first], wish, choices) <= score(choices[second], wish, choices) ? first
                                                                                       : second;
}

}  // namespace sluice::routing
