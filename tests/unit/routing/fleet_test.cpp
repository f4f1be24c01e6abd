#include "routing/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace sluice::routing {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> names(const Fleet& fleet) {
  std::vector<std::string> all;
  for (const auto& target : fleet.list()) all.push_back(target->name);
  return all;
}

TEST(Fleet, KnowsATargetAgainAndGivesItNewSettings) {
  Fleet fleet;
  const auto first = fleet.get_or_make("p/m", {}, std::nullopt);
  first->failures = 3;
  const auto again = fleet.get_or_make("p/m", {}, 5);
  EXPECT_EQ(first, again);
  EXPECT_EQ(again->failures, 3U);
  EXPECT_EQ(first->bulkhead.limit(), 5U);
}

TEST(Fleet, ListsThemByName) {
  Fleet fleet;
  const auto b = fleet.get_or_make("p/b", {}, std::nullopt);
  const auto a = fleet.get_or_make("p/a", {}, std::nullopt);
  EXPECT_THAT(names(fleet), ElementsAre("p/a", "p/b"));
}

TEST(Fleet, LetsGoOfWhatNobodyHolds) {
  Fleet fleet;
  auto target = fleet.get_or_make("p/m", {}, std::nullopt);
  target->failures = 3;
  target.reset();
  EXPECT_THAT(names(fleet), IsEmpty());
  EXPECT_EQ(fleet.get_or_make("p/m", {}, std::nullopt)->failures, 0U);
}

TEST(Fleet, GivesAllThreadsTheSame) {
  Fleet fleet;
  const auto held = fleet.get_or_make("p/m", {}, std::nullopt);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        EXPECT_EQ(fleet.get_or_make("p/m", {}, i), held);
        const auto passing = fleet.get_or_make("p/" + std::to_string(i % 7), {}, std::nullopt);
        EXPECT_GE(fleet.list().size(), 2U);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(names(fleet), ElementsAre("p/m"));
}

}  // namespace
}  // namespace sluice::routing
