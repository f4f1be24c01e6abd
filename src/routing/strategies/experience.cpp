#include "routing/strategies/experience.h"

#include "routing/strategies/stable_hash.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sluice::routing {
namespace {

constexpr std::array kAverages = {&TargetExperience::failures, &TargetExperience::pico,
                                  &TargetExperience::seconds,  &TargetExperience::cost,
                                  &TargetExperience::latency,  &TargetExperience::quality};

// What is believed before anything is seen, and how many requests that counts for.
constexpr double kUsual = 0.5;
constexpr double kDeviation = 0.25;  // Of the sum of the weights.
constexpr double kBelievedTrials = 4;
constexpr double kRatingVariance = 1.0 / 12;  // That of ratings which may be anything.
constexpr double kBelievedRatings = 2;

constexpr double kForgotten = 0.01;  // Requests.

double squared(double number) {
  return number * number;
}

double deviation(const RewardWeights& weights) {
  return kDeviation * (weights.quality + weights.cost + weights.latency);
}

double held_against(double reference, double value) {
  const double sum = value + reference;
  return sum > 0 ? value / sum : kUsual;
}

double mean_of(const Average& average) {
  return average.weight > 0 ? average.mean : kUsual;
}

void scale(TargetExperience& seen, double factor) {
  for (const auto average : kAverages) (seen.*average).weight *= factor;
}

// What makes choices of what was seen; the same for all targets of a class.
class Telling {
 public:
  Telling(const RewardWeights& weights, double unit_scale, bool rated)
      : weights_(weights),
        failure_(-weights.cost - weights.latency),
        believed_variance_(squared(deviation(weights))),
        unit_scale_(unit_scale),
        rated_(rated) {}

  // Ratings are rarer than requests. What is unsure about their mean is added to what is unsure
  // about the mean of the rest, as though it came from single rewards.
  void of(const TargetExperience& seen, Choice& choice) const {
    const double trials = seen.failures.weight * unit_scale_;
    const double believed = rated_ ? believed_of(seen.quality) : 1;
    const double quality = seen.quality.mean + believed * (kUsual - seen.quality.mean);
    const double success = weights_.quality * quality - weights_.cost * mean_of(seen.cost) -
                           weights_.latency * mean_of(seen.latency);
    const double failing = seen.failures.mean;

    double variance = (1 - failing) * (squared(weights_.cost) * seen.cost.variance +
                                       squared(weights_.latency) * seen.latency.variance) +
                      failing * (1 - failing) * squared(success - failure_);
    variance =
        (trials * variance + kBelievedTrials * believed_variance_) / (trials + kBelievedTrials);
    if (rated_) {
      const double of_rating =
          seen.quality.variance + believed * (kRatingVariance - seen.quality.variance);
      variance += (trials + 1) * squared((1 - failing) * weights_.quality) * of_rating *
                  (believed / kBelievedRatings);
    }

    choice.trials = trials;
    choice.reward = success + failing * (failure_ - success);
    choice.spread = std::sqrt(variance);
  }

 private:
  // The part of what is believed before anything is seen.
  double believed_of(const Average& ratings) const {
    return kBelievedRatings / (ratings.weight * unit_scale_ + kBelievedRatings);
  }

  const RewardWeights weights_;
  const double failure_;  // The reward of one.
  const double believed_variance_;
  const double unit_scale_;
  const bool rated_;  // Any target was.
};

}  // namespace

void Average::add(double value, double its_weight) {
  weight = std::min(weight + its_weight, kLongest * its_weight);
  const double part = its_weight / weight;
  const double off = value - mean;
  mean += part * off;
  variance = (1 - part) * (variance + part * squared(off));
}

Experience::Experience(std::vector<TargetExperience> targets) {
  for (TargetExperience& target : targets) {
    const auto number = number_of(target.target);
    if (!number) return;
    rated_ = rated_ || target.quality.weight > 0;
    targets_[*number] = std::move(target);
  }
}

std::optional<std::size_t> Experience::number_of(std::string_view target) {
  const std::uint64_t name = stable_hash(target);
  if (const auto known = numbers_.find(name)) return known;
  if (targets_.size() == kTargets) return std::nullopt;
  targets_.push_back({.target = std::string(target)});
  return numbers_.add(name);
}

const TargetExperience* Experience::find(std::uint64_t name, std::size_t likely) const {
  if (numbers_.is(likely, name)) return &targets_[likely];
  const auto known = numbers_.find(name);
  return known ? &targets_[*known] : nullptr;
}

void Experience::tell(const RewardWeights& weights, std::span<Choice> choices) const {
  const Telling telling(weights, 1 / unit_, rated_);
  for (std::size_t place = 0; place < choices.size(); ++place) {
    Choice& choice = choices[place];
    const TargetExperience* seen = find(choice.name, place);
    if (seen && seen->failures.weight >= kForgotten * unit_) {
      telling.of(*seen, choice);
    } else {
      tell_nothing(weights, choice);
    }
  }
}

void Experience::tell_nothing(const RewardWeights& weights, Choice& choice) {
  choice.trials = 0;
  choice.reward = 0;
  choice.spread = deviation(weights);
}

void Experience::observe(std::size_t number, const Trial& trial) {
  grow();
  TargetExperience& seen = targets_[number];
  seen.failures.add(trial.succeeded ? 0 : 1, unit_);
  // How soon and how cheaply one fails is no merit.
  if (!trial.succeeded) return;
  if (trial.cost_pico >= 0) {
    const auto pico = static_cast<double>(trial.cost_pico);
    seen.pico.add(pico, unit_);
    seen.cost.add(held_against(reference(&TargetExperience::pico), pico), unit_);
  }
  seen.seconds.add(trial.seconds, unit_);
  seen.latency.add(held_against(reference(&TargetExperience::seconds), trial.seconds), unit_);
}

void Experience::rate(std::size_t number, double score) {
  targets_[number].quality.add(score, unit_);
  rated_ = true;
}

// Of each target once, however much it is used: else all would seem dear once the cheap one is
// known.
double Experience::reference(Average TargetExperience::* of) const {
  double sum = 0;
  double count = 0;
  for (const TargetExperience& target : targets_) {
    if ((target.*of).weight <= 0) continue;
    sum += (target.*of).mean;
    ++count;
  }
  return count > 0 ? sum / count : 0;
}

void Experience::grow() {
  static const double kGrowth = std::exp2(1 / kHalfLife);
  constexpr double kLargest = 1e9;
  unit_ *= kGrowth;
  if (unit_ < kLargest) return;
  for (TargetExperience& target : targets_) scale(target, 1 / unit_);
  unit_ = 1;
}

std::vector<TargetExperience> Experience::targets() const {
  std::vector<TargetExperience> now;
  for (const TargetExperience& target : targets_) {
    const double most = std::max(target.failures.weight, target.quality.weight);
    if (most < kForgotten * unit_) continue;
    now.push_back(target);
    scale(now.back(), 1 / unit_);
  }
  return now;
}

}  // namespace sluice::routing
