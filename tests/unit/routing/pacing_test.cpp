#include "routing/pacing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <thread>
#include <vector>

namespace sluice::routing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Instant kStart{hours(1)};
constexpr Duration kFar = hours(2);

// 90 of 100 used, and no bucket of a minute or a day would be full in 20 s.
constexpr RateLimit kLowWindow{.limit = 100, .remaining = 10, .reset_in = seconds(20)};

TEST(Gauge, LetsAllGoWhileNothingWasTold) {
  Gauge gauge;

  EXPECT_FALSE(gauge.known());
  EXPECT_EQ(gauge.take(1'000'000, 0, kStart, kStart), kStart);
}

TEST(Gauge, LetsAllGoWhileMoreThanATenthIsLeft) {
  Gauge gauge;
  gauge.told({.limit = 100, .remaining = 15, .reset_in = seconds(20)}, 7, kStart);

  for (std::uint64_t begun = 7; begun < 12; ++begun) {
    EXPECT_EQ(gauge.take(1, begun, kStart, kStart), kStart) << begun;
  }
  EXPECT_EQ(gauge.take(1, 12, kStart, kStart), kStart) << "the first of the last tenth";
  EXPECT_EQ(gauge.take(1, 13, kStart, kStart), std::nullopt);
}

TEST(Gauge, SpreadsTheLastTenthOverTheTimeLeft) {
  Gauge gauge;
  gauge.told(kLowWindow, 0, kStart);

  EXPECT_EQ(gauge.take(1, 0, kStart, kStart), kStart);
  EXPECT_EQ(gauge.slot(1, 1, kStart), kStart + seconds(2));
  EXPECT_EQ(gauge.take(1, 1, kStart, kStart + milliseconds(1999)), std::nullopt);
  EXPECT_EQ(gauge.take(1, 1, kStart, kStart + seconds(2)), kStart + seconds(2));
  EXPECT_GT(gauge.slot(1, 2, kStart), kStart + seconds(4));
}

TEST(Gauge, WaitsForTheResetWhenNoneIsLeft) {
  Gauge gauge;
  gauge.told({.limit = 100, .remaining = 0, .reset_in = seconds(20)}, 0, kStart);

  EXPECT_EQ(gauge.slot(1, 0, kStart), kStart + seconds(20));
  EXPECT_EQ(gauge.slot(1, 0, kStart + seconds(19)), kStart + seconds(20));
  EXPECT_EQ(gauge.slot(1, 50, kStart + seconds(20)), kStart + seconds(20));
}

TEST(Gauge, SubtractsWhatWasBegunSinceTheAnsweredRequest) {
  Gauge gauge;
  gauge.told(kLowWindow, 5, kStart);

  EXPECT_EQ(gauge.slot(1, 15, kStart), kStart + seconds(20)) << "ten were begun since";
}

TEST(Gauge, TakesASteadyBucketAtThePaceAtWhichItFills) {
  Gauge gauge;
  // 600 a minute: after 570 it takes 57 s to be full.
  gauge.told({.limit = 600, .remaining = 30, .reset_in = seconds(57)}, 0, kStart);

  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(gauge.take(1, static_cast<std::uint64_t>(i), kStart, kStart + kFar),
              kStart + milliseconds(100) * i);
  }
}

TEST(Gauge, WaitsForTheNextOfASteadyBucketThatIsEmptyNotForAllOfThem) {
  Gauge gauge;
  gauge.told({.limit = 3, .remaining = 0, .reset_in = seconds(60)}, 0, kStart);

  EXPECT_EQ(gauge.take(1, 0, kStart, kStart + kFar), kStart + seconds(20));
  EXPECT_EQ(gauge.take(1, 1, kStart, kStart + kFar), kStart + seconds(40));
}

TEST(Gauge, KnowsABucketOfADay) {
  Gauge gauge;
  gauge.told({.limit = 1440, .remaining = 0, .reset_in = hours(24)}, 0, kStart);

  EXPECT_EQ(gauge.slot(1, 0, kStart), kStart + seconds(60));
}

