#include "routing/latency.h"

#include "sluice/strategy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>
#include <vector>

namespace sluice::routing {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

double in_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

class LatencyTest : public testing::Test {
 protected:
  void samples(int count, Duration took) {
    for (int i = 0; i < count; ++i) latency_.first_token(took, now_);
  }

  Latency latency_;
  Instant now_ = Instant(std::chrono::hours(1000));
};

TEST_F(LatencyTest, KnowsNothingAtFirst) {
  EXPECT_EQ(latency_.first_token(now_), Choice::kUnknown);
  EXPECT_EQ(latency_.per_token(now_), Choice::kUnknown);
  EXPECT_FALSE(latency_.quantile(0.95));
}

TEST_F(LatencyTest, BelievesAPeakAtOnceAndForgetsItSlowly) {
  latency_.first_token(milliseconds(200), now_);
  EXPECT_NEAR(latency_.first_token(now_), 0.2, 1e-6);
  latency_.first_token(seconds(5), now_);
  EXPECT_NEAR(latency_.first_token(now_), 5, 1e-6);
  now_ += seconds(10);
  latency_.first_token(milliseconds(200), now_);
  EXPECT_NEAR(latency_.first_token(now_), 0.2 + 4.8 * std::exp(-1), 1e-3);
}

TEST_F(LatencyTest, AveragesWhatManySamplesSay) {
  for (int i = 0; i < 6'000; ++i) {
    latency_.finished(101, i % 2 == 0 ? seconds(1) : seconds(3), now_);
    now_ += milliseconds(10);
  }
  EXPECT_NEAR(latency_.per_token(now_), 0.02, 1e-4);
}

TEST_F(LatencyTest, TakesNoRateFromASingleToken) {
  latency_.finished(1, seconds(1), now_);
  EXPECT_EQ(latency_.per_token(now_), Choice::kUnknown);
}

TEST_F(LatencyTest, FadesWhileNothingNewComes) {
  latency_.first_token(seconds(3), now_);
  EXPECT_NEAR(latency_.first_token(now_ + seconds(10)), 3, 1e-6);
  EXPECT_NEAR(latency_.first_token(now_ + seconds(70)), 1.5, 1e-6);
  EXPECT_NEAR(latency_.first_token(now_ + seconds(130)), 1, 1e-6);
}

TEST_F(LatencyTest, TellsAQuantileOnceTwentySamplesAreThere) {
  samples(19, seconds(1));
  EXPECT_FALSE(latency_.quantile(0.5));
  samples(1, seconds(1));
  EXPECT_NEAR(in_seconds(*latency_.quantile(0.5)), 1, 0.03);
}

TEST_F(LatencyTest, FindsQuantilesWithinABucket) {
  for (int ms = 1; ms <= 1'000; ++ms) samples(1, milliseconds(ms));
  for (const double q : {0.1, 0.5, 0.9, 0.95, 0.99}) {
    EXPECT_NEAR(in_seconds(*latency_.quantile(q)), q, q * 0.05);
  }
}

TEST_F(LatencyTest, HoldsTheFastestAndTheSlowest) {
  samples(50, Duration::zero());
  EXPECT_NEAR(in_seconds(*latency_.quantile(0.5)), 0.001, 1e-4);
  samples(5'000, std::chrono::hours(1));
  EXPECT_NEAR(in_seconds(*latency_.quantile(0.5)), 600, 30);
}

TEST_F(LatencyTest, CountsWhatIsAMinuteOldHalf) {
  samples(100, seconds(1));
  now_ += minutes(1);
  samples(49, seconds(10));
  EXPECT_NEAR(in_seconds(*latency_.quantile(0.5)), 1, 0.03);  // 50 against 49.
  samples(2, seconds(10));
  EXPECT_NEAR(in_seconds(*latency_.quantile(0.5)), 10, 0.3);
}

TEST_F(LatencyTest, KeepsWhatItLearnedWhileIdle) {
  samples(100, seconds(1));
  now_ += std::chrono::hours(5);
  samples(1, seconds(10));
  EXPECT_NEAR(in_seconds(*latency_.quantile(0.9)), 1, 0.03);
}

TEST(Latency, IsSharedByThreads) {
  Latency latency;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      Instant now(std::chrono::hours(1));
      for (int i = 0; i < 5'000; ++i) {
        now += milliseconds(50);
        latency.first_token(milliseconds(100), now);
        latency.finished(11, seconds(1), now);
        if (i % 100 == 0) latency.quantile(0.95);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const Instant end = Instant(std::chrono::hours(1)) + milliseconds(250'000);
  EXPECT_NEAR(latency.first_token(end), 0.1, 1e-4);
  EXPECT_NEAR(latency.per_token(end), 0.1, 1e-4);
  EXPECT_NEAR(in_seconds(*latency.quantile(0.95)), 0.1, 0.005);
}

}  // namespace
}  // namespace sluice::routing
