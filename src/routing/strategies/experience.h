// What was seen of the targets of one group by requests of one class, and what reward that makes.
#pragma once

#include "sluice/strategy.h"

#include "routing/strategies/numbered_names.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::routing {

// How one request went.
struct Trial {
  std::int64_t cost_pico = Choice::kNoPrice;
  double seconds = 0;
  bool succeeded = true;
};

// What a reward is made of: `learned.weights` of the group.
struct RewardWeights {
  double quality = 1;
  double cost = 0.3;
  double latency = 0.2;
};

// Of numbers that weigh differently, mostly of the last kLongest of them.
struct Average {
  static constexpr double kLongest = 200;

  double weight = 0;
  double mean = 0;
  double variance = 0;

  void add(double value, double its_weight);
};

struct TargetExperience {
  std::string target = {};
  Average failures = {};  // 1 for each, 0 for each success.
  Average pico = {};      // Of successes, as the following.
  Average seconds = {};
  Average cost = {};  // From 0 to 1: see Experience.
  Average latency = {};
  Average quality = {};  // Of the rated.
};

// Costs and times are held against the reference x of the class, the mean over its targets of
// what each takes, as value / (value + x): 0 is free, 1/2 is usual, 1 is beyond all measure.
//
// The reward of a success is quality − cost − latency by their weights; where nobody rates,
// quality is 1/2. That of a failure is below that of any success: 0 for quality, 1 for the others.
//
// What was seen counts half after kHalfLife more requests of the class, whoever answered them: so
// a target that nobody picks becomes unknown again. And no more than Average::kLongest trials
// count, so that none was known too well to become so. Instead of making all that was seen lighter,
// what is seen next weighs more.
class Experience {
 public:
  static constexpr double kHalfLife = 3'000;
  // Targets beyond these are not learned of: a wildcard's are the callers' to name.
  static constexpr std::size_t kTargets = 256;

  Experience() = default;
  explicit Experience(std::vector<TargetExperience> targets);

  void tell(const RewardWeights& weights, std::span<Choice> choices) const;
  // Of one that was not seen.
  static void tell_nothing(const RewardWeights& weights, Choice& choice);

  // The number of a target, which it keeps. Nothing: there are too many.
  std::optional<std::size_t> number_of(std::string_view target);
  void observe(std::size_t number, const Trial& trial);
  void rate(std::size_t number, double score);

  // As seen now: the weights count requests. Those of whom hardly anything is left are left out.
  std::vector<TargetExperience> targets() const;

 private:
  const TargetExperience* find(std::uint64_t name, std::size_t likely) const;
  double reference(Average TargetExperience::* of) const;
  void grow();

  std::vector<TargetExperience> targets_;
  NumberedNames numbers_;
  double unit_ = 1;  // What one request weighs now.
  bool rated_ = false;
};

}  // namespace sluice::routing