TEST(Gauge, WeighsAmounts) {
  Gauge gauge;
  gauge.told({.limit = 1000, .remaining = 100, .reset_in = seconds(20)}, 0, kStart);

  EXPECT_EQ(gauge.slot(101, 0, kStart), kStart + seconds(20)) << "more than is left";
  EXPECT_EQ(gauge.slot(5000, 0, kStart), kStart + seconds(20)) << "more than there ever is";
  EXPECT_EQ(gauge.take(50, 0, kStart, kStart), kStart);
  EXPECT_EQ(gauge.slot(1, 50, kStart), kStart + seconds(10)) << "half of it took half of the time";
}

TEST(Gauge, AsksForAmountsThatAreNotLeftEvenFarAboveTheLastTenth) {
  Gauge gauge;
  gauge.told({.limit = 1000, .remaining = 500, .reset_in = seconds(10)}, 0, kStart);

  EXPECT_EQ(gauge.slot(500, 0, kStart), kStart);
  EXPECT_EQ(gauge.slot(501, 0, kStart), kStart + seconds(10));
}

TEST(Gauge, BelievesTheNewestRequestNotTheLastAnswer) {
  Gauge gauge;
  gauge.told(kLowWindow, 8, kStart);
  gauge.told({.limit = 100, .remaining = 90, .reset_in = seconds(20)}, 7, kStart);

  gauge.take(1, 8, kStart, kStart);
  EXPECT_EQ(gauge.slot(1, 9, kStart), kStart + seconds(2));
}

TEST(Gauge, ForgetsThePaceWhenThereIsPlentyAgain) {
  Gauge gauge;
  gauge.told(kLowWindow, 0, kStart);
  gauge.take(1, 0, kStart, kStart);
  gauge.told({.limit = 100, .remaining = 50, .reset_in = seconds(20)}, 1, kStart);

  EXPECT_EQ(gauge.slot(1, 1, kStart), kStart);
}

TEST(Gauge, GivesEachOfManyThreadsASlotOfItsOwn) {
  Gauge gauge;
  gauge.told({.limit = 6000, .remaining = 0, .reset_in = seconds(60)}, 0, kStart);
  std::vector<std::vector<Instant>> slots(4);

  {
    std::vector<std::jthread> threads;
    for (auto& mine : slots) {
      threads.emplace_back([&gauge, &mine] {
        for (int i = 0; i < 500; ++i) mine.push_back(*gauge.take(1, 0, kStart, kStart + kFar));
      });
    }
  }

  std::vector<Instant> all;
  for (const auto& mine : slots) all.insert(all.end(), mine.begin(), mine.end());
  std::ranges::sort(all);
  EXPECT_TRUE(std::ranges::adjacent_find(all) == all.end());
  EXPECT_EQ(all.back(), kStart + milliseconds(10) * 2000);
}

TEST(Pace, WaitsForWhicheverLimitIsLater) {
  Pace pace;
  const RateState state{.requests = kLowWindow,
                        .tokens = RateLimit{.limit = 1000, .remaining = 0, .reset_in = seconds(9)}};
  pace.told(state, {}, kStart);

  EXPECT_EQ(pace.slot(10, kStart), kStart + seconds(9));
  EXPECT_FALSE(pace.begin(10, kStart, kStart + seconds(8)));
  EXPECT_EQ(pace.begin(10, kStart, kStart + seconds(9))->at, kStart + seconds(9));
}

TEST(Pace, CountsFromTheFirstTellingOn) {
  Pace pace;
  EXPECT_EQ(pace.begin(10, kStart, kStart)->turn.requests, 0U);

  pace.told({.requests = kLowWindow, .tokens = std::nullopt}, {}, kStart);

  const auto begun = pace.begin(10, kStart, kStart);
  EXPECT_EQ(begun->turn.requests, 1U);
  EXPECT_EQ(begun->turn.tokens, 10U);
}

