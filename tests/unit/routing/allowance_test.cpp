#include "routing/allowance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace sluice::routing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const Instant kStart{hours(1)};

int taken_at(Allowance& allowance, Instant now) {
  int taken = 0;
  while (taken < 10'000 && !allowance.take(1, 0, now)) ++taken;
  return taken;
}

TEST(Allowance, GrantsEverythingWhereNothingIsLimited) {
  Allowance allowance(std::nullopt, std::nullopt);

  EXPECT_EQ(allowance.take(1'000'000'000, 1'000'000'000, kStart), std::nullopt);
}

TEST(Allowance, GrantsASixthOfAMinuteAtOnceAndThenAsItComes) {
  Allowance allowance(600, std::nullopt);

  EXPECT_EQ(taken_at(allowance, kStart), 100);
  EXPECT_EQ(allowance.take(1, 0, kStart), milliseconds(100));
  EXPECT_EQ(allowance.take(1, 0, kStart + milliseconds(60)), milliseconds(40));
  EXPECT_EQ(taken_at(allowance, kStart + milliseconds(100)), 1);
  EXPECT_EQ(taken_at(allowance, kStart + seconds(1)), 9);
  EXPECT_EQ(taken_at(allowance, kStart + hours(1)), 100) << "no more is saved up";
}

TEST(Allowance, GrantsTheWholeBurstOfAnAmountThatDivides60SecondsBadly) {
  for (const int per_minute : {7, 66, 700, 4'201, 59'999}) {
    Allowance allowance(static_cast<std::uint64_t>(per_minute), std::nullopt);
    EXPECT_EQ(taken_at(allowance, kStart), std::max(per_minute / 6, 1)) << per_minute;
  }
}

TEST(Allowance, GrantsAtLeastOneHoweverSlow) {
  Allowance allowance(2, std::nullopt);

  EXPECT_EQ(taken_at(allowance, kStart), 1);
  EXPECT_EQ(allowance.take(1, 0, kStart), seconds(30));
  EXPECT_EQ(taken_at(allowance, kStart + seconds(30)), 1);
}

TEST(Allowance, KeepsToTheMinutesAmountWhateverTheHurry) {
  Allowance allowance(600, std::nullopt);
  int taken = 0;

  for (Instant now = kStart; now < kStart + minutes(10); now += milliseconds(7)) {
    taken += allowance.take(1, 0, now) ? 0 : 1;
  }

  EXPECT_LE(taken, 6000 + 100);
  EXPECT_GE(taken, 6000);
}

TEST(Allowance, TakesBothOrNeither) {
  Allowance allowance(60, 6000);  // 10 requests, 1000 tokens.

  EXPECT_EQ(allowance.take(1, 1000, kStart), std::nullopt);
  EXPECT_EQ(allowance.take(1, 100, kStart), seconds(1));
  EXPECT_EQ(allowance.take(9, 0, kStart), std::nullopt) << "the refused one took no request";
  EXPECT_EQ(allowance.take(1, 0, kStart), seconds(1));
}

TEST(Allowance, GivesBackWhatWasNotUsedAndChargesWhatWasUsedMore) {
  Allowance allowance(std::nullopt, 6000);  // 1000 at once, 100 a second.
  ASSERT_EQ(allowance.take(1, 1000, kStart), std::nullopt);

  allowance.settle(1000, 400, kStart);
  EXPECT_EQ(allowance.take(1, 600, kStart), std::nullopt);

  allowance.settle(600, 900, kStart);
  EXPECT_EQ(allowance.take(1, 100, kStart), seconds(4));
}

TEST(Allowance, NeverSavesUpMoreThanTheBucketByGivingBack) {
  Allowance allowance(std::nullopt, 6000);
  ASSERT_EQ(allowance.take(1, 1000, kStart), std::nullopt);

  allowance.settle(1000, 0, kStart + hours(1));

  EXPECT_EQ(allowance.take(1, 1000, kStart + hours(1)), std::nullopt);
  EXPECT_TRUE(allowance.take(1, 1, kStart + hours(1)));
}

TEST(Allowance, GrantsWhatIsLargerThanTheBucketWhenItIsFullAndThenNothingForLong) {
  Allowance allowance(std::nullopt, 6000);
  ASSERT_EQ(allowance.take(1, 5000, kStart), std::nullopt);

  EXPECT_EQ(allowance.take(1, 5000, kStart), seconds(50));
  EXPECT_EQ(allowance.take(1, 1000, kStart), seconds(50));
  EXPECT_EQ(allowance.take(1, 1, kStart), milliseconds(40'010));
}

TEST(Allowance, GrantsNoMoreToManyThreads) {
  Allowance allowance(60'000, std::nullopt);
  std::atomic<int> taken = 0;

  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 5'000; ++j) taken += allowance.take(1, 0, kStart) ? 0 : 1;
      });
    }
  }

  EXPECT_EQ(taken, 10'000);
}

}  // namespace
}  // namespace sluice::routing
