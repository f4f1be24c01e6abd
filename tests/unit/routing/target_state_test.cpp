#include "routing/target_state.h"

#include "sluice/strategy.h"

#include <gtest/gtest.h>

namespace sluice::routing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class EngagementTest : public testing::Test {
 protected:
  Engagement begin(bool second = false) {
    Engagement engagement(target_, target_->breaker.claim(now_));
    engagement.second(second);
    return engagement;
  }
  void open() {
    for (int i = 0; i < 5; ++i) begin().failed(now_, 0);
    now_ = *target_->breaker.opens_again_at();
  }

  std::shared_ptr<TargetState> target_ =
      std::make_shared<TargetState>("p/m", config::BreakerSettings{}, 2);
  Instant now_ = Instant(std::chrono::hours(1000));
};

TEST_F(EngagementTest, IsBusyUntilItEnds) {
  {
    const Engagement first = begin();
    Engagement second = begin();
    EXPECT_EQ(target_->busy, 2U);
    const Engagement moved = std::move(second);
    EXPECT_EQ(target_->busy, 2U);
    EXPECT_FALSE(second);
  }
  EXPECT_EQ(target_->busy, 0U);
  EXPECT_EQ(target_->requests, 2U);
}

TEST_F(EngagementTest, EndsWhatItReplaces) {
  Engagement engagement = begin();
  engagement = begin();
  EXPECT_EQ(target_->busy, 1U);
  engagement = {};
  EXPECT_EQ(target_->busy, 0U);
}

TEST_F(EngagementTest, CountsWhatItWasTold) {
  begin().answered(now_);
  begin().failed(now_, 0);
  begin().neutral();
  begin();
  EXPECT_EQ(target_->successes, 1U);
  EXPECT_EQ(target_->failures, 1U);
  EXPECT_EQ(target_->requests, 4U);
}

TEST_F(EngagementTest, HoldsToWhatItWasToldFirst) {
  Engagement engagement = begin();
  engagement.answered(now_);
  engagement.failed(now_, 0);
  EXPECT_TRUE(engagement.is_told());
  EXPECT_EQ(target_->successes, 1U);
  EXPECT_EQ(target_->failures, 0U);
}

TEST_F(EngagementTest, GivesAProbesPlaceBackWhenItIsToldNothing) {
  open();
  {
    const Engagement probe = begin();
    EXPECT_FALSE(target_->breaker.claim(now_));
  }
  EXPECT_TRUE(target_->breaker.claim(now_));
}

TEST_F(EngagementTest, LetsTheBreakerOpenAndClose) {
  open();
  EXPECT_EQ(target_->breaker.standing(now_), Standing::HalfOpen);
  begin().answered(now_);
  begin().answered(now_);
  EXPECT_EQ(target_->breaker.standing(now_), Standing::Closed);
}

TEST_F(EngagementTest, ChargesSecondTriesThatFail) {
  begin().failed(now_, 0);
  begin(true).answered(now_);
  begin(true).neutral();
  EXPECT_DOUBLE_EQ(target_->retries.credits(now_), 100);
  begin(true).failed(now_, 0);
  EXPECT_DOUBLE_EQ(target_->retries.credits(now_), 99);
  begin().answered(now_);
  EXPECT_NEAR(target_->retries.credits(now_), 99.1, 1e-9);
}

TEST_F(EngagementTest, GivesItsSlotBack) {
  {
    const Engagement engagement(target_, target_->breaker.claim(now_),
                                *target_->bulkhead.try_enter());
    EXPECT_EQ(target_->bulkhead.inside(), 1U);
  }
  EXPECT_EQ(target_->bulkhead.inside(), 0U);
}

TEST_F(EngagementTest, KeepsItsTargetAlive) {
  Engagement engagement(target_, target_->breaker.claim(now_), *target_->bulkhead.try_enter());
  target_.reset();
  engagement.answered(now_);
  EXPECT_EQ(engagement.target()->successes, 1U);
}

TEST_F(EngagementTest, TeachesHowFastTheTargetIs) {
  Engagement engagement = begin();
  engagement.first_token(milliseconds(300), now_);
  engagement.finished(101, seconds(2), now_);
  EXPECT_NEAR(target_->latency.first_token(now_), 0.3, 1e-6);
  EXPECT_NEAR(target_->latency.per_token(now_), 0.02, 1e-6);
  EXPECT_EQ(target_->tokens, 101U);
}

TEST_F(EngagementTest, TakesNewSettingsAndForgetsNothing) {
  for (int i = 0; i < 4; ++i) begin().failed(now_, 0);
  target_->apply({}, 7);
  EXPECT_EQ(target_->bulkhead.limit(), 7U);
  EXPECT_EQ(target_->failures, 4U);
  begin().failed(now_, 0);
  EXPECT_EQ(target_->breaker.standing(now_), Standing::Open);
}

}  // namespace
}  // namespace sluice::routing