TEST(Pace, IsNotHeldUpByOneWhoAsksForTheMoon) {
  const RateLimit plenty{.limit = 60'000, .remaining = 60'000, .reset_in = seconds(0)};
  const RateLimit steady{.limit = 60'000, .remaining = 30'000, .reset_in = seconds(30)};
  Pace pace;
  pace.told({.requests = std::nullopt, .tokens = plenty}, {}, kStart);
  pace.told({.requests = std::nullopt, .tokens = steady}, {}, kStart);

  const auto moon = pace.begin(std::uint64_t{1} << 62, kStart, kStart + kFar);
  ASSERT_TRUE(moon);
  EXPECT_EQ(moon->at, kStart + seconds(30)) << "a full bucket is all that it can want";
  EXPECT_LE(pace.slot(100, kStart), kStart + seconds(91));

  pace.give_back(moon->turn);
  EXPECT_EQ(pace.slot(100, kStart), kStart) << "the provider refused it at once";
}

TEST(Pace, GivesNothingBackThatANewerAnswerKnowsOf) {
  const RateLimit window{.limit = 1000, .remaining = 200, .reset_in = seconds(9)};
  Pace pace;
  pace.told({.requests = std::nullopt, .tokens = window}, {}, kStart);
  const auto one = pace.begin(50, kStart, kStart);
  const auto two = pace.begin(50, kStart, kStart);
  pace.told({.requests = std::nullopt, .tokens = window}, two->turn, kStart);

  pace.give_back(one->turn);

  EXPECT_EQ(pace.slot(200, kStart), kStart);
  EXPECT_EQ(pace.slot(201, kStart), kStart + seconds(9));
}

// A provider with a limit, asked by callers who always want more than it grants.
class Rush {
 public:
  explicit Rush(std::uint64_t limit) : limit_(limit), left_(static_cast<double>(limit)) {}

  int answered = 0;
  int refused = 0;

  // Twenty are wanted a second; heads come half a second after the request.
  void run(bool steady, Duration time) {
    for (Instant now = kStart; now < kStart + time; now += milliseconds(50)) {
      refill(steady, now);
      while (!heads_.empty() && heads_.front().at <= now) {
        pace_.told(heads_.front().state, heads_.front().turn, now);
        heads_.pop_front();
      }
      if (const auto begun = pace_.begin(100, now, now)) ask(begun->turn, steady, now);
    }
  }

 private:
  struct Head {
    RateState state;
    Turn turn;
    Instant at;
  };

  void refill(bool steady, Instant now) {
    const auto whole = static_cast<double>(limit_);
    if (steady) {
      left_ = std::min(whole, left_ + whole * 50 / 60'000);
    } else if (now >= window_ends_) {
      left_ = whole;
      window_ends_ = now + seconds(60);
    }
  }
  void ask(const Turn& turn, bool steady, Instant now) {
    if (left_ < 1) {
      ++refused;
      return;
    }
    left_ -= 1;
    ++answered;
    const auto used = static_cast<double>(limit_) - left_;
    const Duration full_in(static_cast<std::int64_t>(used / static_cast<double>(limit_) * 60e9));
    const RateLimit limit{.limit = limit_,
                          .remaining = static_cast<std::uint64_t>(left_),
                          .reset_in = steady ? full_in : window_ends_ - now};
    heads_.push_back({{.requests = limit, .tokens = std::nullopt}, turn, now + milliseconds(500)});
  }

  Pace pace_;
  std::uint64_t limit_;
  double left_;
  Instant window_ends_{};
  std::deque<Head> heads_;
};

TEST(Pace, StaysBelowASteadyBucketsLimitAndUsesIt) {
  Rush rush(300);

  rush.run(true, seconds(600));

  EXPECT_EQ(rush.refused, 0);
  EXPECT_GT(rush.answered, 3000 * 97 / 100);
}

TEST(Pace, StaysBelowTheLimitOfAWindowAndUsesIt) {
  Rush rush(300);

  rush.run(false, seconds(600));

  EXPECT_EQ(rush.refused, 0);
  EXPECT_GT(rush.answered, 3000 * 97 / 100);
}

}  // namespace
}  // namespace sluice::routing
