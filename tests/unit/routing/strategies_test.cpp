#include "base/random.h"
#include "config/model_settings.h"
#include "routing/strategies/dice.h"
#include "routing/strategies/learned.h"
#include "routing/strategies/rendezvous.h"
#include "routing/strategies/stable_hash.h"
#include "routing/strategies/strategy_of.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

namespace sluice::routing {
namespace {

using config::StrategyKind;
using testing::ElementsAre;

constexpr StrategyKind kAll[] = {StrategyKind::Fallback,   StrategyKind::Weighted,
                                 StrategyKind::RoundRobin, StrategyKind::LeastLatency,
                                 StrategyKind::LeastBusy,  StrategyKind::Cheapest,
                                 StrategyKind::Learned};

std::vector<Choice> choices(std::size_t count) {
  std::vector<Choice> all(count);
  for (std::size_t i = 0; i < count; ++i) all[i].name = stable_hash("target" + std::to_string(i));
  return all;
}

// How often each is picked.
std::vector<int> picks(const Strategy& strategy, const std::vector<Choice>& all, int requests,
                       Wish wish = {}) {
  base::FastRandom random(1);
  std::vector<int> counts(all.size());
  for (int i = 0; i < requests; ++i) {
    ++counts[strategy.pick(wish, all, random)];
    ++wish.turn;
  }
  return counts;
}

std::vector<int> picks(StrategyKind kind, const std::vector<Choice>& all, int requests) {
  return picks(strategy_of(kind), all, requests);
}

// Of all the kinds, and of rendezvous.
std::vector<const Strategy*> strategies() {
  static const Rendezvous rendezvous;
  std::vector<const Strategy*> all{&rendezvous};
  for (const StrategyKind kind : kAll) all.push_back(&strategy_of(kind));
  return all;
}

// Of all sorts, from the same dice.
std::vector<Choice> mixture(base::FastRandom& dice) {
  std::vector<Choice> all = choices(1 + dice.next() % 12);
  for (Choice& choice : all) {
    choice.weight = static_cast<double>(dice.next() % 4);
    choice.share = dice.next() % 3 == 0 ? unit(dice.next()) * 0.99 + 0.01 : 1;
    choice.busy = static_cast<std::uint32_t>(dice.next() % 5);
    if (dice.next() % 3) choice.first_token = unit(dice.next());
    if (dice.next() % 3) choice.per_token = unit(dice.next()) / 50;
    if (dice.next() % 3) choice.cost = static_cast<std::int64_t>(dice.next() % 3);
    choice.trials = static_cast<double>(dice.next() % 40);
    choice.reward = unit(dice.next());
  }
  return all;
}

TEST(Strategies, PickTheSameFromTheSameChoicesAndDice) {
  for (const Strategy* strategy : strategies()) {
    base::FastRandom dice(5);
    for (std::uint64_t i = 0; i < 500; ++i) {
      const auto all = mixture(dice);
      const Wish wish{.turn = i, .affinity = std::nullopt};
      base::FastRandom one(i);
      base::FastRandom other(i);

      const std::size_t picked = strategy->pick(wish, all, one);

      EXPECT_LT(picked, all.size());
      EXPECT_EQ(picked, strategy->pick(wish, all, other));
    }
  }
}

TEST(Strategies, PickOfWeightZeroOnlyWhenNothingElseIsLeft) {
  for (const Strategy* strategy : strategies()) {
    base::FastRandom dice(6);
    for (std::uint64_t i = 0; i < 500; ++i) {
      const auto all = mixture(dice);

      const std::size_t picked = strategy->pick({.turn = i, .affinity = std::nullopt}, all, dice);

      const bool other = std::ranges::any_of(all, [](auto& choice) { return choice.weight > 0; });
      EXPECT_EQ(all[picked].weight > 0, other);
    }
  }
}

TEST(Strategies, GiveOneThatRecoversLittle) {
  for (const Strategy* strategy : strategies()) {
    auto all = choices(2);
    for (Choice& choice : all) {  // Nothing but their share tells them apart.
      choice.first_token = 0.3;
      choice.cost = 7;
      choice.trials = 1'000;
    }
    all[0].share = 0.1;
    const bool by_weight = strategy == &strategy_of(StrategyKind::LeastBusy);

    const auto counts = picks(*strategy, all, 20'000);

    EXPECT_LT(counts[0], 2'000 * 1.1);
    if (!by_weight) EXPECT_GT(counts[0], 800);
  }
}

TEST(Strategies, PickOneThatRecoversWhenItIsAlone) {
  for (const Strategy* strategy : strategies()) {
    auto all = choices(1);
    all[0].share = 0.01;

    EXPECT_THAT(picks(*strategy, all, 100), ElementsAre(100));
  }
}

TEST(Fallback, PicksTheFirst) {
  EXPECT_THAT(picks(StrategyKind::Fallback, choices(3), 100), ElementsAre(100, 0, 0));
}

TEST(Fallback, GivesTheRestToTheNextWhileTheFirstRecovers) {
  auto all = choices(3);
  all[0].share = 0.25;

  const auto counts = picks(StrategyKind::Fallback, all, 10'000);

  EXPECT_NEAR(counts[0], 2'500, 150);
  EXPECT_EQ(counts[1], 10'000 - counts[0]);
}

TEST(Weighted, DividesByWeightAndShare) {
  auto all = choices(3);
  all[0].weight = 6;
  all[0].share = 0.5;
  all[2].weight = 4;

  const auto counts = picks(StrategyKind::Weighted, all, 80'000);

  EXPECT_NEAR(counts[0], 30'000, 600);
  EXPECT_NEAR(counts[1], 10'000, 400);
  EXPECT_NEAR(counts[2], 40'000, 600);
}

TEST(RoundRobin, GivesEachExactlyItsWeight) {
  auto all = choices(4);
  for (std::size_t i = 0; i < all.size(); ++i) all[i].weight = 1.0 + 3.0 * i;  // 1, 4, 7, 10

  EXPECT_THAT(picks(StrategyKind::RoundRobin, all, 22 * 10), ElementsAre(10, 40, 70, 100));
}

// Who has the turns from the first on.
std::string turns(const std::vector<Choice>& all, std::uint64_t count) {
  base::FastRandom random(1);
  std::string order;
  for (std::uint64_t turn = 0; turn < count; ++turn) {
    const Wish wish{.turn = turn, .affinity = std::nullopt};
    const std::size_t picked = strategy_of(StrategyKind::RoundRobin).pick(wish, all, random);
    order += static_cast<char>('a' + picked);
  }
  return order;
}

TEST(RoundRobin, TakesEqualWeightsInTurnHoweverLarge) {
  auto all = choices(7);
  for (Choice& choice : all) choice.weight = 4'000'000'000;

  EXPECT_EQ(turns(all, 21), "abcdefgabcdefgabcdefg");
}

TEST(RoundRobin, KeepsTheTurnsOfOneApart) {
  auto all = choices(2);
  all[0].weight = 5;
  all[1].weight = 2;
  EXPECT_EQ(turns(all, 14), "aabaaabaabaaab");

  all[0].weight = 17;
  all[1].weight = 3;
  EXPECT_EQ(turns(all, 20), "aaaaabaaaaabaaaaaaba");
}

TEST(RoundRobin, GivesEachExactlyItsWeightInEveryRoundOfMany) {
  base::FastRandom dice(9);
  for (int times = 0; times < 50; ++times) {
    auto all = choices(1 + dice.next() % 100);
    int round = 0;
    for (Choice& choice : all) round += static_cast<int>(choice.weight = 1.0 + dice.next() % 9);

    const auto counts = picks(StrategyKind::RoundRobin, all, round);

    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(counts[i], all[i].weight);
  }
}

TEST(LeastLatency, PicksTheOneThatIsDoneFirst) {
  auto all = choices(2);
  all[0].first_token = 0.1;
  all[0].per_token = 0.02;
  all[1].first_token = 0.5;
  all[1].per_token = 0.01;
  const Strategy& strategy = strategy_of(StrategyKind::LeastLatency);

  EXPECT_THAT(picks(strategy, all, 100, {.output_tokens = 10, .affinity = {}}),
              ElementsAre(100, 0));
  EXPECT_THAT(picks(strategy, all, 100, {.output_tokens = 1'000, .affinity = {}}),
              ElementsAre(0, 100));
}

TEST(LeastLatency, CountsWhatItAnswersAlready) {
  auto all = choices(2);
  all[0].first_token = 0.1;
  all[0].busy = 5;
  all[1].first_token = 0.5;

  EXPECT_THAT(picks(StrategyKind::LeastLatency, all, 100), ElementsAre(0, 100));
}

TEST(LeastLatency, ComparesTwoOfMany) {
  auto all = choices(10);
  for (std::size_t i = 0; i < all.size(); ++i) all[i].first_token = 0.1 * (i + 1.0);

  const auto counts = picks(StrategyKind::LeastLatency, all, 45'000);

  // The best wins each of its pairs, 9 of 45; the worst none.
  EXPECT_NEAR(counts[0], 9'000, 400);
  EXPECT_NEAR(counts[1], 8'000, 400);
  EXPECT_EQ(counts[9], 0);
}

TEST(LeastLatency, TriesWhomNobodyKnowsButNotWithAllRequestsAtOnce) {
  auto all = choices(3);
  all[0].first_token = 0.2;
  all[1].first_token = 0.2;

  EXPECT_NEAR(picks(StrategyKind::LeastLatency, all, 3'000)[2], 2'000, 150);
  all[2].busy = 1;
  EXPECT_EQ(picks(StrategyKind::LeastLatency, all, 3'000)[2], 0);
}

TEST(LeastBusy, PicksTheOneWithTheFewestForItsWeight) {
  auto all = choices(3);
  for (Choice& choice : all) choice.busy = 3;
  all[1].weight = 2;

  EXPECT_THAT(picks(StrategyKind::LeastBusy, all, 100), ElementsAre(0, 100, 0));
  all[1].share = 0.3;
  EXPECT_THAT(picks(StrategyKind::LeastBusy, all, 100)[1], 0);
}

TEST(LeastBusy, DrawsLotsBetweenEquals) {
  auto all = choices(4);
  all[2].busy = 1;

  const auto counts = picks(StrategyKind::LeastBusy, all, 30'000);

  EXPECT_EQ(counts[2], 0);
  for (const std::size_t i : {0, 1, 3}) EXPECT_NEAR(counts[i], 10'000, 400);
}

TEST(Cheapest, PicksTheLowestCostAndTheUnknownLast) {
  auto all = choices(3);
  all[0].cost = 900;
  all[1].cost = 800;

  EXPECT_THAT(picks(StrategyKind::Cheapest, all, 100), ElementsAre(0, 100, 0));
  all[0].weight = all[1].weight = 0;
  EXPECT_THAT(picks(StrategyKind::Cheapest, all, 100), ElementsAre(0, 0, 100));
}

TEST(Cheapest, PicksTheLeastBusyOfTheEquallyCheap) {
  auto all = choices(3);
  for (Choice& choice : all) choice.cost = 0;
  all[0].busy = 2;
  all[1].busy = 1;
  all[2].busy = 1;

  const auto counts = picks(StrategyKind::Cheapest, all, 10'000);

  EXPECT_EQ(counts[0], 0);
  EXPECT_NEAR(counts[1], 5'000, 300);
}

TEST(Learned, PrefersTheBestAndExploresTheRestByItsFloor) {
  auto all = choices(4);
  for (Choice& choice : all) {
    choice.trials = 2'000;
    choice.spread = 0.3;
  }
  all[2].reward = 0.5;

  const auto counts = picks(Learned(0.08), all, 20'000);

  for (const std::size_t i : {0, 1, 3}) EXPECT_NEAR(counts[i], 20'000 * 0.08 / 4, 80);
}

TEST(Learned, PicksByHowLikelyEachIsTheBest) {
  auto all = choices(2);
  for (Choice& choice : all) {
    choice.trials = 99;
    choice.spread = 1;
  }
  // Apart by one deviation of what their means may be apart: Φ(1) = 0.841.
  all[1].reward = std::sqrt(2) / 10 * 100 / 99;

  EXPECT_NEAR(picks(Learned(0), all, 20'000)[1], 20'000 * 0.841, 300);
}

TEST(Learned, CapsThoseThatWereHardlyTried) {
  auto all = choices(3);
  all[0].trials = 500;
  all[0].spread = all[1].spread = all[2].spread = 0.5;

  const auto counts = picks(Learned(0), all, 20'000);

  EXPECT_LE(counts[1] + counts[2], 20'000 * Learned::kUntested * 1.05);
  EXPECT_GT(counts[1], 500);
}

TEST(Learned, SpreadsEvenlyWhileNothingIsKnown) {
  for (const int count : picks(Learned(0.02), choices(5), 20'000)) EXPECT_NEAR(count, 4'000, 300);
}

TEST(Dice, AreNormalWhereTheyShouldBe) {
  constexpr int kThrows = 400'000;
  base::FastRandom random(3);
  double sum = 0;
  double squares = 0;
  double fourths = 0;
  int beyond[4] = {};
  for (int i = 0; i < kThrows; ++i) {
    const double thrown = normal(random.next());
    sum += thrown;
    squares += thrown * thrown;
    fourths += std::pow(thrown, 4);
    for (int k = 0; k < 4; ++k) beyond[k] += thrown > k;
  }

  EXPECT_NEAR(sum / kThrows, 0, 0.005);
  EXPECT_NEAR(squares / kThrows, 1, 0.01);
  EXPECT_NEAR(fourths / kThrows, 3, 0.06);
  for (int k = 0; k < 4; ++k) {
    const double expected = std::erfc(k / std::sqrt(2)) / 2;
    EXPECT_NEAR(beyond[k] / double{kThrows}, expected, 0.002 + expected * 0.02) << k;
  }
}

}  // namespace
}  // namespace sluice::routing
