#include "routing/strategies/rendezvous.h"

#include "base/random.h"
#include "routing/strategies/stable_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace sluice::routing {
namespace {

constexpr std::size_t kUsers = 100'000;

std::vector<Choice> targets(std::size_t count) {
  std::vector<Choice> all(count);
  for (std::size_t i = 0; i < count; ++i) all[i].name = stable_hash("openai/m" + std::to_string(i));
  return all;
}

// The name of the choice of each user.
std::vector<std::uint64_t> spread(const std::vector<Choice>& all) {
  base::FastRandom random(1);
  std::vector<std::uint64_t> names(kUsers);
  for (std::size_t i = 0; i < kUsers; ++i) {
    const Wish wish{.affinity = stable_hash("user" + std::to_string(i))};
    names[i] = all[Rendezvous().pick(wish, all, random)].name;
  }
  return names;
}

std::size_t count(const std::vector<std::uint64_t>& names, std::uint64_t name) {
  return static_cast<std::size_t>(std::ranges::count(names, name));
}

TEST(StableHash, IsWhatItWas) {
  // Who changes these numbers moves every user to another target.
  EXPECT_EQ(stable_hash(""), 4967404489126020331U);
  EXPECT_EQ(stable_hash("a"), 10737772678933250893U);
  EXPECT_EQ(stable_hash("12345678"), 2598266772470926519U);
  EXPECT_EQ(stable_hash("openai/gpt-4o"), 13851737060013652196U);
  EXPECT_EQ(stable_hash(std::string(1'000, '\xff')), 10905186458163389145U);
  EXPECT_EQ(mixed(1), 4717996019076358352U);
}

TEST(StableHash, ChangesHalfOfItsBitsWithAnyBitOfTheText) {
  for (const std::size_t size : {1, 7, 8, 9, 16, 40}) {
    const std::string text(size, 'x');
    for (std::size_t bit = 0; bit < 8 * size; ++bit) {
      std::string other = text;
      other[bit / 8] ^= static_cast<char>(1U << (bit % 8));
      const int changed = std::popcount(stable_hash(text) ^ stable_hash(other));
      EXPECT_GE(changed, 12) << size << ' ' << bit;
      EXPECT_LE(changed, 52) << size << ' ' << bit;
    }
  }
}

TEST(StableHash, TellsTextsOfZerosApartByTheirLength) {
  EXPECT_NE(stable_hash(std::string(3, '\0')), stable_hash(std::string(4, '\0')));
  EXPECT_NE(stable_hash(std::string(8, '\0')), stable_hash(std::string(9, '\0')));
}

TEST(Rendezvous, PicksWhatItPicked) {
  base::FastRandom random(1);
  auto all = targets(10);
  all[3].weight = 5;
  std::string picked;
  for (std::uint64_t user = 0; user < 20; ++user) {
    picked += std::to_string(Rendezvous().pick({.affinity = user}, all, random));
  }

  EXPECT_EQ(picked, "39616337393333606734");
}

TEST(Rendezvous, SplitsACanaryToWithinChance) {
  auto all = targets(2);
  all[0].weight = 99;

  const double canary = static_cast<double>(count(spread(all), all[1].name));

  EXPECT_NEAR(canary, 1'000, 4 * std::sqrt(1'000));
}

TEST(Rendezvous, SpreadsByWeightOverMany) {
  auto all = targets(50);
  double sum = 0;
  for (std::size_t i = 0; i < all.size(); ++i) sum += all[i].weight = 1.0 + i % 5;
  const auto names = spread(all);

  for (const Choice& choice : all) {
    const double expected = kUsers * choice.weight / sum;
    EXPECT_NEAR(static_cast<double>(count(names, choice.name)), expected, 5 * std::sqrt(expected));
  }
}

TEST(Rendezvous, MovesOnlyTheUsersOfOneThatGoes) {
  auto all = targets(8);
  all[5].weight = 3;
  const auto before = spread(all);
  const std::uint64_t gone = all[5].name;
  all.erase(all.begin() + 5);

  const auto after = spread(all);

  for (std::size_t i = 0; i < kUsers; ++i) {
    if (before[i] != gone) EXPECT_EQ(before[i], after[i]);
  }
  // And these go everywhere.
  for (const Choice& choice : all) {
    const auto gained = static_cast<double>(count(after, choice.name) - count(before, choice.name));
    EXPECT_NEAR(gained, count(before, gone) / 7.0, 300);
  }
}

TEST(Rendezvous, DoesNotMindTheOrder) {
  auto all = targets(8);
  const auto before = spread(all);
  std::ranges::reverse(all);

  EXPECT_EQ(before, spread(all));
}

TEST(Rendezvous, BringsUsersBackAsTheirTargetRecovers) {
  auto all = targets(4);
  const auto home = spread(all);
  all[0].share = 0.2;
  const auto recovering = spread(all);

  std::size_t back = 0;
  for (std::size_t i = 0; i < kUsers; ++i) {
    if (home[i] != all[0].name) EXPECT_EQ(home[i], recovering[i]);
    back += recovering[i] == all[0].name;
  }
  EXPECT_NEAR(static_cast<double>(back), kUsers * 0.2 / 3.2, 400);
}

TEST(Rendezvous, GoesByWeightAndChanceForWhoeverBelongsToNobody) {
  auto all = targets(2);
  all[0].weight = 3;
  base::FastRandom random(1);
  int first = 0;
  for (int i = 0; i < 10'000; ++i) first += Rendezvous().pick({}, all, random) == 0;

  EXPECT_NEAR(first, 7'500, 200);
}

}  // namespace
}  // namespace sluice::routing
