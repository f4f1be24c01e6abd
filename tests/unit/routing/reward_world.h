// Targets that differ in how good, dear, slow and reliable they are, and requests of which a few
// are rated. Whoever routes sees nothing of that but what Learning tells.
#pragma once

#include "base/random.h"
#include "routing/learning.h"
#include "routing/strategies/dice.h"
#include "routing/strategies/stable_hash.h"
#include "support/fake_clock.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace sluice::routing {

class RewardWorld {
 public:
  struct Target {
    double quality;   // The mean of its ratings.
    double pico;      // Of cost, on the average.
    double seconds;   // On the average.
    double failures;  // Of all its requests.
  };

  explicit RewardWorld(std::vector<Target> targets) : targets_(std::move(targets)) {}

  std::vector<Target>& targets() { return targets_; }

  // What a request to it is worth.
  double worth(std::size_t place) const {
    double pico = 0;
    double seconds = 0;
    for (const Target& target : targets_) {
      pico += target.pico / static_cast<double>(targets_.size());
      seconds += target.seconds / static_cast<double>(targets_.size());
    }
    const Target& its = targets_[place];
    const double success = weights_.quality * its.quality -
                           weights_.cost * its.pico / (its.pico + pico) -
                           weights_.latency * its.seconds / (its.seconds + seconds);
    return its.failures * (-weights_.cost - weights_.latency) + (1 - its.failures) * success;
  }

  std::size_t best() const {
    std::size_t best = 0;
    for (std::size_t i = 1; i < targets_.size(); ++i) {
      if (worth(i) > worth(best)) best = i;
    }
    return best;
  }

  // Sends the next request; returns who answered it.
  std::size_t serve(const Strategy& strategy, base::FastRandom& world, base::FastRandom& dice) {
    std::vector<Choice> choices(targets_.size());
    for (std::size_t i = 0; i < choices.size(); ++i) choices[i].name = stable_hash(name(i));
    learning_.tell("group", "", weights_, choices);
    const std::size_t place = strategy.pick({.turn = turn_, .affinity = {}}, choices, dice);

    const Target& its = targets_[place];
    const double size = 0.25 + 1.5 * unit(world.next());
    const bool succeeded = unit(world.next()) >= its.failures;
    learning_.observe("group", "", name(place),
                      {.cost_pico = static_cast<std::int64_t>(its.pico * size),
                       .seconds = its.seconds * size,
                       .succeeded = succeeded});
    const std::string request = std::to_string(turn_++);
    learning_.remember(request, "group", "", name(place));
    if (succeeded && unit(world.next()) < kRated) {
      const double score = its.quality + 0.4 * (unit(world.next()) - 0.5);
      learning_.feedback(request, std::clamp(score, 0.0, 1.0));
    }
    return place;
  }

 private:
  static constexpr double kRated = 0.1;

  static std::string name(std::size_t place) { return "target/" + std::to_string(place); }

  std::vector<Target> targets_;
  RewardWeights weights_;
  FakeClock clock_;
  Learning learning_{clock_};
  std::uint64_t turn_ = 0;
};

// The one of the best mean, but `explore` of the time one by lot.
class EpsilonGreedy final : public Strategy {
 public:
  explicit EpsilonGreedy(double explore) : explore_(explore) {}
  std::size_t pick(const Wish&, std::span<const Choice> choices, Random& random) const override {
    if (unit(random.next()) < explore_) return below(random.next(), choices.size());
    std::size_t best = 0;
    for (std::size_t i = 1; i < choices.size(); ++i) {
      if (choices[i].reward > choices[best].reward) best = i;
    }
    return best;
  }

 private:
  double explore_;
};

}  // namespace sluice::routing
