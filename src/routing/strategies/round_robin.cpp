#include "routing/strategies/round_robin.h"

#include "routing/strategies/eligible.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sluice::routing {
namespace {

// A turn is a slot of a ring on which each has as many neighbouring slots as its weight. Going
// round in steps of about the golden section, which share no divisor with the number of slots,
// comes by each slot once, and by neighbours far apart.
std::uint64_t slot_of(std::uint64_t turn, std::uint64_t slots) {
  constexpr double kGolden = 0.6180339887498949;
  auto step = static_cast<std::uint64_t>(static_cast<double>(slots) * kGolden);
  step = std::max<std::uint64_t>(step, 1);
  while (std::gcd(step, slots) != 1) ++step;
  return (turn % slots) * step % slots;
}

std::uint64_t whole(double weight) {
  constexpr double kMost = 1U << 20U;  // Of thousands of these the products still fit.
  return static_cast<std::uint64_t>(std::clamp(std::round(weight), 1.0, kMost));
}

}  // namespace

std::size_t RoundRobin::pick(const Wish& wish, std::span<const Choice> choices,
                             Random& random) const {
  const Eligible eligible(choices, random);
  std::uint64_t sum = 0;
  std::uint64_t divisor = 0;
  for (const Choice& choice : choices) {
    if (!eligible(choice)) continue;
    const std::uint64_t slots = whole(choice.weight);
    sum += slots;
    if (divisor != 1) divisor = std::gcd(divisor, slots);
  }
  std::uint64_t slot = slot_of(wish.turn, sum / divisor);
  for (std::size_t place = 0;; ++place) {
    if (!eligible(choices[place])) continue;
    const std::uint64_t slots = whole(choices[place].weight) / divisor;
    if (slot < slots) return place;
    slot -= slots;
  }
}

}  // namespace sluice::routing
