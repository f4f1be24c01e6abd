#include "routing/breaker.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace sluice::routing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kMiddle = std::uint64_t{1} << 63;  // Rests are as long as configured.

config::BreakerSettings settings() {
  return {.consecutive = 5,
          .ratio = 0.5,
          .of_at_least = 20,
          .window = seconds(10),
          .rest = seconds(15),
          .slow_start = seconds(30)};
}

class BreakerTest : public testing::Test {
 protected:
  void succeed(int times = 1) {
    for (int i = 0; i < times; ++i) breaker_.succeeded(breaker_.claim(now_), now_);
  }
  void fail(int times = 1, std::uint64_t dice = kMiddle) {
    for (int i = 0; i < times; ++i) breaker_.failed(breaker_.claim(now_), now_, dice);
  }
  Standing standing() const { return breaker_.standing(now_); }
  void rest() { now_ = *breaker_.opens_again_at(); }
  Duration left() const { return *breaker_.opens_again_at() - now_; }

  Breaker breaker_{settings()};
  Instant now_ = Instant(std::chrono::hours(1000));
};

TEST_F(BreakerTest, LetsAllInWhileItIsClosed) {
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(breaker_.claim(now_));
  EXPECT_EQ(standing(), Standing::Closed);
  EXPECT_EQ(breaker_.share(now_), 1);
  EXPECT_FALSE(breaker_.opens_again_at());
}

TEST_F(BreakerTest, OpensAfterSoManyFailuresInARow) {
  fail(4);
  EXPECT_EQ(standing(), Standing::Closed);
  succeed();
  fail(4);
  EXPECT_EQ(standing(), Standing::Closed);
  fail();

  EXPECT_EQ(standing(), Standing::Open);
  EXPECT_FALSE(breaker_.claim(now_));
  EXPECT_EQ(left(), seconds(15));
  EXPECT_EQ(breaker_.times_opened(), 1U);
}

TEST_F(BreakerTest, OpensWhenThePartThatFailsIsLarge) {
  for (int i = 0; i < 9; ++i) {
    succeed();
    fail();
  }
  succeed();
  EXPECT_EQ(standing(), Standing::Closed);  // 9 of 19: too few to tell.
  fail();
  EXPECT_EQ(standing(), Standing::Open);
}

TEST_F(BreakerTest, StaysClosedBelowTheRatio) {
  for (int i = 0; i < 200; ++i) {
    succeed(2);
    fail();
    now_ += milliseconds(10);
  }
  EXPECT_EQ(standing(), Standing::Closed);
}

TEST_F(BreakerTest, ForgetsResultsThatLeftTheWindow) {
  for (int i = 0; i < 9; ++i) {
    succeed();
    fail();
  }
  now_ += seconds(11);
  succeed();
  fail(2);  // Of the window's three: with those of before they would be 11 of 21.
  EXPECT_EQ(standing(), Standing::Closed);
}

TEST_F(BreakerTest, CountsResultsOfAllSlicesOfTheWindow) {
  for (int i = 0; i < 9; ++i) {
    succeed();
    fail();
    now_ += seconds(1);
  }
  succeed();
  fail();
  EXPECT_EQ(standing(), Standing::Open);
}

TEST_F(BreakerTest, LetsOneProbeInAfterItsRest) {
  fail(5);
  now_ += seconds(15) - milliseconds(1);
  EXPECT_EQ(standing(), Standing::Open);
  EXPECT_FALSE(breaker_.claim(now_));
  now_ += milliseconds(1);
  EXPECT_EQ(standing(), Standing::HalfOpen);

  const auto probe = breaker_.claim(now_);

  EXPECT_TRUE(probe.is_probe());
  EXPECT_FALSE(breaker_.claim(now_));
  breaker_.neutral(probe);
  EXPECT_TRUE(breaker_.claim(now_));
  EXPECT_EQ(standing(), Standing::HalfOpen);
}

TEST_F(BreakerTest, ForgetsAProbeWhoseHolderVanished) {
  fail(5);
  rest();
  const auto lost = breaker_.claim(now_);
  ASSERT_TRUE(lost);
  now_ += Breaker::kClaimLasts - milliseconds(1);
  EXPECT_FALSE(breaker_.claim(now_));
  now_ += milliseconds(1);
  EXPECT_TRUE(breaker_.claim(now_));

  breaker_.neutral(lost);  // Its place is another's now.

  EXPECT_FALSE(breaker_.claim(now_));
}

