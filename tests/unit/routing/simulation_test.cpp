// Strategies in made-up worlds, and the figures of docs/routing_strategies.md.
#include "config/model_settings.h"
#include "routing/strategies/learned.h"
#include "routing/strategies/strategy_of.h"
#include "unit/routing/latency_world.h"
#include "unit/routing/reward_world.h"
#include "unit/routing/svg_chart.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

namespace sluice::routing {
namespace {

using config::StrategyKind;
using Points = std::vector<std::pair<double, double>>;

// Compares a figure with that in the documents, or writes it.
void expect_figure(const std::string& name, const SvgChart& chart) {
#ifdef __x86_64__  // Elsewhere numbers are rounded differently, and now and then a pick is another.
  const std::string path = std::string(SLUICE_SOURCE_DIR) + "/docs/images/" + name;
  if (std::getenv("SLUICE_UPDATE_GOLDEN")) {
    std::ofstream(path, std::ios::binary) << chart.svg();
    return;
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream drawn;
  drawn << file.rdbuf();
  EXPECT_TRUE(drawn.str() == chart.svg())
      << path << " is another figure. If this is how it should be: "
      << "SLUICE_UPDATE_GOLDEN=1 unit_routing --gtest_filter='Simulation.*'";
#endif
}

// ---------------------------------------------------------------- who is quick

constexpr LatencyWorld::Target kFast{.first_token = 0.3, .per_token = 0.008};
constexpr LatencyWorld::Target kSlow{.first_token = 1.2, .per_token = 0.024};

std::vector<double> served(StrategyKind kind, const LatencyWorld::Target& fast) {
  return LatencyWorld({fast, kSlow}, 4).serve(strategy_of(kind), 16'000);
}

double mean(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
}

TEST(Simulation, LeastLatencyAnswersSoonerThanTheOthersFromAFastAndASlowTarget) {
  const auto weighted = served(StrategyKind::Weighted, kFast);
  const auto least_busy = served(StrategyKind::LeastBusy, kFast);
  const auto least_latency = served(StrategyKind::LeastLatency, kFast);

  EXPECT_LT(mean(least_latency), 0.5 * mean(weighted));
  EXPECT_LT(mean(least_latency), 0.85 * mean(least_busy));
  for (const double q : {0.5, 0.9, 0.99}) {
    EXPECT_LT(quantile(least_latency, q), 0.9 * quantile(least_busy, q)) << q;
    EXPECT_LT(quantile(least_latency, q), 0.6 * quantile(weighted, q)) << q;
  }

  SvgChart chart("Seconds to the whole answer: one fast and one slow target",
                 {"of the requests", 0, 99, {{0, "0 %"}, {50, "50 %"}, {90, "90 %"}, {99, "99 %"}}},
                 {"seconds", 0, 30, {{0, "0"}, {10, "10"}, {20, "20"}, {30, "30"}}});
  const auto add = [&](const char* name, const std::vector<double>& seconds) {
    Points points;
    for (int percent = 0; percent <= 99; ++percent) {
      points.emplace_back(percent, std::min(quantile(seconds, percent / 100.0), 30.0));
    }
    chart.add(name, std::move(points));
  };
  add("least_latency", least_latency);
  add("least_busy", least_busy);
  add("weighted, 1 : 1", weighted);
  expect_figure("least_latency.svg", chart);
}

TEST(Simulation, LeastLatencyLeavesATargetThatSlowsDownAndComesBackToIt) {
  LatencyWorld::Target moody = kFast;
  moody.slower_from = 600;
  moody.slower_until = 900;
  moody.slower_by = 10;

  const auto weighted = served(StrategyKind::Weighted, moody);
  const auto least_busy = served(StrategyKind::LeastBusy, moody);
  const auto least_latency = served(StrategyKind::LeastLatency, moody);

  EXPECT_LT(mean(least_latency), 0.9 * mean(least_busy));
  EXPECT_LT(mean(least_latency), 0.6 * mean(weighted));
  const std::vector<double> before(least_latency.begin() + 500, least_latency.begin() + 2'300);
  const std::vector<double> after(least_latency.begin() + 5'000, least_latency.end());
  EXPECT_LT(quantile(after, 0.5), 1.1 * quantile(before, 0.5));
}

// ---------------------------------------------------------------- who is cheap

TEST(Simulation, CheapestSpendsTheLeastThatCanBeSpent) {
  struct Price {
    std::int64_t input;
    std::int64_t output;
    bool keeps_prompts;  // And sells what it kept for a tenth.
  };
  constexpr Price kPrices[] = {{2'500, 10'000, false}, {3'000, 15'000, true}, {900, 18'000, false}};
  base::FastRandom world(21);
  base::FastRandom dice(22);
  std::int64_t spent = 0;
  std::int64_t least = 0;
  std::int64_t at_one[std::size(kPrices)] = {};
  for (int i = 0; i < 20'000; ++i) {
    const auto input = static_cast<std::int64_t>(world.next() % 8'000);
    const auto output = static_cast<std::int64_t>(world.next() % 2'000);
    const bool kept = world.next() % 2 == 0;
    std::vector<Choice> choices(std::size(kPrices));
    for (std::size_t place = 0; place < choices.size(); ++place) {
      const Price& price = kPrices[place];
      const std::int64_t its_input = price.input / (kept && price.keeps_prompts ? 10 : 1);
      choices[place].cost = input * its_input + output * price.output;
      at_one[place] += choices[place].cost;
    }

    spent += choices[strategy_of(StrategyKind::Cheapest).pick({}, choices, dice)].cost;
    least += std::ranges::min(choices, {}, &Choice::cost).cost;
  }

  EXPECT_EQ(spent, least);
  for (const std::int64_t all_at_one : at_one) EXPECT_LT(spent, 0.85 * all_at_one);
}

// ---------------------------------------------------------------- who is good

constexpr int kDays = 10;  // Each with other dice.
constexpr int kRequests = 20'000;
constexpr int kStep = 500;  // Requests.

// One is good and cheap; others are better but dear, cheap but bad, slow, or fail often.
RewardWorld world_of_six() {
  return RewardWorld({{.quality = 0.62, .pico = 4'000, .seconds = 2, .failures = 0.01},
                      {.quality = 0.85, .pico = 9'000, .seconds = 3, .failures = 0.01},
                      {.quality = 0.80, .pico = 2'000, .seconds = 2.5, .failures = 0.02},
                      {.quality = 0.75, .pico = 5'000, .seconds = 6, .failures = 0.02},
                      {.quality = 0.50, .pico = 500, .seconds = 1, .failures = 0.03},
                      {.quality = 0.78, .pico = 2'500, .seconds = 1.5, .failures = 0.25}});
}

struct Course {
  Points regret;  // Up to each step: by how much always asking the best would have been better.
  Points asked;   // Within each step: the share of the best.

  double regret_at(int request) const {
    const auto step = static_cast<std::size_t>(request / kStep);
    return regret[step].second;
  }
};

// The best one fails at every other request from `bad_from` until `bad_until`.
Course course_of(const Strategy& strategy, int bad_from = kRequests, int bad_until = kRequests) {
  Course course;
  for (int step = 0; step <= kRequests / kStep; ++step) course.regret.emplace_back(step * kStep, 0);
  for (int step = 0; step < kRequests / kStep; ++step) course.asked.emplace_back(step * kStep, 0);
  for (std::uint64_t day = 0; day < kDays; ++day) {
    RewardWorld world = world_of_six();
    base::FastRandom chance(2 * day + 1);
    base::FastRandom dice(2 * day + 2);
    const std::size_t planted = world.best();
    double regret = 0;
    for (int request = 0; request < kRequests; ++request) {
      if (request == bad_from) world.targets()[planted].failures += 0.5;
      if (request == bad_until) world.targets()[planted].failures -= 0.5;
      const std::size_t asked = world.serve(strategy, chance, dice);
      regret += world.worth(world.best()) - world.worth(asked);
      const auto step = static_cast<std::size_t>(request / kStep);
      if (asked == planted) course.asked[step].second += 1.0 / kStep / kDays;
      if (request % kStep == kStep - 1) course.regret[step + 1].second += regret / kDays;
    }
  }
  return course;
}

SvgChart::Axis requests_axis() {
  return {"requests",
          0,
          kRequests,
          {{0, "0"}, {5'000, "5,000"}, {10'000, "10,000"}, {15'000, "15,000"}, {20'000, "20,000"}}};
}

TEST(Simulation, LearnedFindsThePlantedBestAndRegretsEverLess) {
  const Course learned = course_of(Learned(0.02));
  const Course greedy = course_of(EpsilonGreedy(0.1));
  const Course greedier = course_of(EpsilonGreedy(0.02));
  const Course lots = course_of(strategy_of(StrategyKind::Weighted));

  const double all = learned.regret_at(kRequests);
  EXPECT_LT(all, 0.5 * greedy.regret_at(kRequests));
  EXPECT_LT(all, 0.3 * greedier.regret_at(kRequests));
  EXPECT_LT(all, 0.07 * lots.regret_at(kRequests));
  EXPECT_LT(all - learned.regret_at(kRequests * 3 / 4), 0.6 * learned.regret_at(kRequests / 4));
  EXPECT_GT(learned.asked.back().second, 0.9);

  SvgChart chart("Regret: what the best of six targets would have been worth more", requests_axis(),
                 {"rewards", 0, 1'000, {{0, "0"}, {250, "250"}, {500, "500"}, {1'000, "1,000"}}});
  const auto add = [&](const char* name, const Course& course) {
    Points points;
    for (const auto& point : course.regret) {
      if (point.second <= 1'000) points.push_back(point);
    }
    chart.add(name, std::move(points));
  };
  add("learned, explore 0.02", learned);
  add("ε-greedy, ε = 0.1", greedy);
  add("ε-greedy, ε = 0.02", greedier);
  add("by lot (weighted)", lots);
  expect_figure("learned_regret.svg", chart);
}

TEST(Simulation, LearnedLeavesABestThatTurnsBadAndFindsItAgain) {
  constexpr int kBad = 6'000;
  constexpr int kGood = 11'000;

  const Course learned = course_of(Learned(0.02), kBad, kGood);
  const Course greedy = course_of(EpsilonGreedy(0.02), kBad, kGood);

  EXPECT_GT(learned.asked[kBad / kStep - 1].second, 0.9);
  EXPECT_LT(learned.asked[kGood / kStep - 1].second, 0.1);
  EXPECT_GT(learned.asked[16'000 / kStep].second, 0.8);
  EXPECT_LT(learned.regret_at(kRequests), greedy.regret_at(kRequests));

  SvgChart chart("Share of the best target, which fails half of the time from 6,000 to 11,000",
                 requests_axis(), {"share", 0, 1, {{0, "0"}, {0.5, "50 %"}, {1, "100 %"}}});
  chart.add("learned, explore 0.02", learned.asked);
  chart.add("ε-greedy, ε = 0.02", greedy.asked);
  expect_figure("learned_change.svg", chart);
}

}  // namespace
}  // namespace sluice::routing
