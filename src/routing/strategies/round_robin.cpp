#include "routing/strategies/round_robin.h"

#include "routing/strategies/eligible.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory_resource>
#include <vector>

namespace sluice::routing {
namespace {

// A round is a line from 0 to 1, on which each has as many turns as its weight, evenly spaced. Each
// begins a little after the one before it, so that turns of equal weights do not coincide.
struct Lane {
  std::size_t place;
  std::int64_t turns;  // Its weight.
  double phase;        // Of the space between two turns.
  double space;
  std::int64_t taken = 0;  // Its turns before a point of the line.

  double at(std::int64_t turn) const { return (static_cast<double>(turn) + phase) * space; }

  void take_until(double point) {
    taken = static_cast<std::int64_t>(point * static_cast<double>(turns) - phase);
    while (taken < turns && at(taken) <= point) ++taken;
    while (taken > 0 && at(taken - 1) > point) --taken;
  }
};

using Lanes = std::pmr::vector<Lane>;

// Takes the next turn of all.
Lane& forth(Lanes& lanes) {
  Lane* next = nullptr;
  for (Lane& lane : lanes) {
    if (lane.taken == lane.turns) continue;
    if (!next || lane.at(lane.taken) < next->at(next->taken)) next = &lane;
  }
  ++next->taken;
  return *next;
}

// Gives the last turn of all back.
Lane& back(Lanes& lanes) {
  Lane* last = nullptr;
  for (Lane& lane : lanes) {
    if (lane.taken == 0) continue;
    if (!last || lane.at(lane.taken - 1) >= last->at(last->taken - 1)) last = &lane;
  }
  --last->taken;
  return *last;
}

// Whose the turn is. Turns lie so evenly on the line that few lie between its place and the guess.
std::size_t owner(Lanes& lanes, std::int64_t turn, std::int64_t turns) {
  const double guess = (static_cast<double>(turn) + 0.5) / static_cast<double>(turns);
  std::int64_t taken = 0;
  for (Lane& lane : lanes) {
    lane.take_until(guess);
    taken += lane.taken;
  }
  Lane* lane = nullptr;
  for (; taken <= turn; ++taken) lane = &forth(lanes);
  if (lane) return lane->place;
  for (; taken > turn; --taken) lane = &back(lanes);
  return lane->place;
}

std::int64_t whole(double weight) {
  constexpr double kMost = 1U << 20U;  // That the turns of all can be counted.
  return static_cast<std::int64_t>(std::clamp(std::round(weight), 1.0, kMost));
}

}  // namespace

std::size_t RoundRobin::pick(const Wish& wish, std::span<const Choice> choices,
                             Random& random) const {
  const Eligible eligible(choices, random);
  std::array<std::byte, 64 * sizeof(Lane)> space;
  std::pmr::monotonic_buffer_resource memory(space.data(), space.size());
  Lanes lanes(&memory);
  lanes.reserve(eligible.count());
  std::int64_t turns = 0;
  for (std::size_t place = 0; place < choices.size(); ++place) {
    if (!eligible(choices[place])) continue;
    const std::int64_t its = whole(choices[place].weight);
    const double rank = static_cast<double>(lanes.size()) + 0.5;
    lanes.push_back({.place = place,
                     .turns = its,
                     .phase = rank / static_cast<double>(eligible.count()),
                     .space = 1 / static_cast<double>(its)});
    turns += its;
  }
  const std::uint64_t turn = wish.turn % static_cast<std::uint64_t>(turns);
  return owner(lanes, static_cast<std::int64_t>(turn), turns);
}

}  // namespace sluice::routing