TEST_F(BreakerTest, ClosesAfterTwoSuccessesAndStartsSlowly) {
  fail(5);
  rest();
  EXPECT_DOUBLE_EQ(breaker_.share(now_), 0.1);
  succeed();
  EXPECT_EQ(standing(), Standing::HalfOpen);
  succeed();

  EXPECT_EQ(standing(), Standing::Closed);
  EXPECT_DOUBLE_EQ(breaker_.share(now_), 0.1);
  EXPECT_DOUBLE_EQ(breaker_.share(now_ + seconds(15)), 0.55);
  EXPECT_DOUBLE_EQ(breaker_.share(now_ + seconds(30)), 1);
  fail(4);
  EXPECT_EQ(standing(), Standing::Closed);  // What was before it opened does not count.
}

TEST_F(BreakerTest, RestsLongerEachTimeThatNothingSucceededBetween) {
  fail(5);
  for (const int expected : {30, 60, 120, 120}) {
    rest();
    fail();
    EXPECT_EQ(left(), seconds(expected));
  }
  rest();
  succeed();
  fail();
  EXPECT_EQ(left(), seconds(15));
}

TEST_F(BreakerTest, SpreadsItsRestByTheDice) {
  fail(5, 0);
  EXPECT_EQ(left(), milliseconds(13'500));
  rest();
  succeed(2);
  fail(5, ~std::uint64_t{0});
  EXPECT_NEAR(std::chrono::duration<double>(left()).count(), 16.5, 1e-6);
}

TEST_F(BreakerTest, HearsNothingFromBeforeItOpened) {
  const auto old = breaker_.claim(now_);
  fail(5);
  rest();
  const auto probe = breaker_.claim(now_);

  breaker_.failed(old, now_, kMiddle);
  EXPECT_EQ(standing(), Standing::HalfOpen);
  breaker_.succeeded(old, now_);
  breaker_.succeeded(probe, now_);
  EXPECT_EQ(standing(), Standing::HalfOpen);  // One of two.
}

TEST_F(BreakerTest, BelievesASuccessAgainstItsRefusal) {
  fail(5);
  const auto refused = breaker_.claim(now_);
  ASSERT_FALSE(refused);

  breaker_.failed(refused, now_, kMiddle);
  EXPECT_EQ(left(), seconds(15));
  breaker_.succeeded(refused, now_);

  EXPECT_EQ(standing(), Standing::HalfOpen);
}

TEST_F(BreakerTest, ComesBackSoonerWhenAProbeOfOursSucceeds) {
  breaker_.report_probe(true, now_, kMiddle);
  EXPECT_EQ(standing(), Standing::Closed);
  fail(5);
  breaker_.report_probe(false, now_, kMiddle);
  EXPECT_EQ(left(), seconds(15));
  breaker_.report_probe(true, now_, kMiddle);
  EXPECT_EQ(standing(), Standing::HalfOpen);
  breaker_.report_probe(true, now_, kMiddle);
  breaker_.report_probe(true, now_, kMiddle);
  EXPECT_EQ(standing(), Standing::HalfOpen);  // Only real requests show that it works.
  breaker_.report_probe(false, now_, kMiddle);
  EXPECT_EQ(standing(), Standing::Open);
}

TEST_F(BreakerTest, OpensWhenProbesOfOursFail) {
  for (int i = 0; i < 5; ++i) breaker_.report_probe(false, now_, kMiddle);
  EXPECT_EQ(standing(), Standing::Open);
}

TEST_F(BreakerTest, KeepsItsStandingUnderNewSettings) {
  fail(4);
  config::BreakerSettings stricter = settings();
  stricter.consecutive = 2;
  stricter.rest = seconds(1);
  breaker_.apply(stricter);
  fail();
  EXPECT_EQ(left(), seconds(1));
  breaker_.apply(settings());
  EXPECT_EQ(standing(), Standing::Open);
}

TEST(Breaker, IsSharedByThreads) {
  config::BreakerSettings quick = settings();
  quick.rest = milliseconds(1);
  quick.window = milliseconds(10);
  Breaker breaker(quick);
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    threads.emplace_back([&, seed] {
      Instant now(std::chrono::hours(1));
      std::uint64_t dice = seed;
      for (int i = 0; i < 20'000; ++i) {
        dice = dice * 6364136223846793005ULL + 1442695040888963407ULL;
        now += std::chrono::microseconds(20);
        const auto claim = breaker.claim(now);
        if (!claim) continue;
        if (dice >> 62 != 0) {
          breaker.failed(claim, now, dice);
        } else {
          breaker.succeeded(claim, now);
        }
        EXPECT_GT(breaker.share(now), 0);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_GT(breaker.times_opened(), 0U);

  // Still in order: enough successes close it.
  Instant later(std::chrono::hours(2));
  while (breaker.standing(later) != Standing::Closed)
    breaker.succeeded(breaker.claim(later), later);
  EXPECT_TRUE(breaker.claim(later));
}

}  // namespace
}  // namespace sluice::routing
