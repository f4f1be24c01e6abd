#include "routing/retry_budget.h"

#include <gtest/gtest.h>

#include <deque>
#include <thread>
#include <vector>

namespace sluice::routing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RetryBudgetTest : public testing::Test {
 protected:
  void fail(int times) {
    for (int i = 0; i < times; ++i) budget_.failed(now_);
  }

  RetryBudget budget_;
  Instant now_ = Instant(std::chrono::hours(1000));
};

TEST_F(RetryBudgetTest, HoldsAHundredAtMost) {
  EXPECT_DOUBLE_EQ(budget_.credits(now_), 100);
  for (int i = 0; i < 1000; ++i) budget_.succeeded(now_);
  EXPECT_DOUBLE_EQ(budget_.credits(now_), 100);
  fail(100);
  EXPECT_FALSE(budget_.allows(now_));
}

TEST_F(RetryBudgetTest, FillsByTenASecondAndATenthForEachSuccess) {
  fail(100);
  now_ += milliseconds(500);
  EXPECT_DOUBLE_EQ(budget_.credits(now_), 5);
  for (int i = 0; i < 20; ++i) budget_.succeeded(now_);
  EXPECT_DOUBLE_EQ(budget_.credits(now_), 7);
  EXPECT_TRUE(budget_.allows(now_));
  now_ += seconds(60);
  EXPECT_DOUBLE_EQ(budget_.credits(now_), 100);
}

TEST_F(RetryBudgetTest, GoesBelowZeroForTriesThatHadBegun) {
  fail(120);
  EXPECT_DOUBLE_EQ(budget_.credits(now_), -20);
  now_ += seconds(2);
  EXPECT_FALSE(budget_.allows(now_));
  now_ += milliseconds(1);
  EXPECT_TRUE(budget_.allows(now_));
}

// Requests come at a steady rate, and every try ends after a while.
struct Simulation {
  static constexpr int kPerSecond = 2'000;
  static constexpr int kSeconds = 60;
  static constexpr Duration kLatency = milliseconds(100);

  int requests = 0;
  int second_tries = 0;
  int refused = 0;

  // Of two targets: the first fails always, the second as told. Each has its budget.
  void run(bool second_fails) {
    RetryBudget budget;
    std::deque<Instant> first_ends;
    std::deque<Instant> second_ends;
    const Instant start(std::chrono::hours(1000));
    for (int i = 0; i < kPerSecond * kSeconds; ++i) {
      const Instant now = start + i * (Duration(seconds(1)) / kPerSecond);
      ++requests;
      first_ends.push_back(now + kLatency);
      for (; first_ends.front() <= now; first_ends.pop_front()) {
        if (!budget.allows(now)) {
          ++refused;
          continue;
        }
        ++second_tries;
        second_ends.push_back(now + kLatency);
      }
      for (; !second_ends.empty() && second_ends.front() <= now; second_ends.pop_front()) {
        second_fails ? budget.failed(now) : budget.succeeded(now);
      }
    }
  }
};

TEST(RetryBudget, KeepsTheLoadOfAPoolThatFailsNearThatOfItsCallers) {
  Simulation all_fail;
  all_fail.run(true);
  EXPECT_LE(all_fail.second_tries, all_fail.requests * 2 / 100);
  EXPECT_GT(all_fail.second_tries, 10 * Simulation::kSeconds - 1);
}

TEST(RetryBudget, NeverRefusesASecondTryOfACleanTarget) {
  Simulation one_clean;
  one_clean.run(false);
  EXPECT_EQ(one_clean.refused, 0);
  EXPECT_GT(one_clean.second_tries, 119'000);
}

TEST(RetryBudget, IsSharedByThreads) {
  RetryBudget budget;
  const Instant now(std::chrono::hours(1000));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) budget.failed(now);
      for (int i = 0; i < 10'000; ++i) budget.succeeded(now);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_NEAR(budget.credits(now), 100 - 40'000 + 4'000, 101);  // Some came while it was full.
}

}  // namespace
}  // namespace sluice::routing
