// One target with several keys: which of them are tried, and which rest.
#include "providers/openai/provider.h"
#include "routing/attempts.h"
#include "routing/key_pool.h"
#include "unit/routing/fixed_dice.h"
#include "unit/routing/scripted_upstream.h"
#include "unit/routing/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sluice::routing {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Writes down that it was used.
class NotedKey final : public Credential {
 public:
  NotedKey(int number, std::vector<int>& used) : used_(used), number_(number) {}
  Task<Result<void>> sign(Context&, UpstreamRequest&) const override {
    used_.push_back(number_);
    return Result<void>();
  }

 private:
  std::vector<int>& used_;
  int number_;
};

class AttemptsWithKeys : public testing::Test {
 protected:
  AttemptsWithKeys() {
    destination_.name = "p";
    destination_.provider = std::make_shared<providers::OpenAiProvider>();
    destination_.upstream = upstream_;
    destination_.memory = std::make_shared<ProviderMemory>();
    request_.json.text = kBody;
    request_.json.members_at = 1;
    request_.json.has_members = true;
    request_.json.model = {9, 12};
    request_.model = "m";
    give_keys(3);
  }

  // Keys 1, 2, …
  void give_keys(int count) {
    std::vector<KeyShare> shares;
    destination_.credentials.clear();
    for (int i = 1; i <= count; ++i) {
      shares.push_back({std::to_string(i)});
      destination_.credentials.push_back(std::make_shared<NotedKey>(i, used_));
    }
    destination_.keys = std::make_shared<KeyPool>("p", KeyBlame::All, std::move(shares));
  }
  void will_answer(int status, std::string body = "{}") {
    upstream_->answers.push_back(json_answer(status, std::move(body)));
  }
  Result<Reply> try_it() {
    used_.clear();
    const TryRules rules{
        .first_token = seconds(60), .between_tokens = seconds(60), .total = seconds(600)};
    const Aim aim{.destination = destination_,
                  .model = "m",
                  .state = state_,
                  .rules = rules,
                  .lane = KeyPool::lane_of("m")};
    return clock_.run(attempt(context_, request_, aim,
                              Engagement(state_, state_->breaker.claim(clock_.now())), dice_));
  }
  KeyCondition condition(std::size_t key) const {
    return destination_.keys->state(key - 1, clock_.now()).condition;
  }

  static constexpr std::string_view kBody = R"({"model":"m"})";

  Timeline clock_;
  Arena arena_;
  Arena draft_;
  Context context_{arena_, draft_, clock_};
  Request request_;
  Destination destination_;
  std::vector<int> used_;
  std::shared_ptr<ScriptedUpstream> upstream_ = std::make_shared<ScriptedUpstream>(clock_);
  TargetState owned_{"p/m", config::BreakerSettings()};
  std::shared_ptr<TargetState> state_{std::shared_ptr<void>(), &owned_};  // Tries do not own it.
  FixedDice dice_;
};

TEST_F(AttemptsWithKeys, UseAnotherWhereOneIsRefused) {
  dice_.side = 1;  // The first of them.
  will_answer(401);
  will_answer(200);

  ASSERT_TRUE(try_it());

  ASSERT_EQ(used_.size(), 2U);
  EXPECT_NE(used_[0], used_[1]);
  EXPECT_EQ(condition(static_cast<std::size_t>(used_[0])), KeyCondition::Refused);
  EXPECT_EQ(condition(static_cast<std::size_t>(used_[1])), KeyCondition::Usable);
  EXPECT_EQ(context_.account.tries(), 2U);
}

TEST_F(AttemptsWithKeys, UseAnotherWhereOneIsOverItsLimit) {
  will_answer(429);
  will_answer(200);

  ASSERT_TRUE(try_it());

  ASSERT_EQ(used_.size(), 2U);
  EXPECT_EQ(condition(static_cast<std::size_t>(used_[0])), KeyCondition::Cooling);
}

TEST_F(AttemptsWithKeys, PassOverThoseThatRest) {
  will_answer(429);
  will_answer(200);
  ASSERT_TRUE(try_it());
  const int resting = used_[0];
  for (int i = 0; i < 6; ++i) {
    dice_.side = static_cast<std::uint64_t>(i);
    will_answer(200);
    ASSERT_TRUE(try_it());
    EXPECT_NE(used_[0], resting);
  }
}

TEST_F(AttemptsWithKeys, EndWithTheRefusalWhenAllWereTried) {
  for (int i = 0; i < 3; ++i) will_answer(401);

  const auto reply = try_it();

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error()->code, "upstream_auth");
  EXPECT_THAT(used_, testing::UnorderedElementsAre(1, 2, 3));
}

TEST_F(AttemptsWithKeys, AskNobodyWhenAllAreOverTheirLimit) {
  for (int i = 0; i < 3; ++i) {
    upstream_->answers.push_back(json_answer(429, "{}"));
    upstream_->answers.back().head.retry_after = seconds(20 + i);
  }
  EXPECT_FALSE(try_it());
  const Instant before = clock_.now();

  const auto reply = try_it();

  ASSERT_FALSE(reply);
  EXPECT_THAT(used_, IsEmpty());
  EXPECT_EQ(reply.error()->retry_after, seconds(20));
  EXPECT_EQ(clock_.now(), before);
}

TEST_F(AttemptsWithKeys, BlameNoKeyForWhatWasAsked) {
  will_answer(400);

  EXPECT_FALSE(try_it());

  EXPECT_EQ(used_.size(), 1U);
  for (std::size_t key = 1; key <= 3; ++key) EXPECT_EQ(condition(key), KeyCondition::Usable);
}

TEST_F(AttemptsWithKeys, UseOneKeyForWhatMayNotBeRepeated) {
  request_.operation = Operation::Raw;
  will_answer(429);

  EXPECT_FALSE(try_it());

  EXPECT_EQ(used_.size(), 1U);
}

TEST_F(AttemptsWithKeys, UseNoOtherBehindTheDeadline) {
  context_.deadline = clock_.now() + seconds(5);
  upstream_->answers.push_back(json_answer(429, "{}", seconds(5)));

  EXPECT_FALSE(try_it());

  EXPECT_EQ(used_.size(), 1U);
}

TEST_F(AttemptsWithKeys, UseNoOtherWhenTheCallerHasLeft) {
  context_.abandoned = true;
  will_answer(429);

  EXPECT_FALSE(try_it());

  EXPECT_EQ(used_.size(), 1U);
}

TEST_F(AttemptsWithKeys, SayNothingOfTheTargetWhereAKeyWasRefused) {
  will_answer(401);
  will_answer(200);

  try_it()->items.reset();

  EXPECT_EQ(state_->requests, 2U);
  EXPECT_EQ(state_->failures, 0U);
  EXPECT_EQ(state_->successes, 1U);
  EXPECT_EQ(state_->busy, 0U);
}

}  // namespace
}  // namespace sluice::routing
