#include "routing/aftermath.h"

#include "sluice/price.h"

#include "base/random.h"
#include "routing/common_knowledge.h"
#include "routing/strategies/stable_hash.h"
#include "support/fake_clock.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>

namespace sluice::routing {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kTarget = "up/gpt";
constexpr std::int64_t kDollar = 1'000'000'000'000;

class AftermathTest : public testing::Test {
 protected:
  AftermathTest() {
    context_.id = "request-1";
    lessons_.common = &common_;
    lessons_.learned = {learned_.data(), 1};
    lessons_.target = stable_hash(kTarget);
  }

  // One try that ends like this after that time.
  void try_once(Outcome outcome, Usage usage = {}, Duration took = milliseconds(100),
                int status = 0) {
    Attempt attempt;
    attempt.begun = clock_.now();
    clock_.turn_by(took);
    attempt.ended = clock_.now();
    attempt.outcome = outcome;
    attempt.usage = usage;
    attempt.status = status;
    attempt.hurried = hurried_;
    const Aftermath aftermath(context_, attempt, random_, Engagement(state_, {}), &lessons_);
  }

  Choice told(std::string_view target = kTarget, std::string_view group = "assistant") const {
    Choice choice{.name = stable_hash(target)};
    common_.learning.tell(group, "task", RewardWeights(), {&choice, 1});
    return choice;
  }
  double expected_from_cache() const {
    return common_.prompts.expected(7, lessons_.target, clock_.now());
  }

  FakeClock clock_;
  CommonKnowledge common_{clock_};
  Arena arena_;
  Arena draft_;
  Context context_{arena_, draft_, clock_};
  base::FastRandom random_{1};
  std::shared_ptr<TargetState> state_ =
      std::make_shared<TargetState>(std::string(kTarget), config::BreakerSettings());
  std::array<Lessons::Lesson, 2> learned_{
      Lessons::Lesson{.group = "assistant", .traffic_class = "task", .target = "cloud"},
      Lessons::Lesson{.group = "cloud", .traffic_class = "task", .target = kTarget}};
  Lessons lessons_;
  bool hurried_ = false;
};

TEST_F(AftermathTest, OfAnAnswerGroupsLearn) {
  learned_[0].target = kTarget;

  try_once(Outcome::Answered);

  EXPECT_GT(told().trials, 0.9);
  EXPECT_EQ(state_->successes, 1U);
}

TEST_F(AftermathTest, OfAFailureTheyLearnThatItIsWorse) {
  learned_[0].target = "good/one";
  try_once(Outcome::Answered);
  learned_[0].target = "bad/one";
  try_once(Outcome::Failed);

  EXPECT_LT(told("bad/one").reward, told("good/one").reward);
}

TEST_F(AftermathTest, OfWhatIsNobodysFaultTheyLearnNothing) {
  learned_[0].target = kTarget;

  try_once(Outcome::Unfinished);
  try_once(Outcome::Refused, {}, milliseconds(100), 400);
  try_once(Outcome::Failed, {}, milliseconds(100), 429);
  hurried_ = true;
  try_once(Outcome::TimedOut);

  EXPECT_EQ(told().trials, 0);
  EXPECT_EQ(state_->requests, 4U);
}

TEST_F(AftermathTest, WhatAnAnswerCostsIsThatOfItsTokensAtTheirPrice) {
  Price price;
  price.rates = {.input = kDollar, .output = kDollar};
  lessons_.price = &price;
  learned_[0].target = "dear/one";
  try_once(Outcome::Answered, {.input = 90'000, .output = 10'000});
  learned_[0].target = "cheap/one";
  try_once(Outcome::Answered, {.input = 9'000, .output = 1'000});

  EXPECT_LT(told("dear/one").reward, told("cheap/one").reward);
}

TEST_F(AftermathTest, HowLongItTookCounts) {
  learned_[0].target = "slow/one";
  try_once(Outcome::Answered, {}, std::chrono::seconds(9));
  learned_[0].target = "fast/one";
  try_once(Outcome::Answered, {}, std::chrono::seconds(1));

  EXPECT_LT(told("slow/one").reward, told("fast/one").reward);
}

TEST_F(AftermathTest, EachGroupOnTheWayLearnsOfWhatItPickedItself) {
  lessons_.learned = learned_;

  try_once(Outcome::Answered);

  EXPECT_GT(told("cloud", "assistant").trials, 0.9);
  EXPECT_GT(told(kTarget, "cloud").trials, 0.9);
  EXPECT_EQ(told(kTarget, "assistant").trials, 0);
}

TEST_F(AftermathTest, ARatingIsTheOutermostGroups) {
  lessons_.learned = learned_;
  try_once(Outcome::Failed);
  EXPECT_EQ(common_.learning.feedback("request-1", 1), Feedback::Unknown);
  try_once(Outcome::Answered);
  const Choice outer = told("cloud", "assistant");
  const Choice inner = told(kTarget, "cloud");

  EXPECT_EQ(common_.learning.feedback("request-1", 1), Feedback::Noted);

  EXPECT_GT(told("cloud", "assistant").reward, outer.reward);
  EXPECT_EQ(told(kTarget, "cloud").reward, inner.reward);
}

TEST_F(AftermathTest, WhatWasReadFromACacheIsExpectedAgain) {
  lessons_.learned = {};
  lessons_.prompt = 7;
  EXPECT_EQ(expected_from_cache(), 0);
  try_once(Outcome::Failed, {.input = 1000, .cached = 800});
  EXPECT_EQ(expected_from_cache(), 0);

  try_once(Outcome::Answered, {.input = 1000, .cached = 800});

  EXPECT_NEAR(expected_from_cache(), 0.8, 0.01);
}

TEST_F(AftermathTest, AnAnswerThatToldNothingOfACacheMayHaveFilledIt) {
  lessons_.prompt = 7;

  try_once(Outcome::Answered);

  EXPECT_GT(expected_from_cache(), 0.2);
  EXPECT_LT(expected_from_cache(), 0.8);
}

}  // namespace
}  // namespace sluice::routing
