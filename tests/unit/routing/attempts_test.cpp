#include "routing/attempts.h"

#include "providers/credentials/api_key.h"
#include "providers/openai/provider.h"
#include "routing/key_pool.h"
#include "support/fake_clock.h"
#include "support/run_now.h"
#include "unit/routing/fixed_dice.h"
#include "unit/routing/scripted_upstream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::routing {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Attempts : public testing::Test {
 protected:
  Attempts() {
    destination_.name = "p";
    destination_.provider = std::make_shared<providers::OpenAiProvider>();
    destination_.credentials = {std::make_shared<providers::NoKey>()};
    destination_.keys = std::make_shared<KeyPool>("p", KeyBlame::All);
    destination_.upstream = upstream_;
    destination_.memory = std::make_shared<ProviderMemory>();
    destination_.base_path = "/v1";
    ask_for(R"({"model":"m"})");
  }

  void ask_for(std::string_view body) {
    request_.json = {};
    request_.json.text = body;
    request_.json.members_at = 1;
    request_.json.has_members = true;
    const std::size_t at = body.find("\"m\"");
    request_.json.model = {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + 3)};
    request_.model = "m";
  }
  void ask_for_a_stream() {
    ask_for(R"({"model":"m","stream":true})");
    request_.stream = true;
  }
  void will_answer(Answer answer) { upstream_->answers.push_back(std::move(answer)); }
  Result<Reply> try_it(bool second = false) {
    const TryRules rules{
        .first_token = seconds(60), .between_tokens = seconds(60), .total = seconds(600)};
    const Aim aim{.destination = destination_,
                  .model = "m",
                  .state = state_,
                  .rules = rules,
                  .second = second};
    return run_now(attempt(context_, request_, aim,
                           Engagement(state_, state_->breaker.claim(clock_.now())), dice_));
  }
  const Attempt& last() const { return *context_.account.last(); }

  FakeClock clock_;
  Arena arena_;
  Arena draft_;
  Context context_{arena_, draft_, clock_};
  Request request_;
  Destination destination_;
  std::shared_ptr<ScriptedUpstream> upstream_ = std::make_shared<ScriptedUpstream>(clock_);
  TargetState owned_{"p/m", config::BreakerSettings()};
  std::shared_ptr<TargetState> state_{std::shared_ptr<void>(), &owned_};  // Tries do not own it.
  FixedDice dice_;
};

TEST_F(Attempts, ReadWholeJsonAndItsUsage) {
  will_answer(
      json_answer(200, R"({"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}})"));

  auto reply = try_it();

  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->head.length, 64U);
  EXPECT_EQ(context_.account.usage(), (Usage{.input = 5, .output = 2}));
  EXPECT_TRUE(context_.account.exact());
  EXPECT_EQ(last().outcome, Outcome::Answered);
  EXPECT_EQ(last().ended, clock_.now());
  auto batch = run_now(reply->items->next());
  EXPECT_THAT(batch->items[0].raw, HasSubstr("choices"));
  EXPECT_TRUE(batch->last);
}

TEST_F(Attempts, SendThePathBelowTheBase) {
  will_answer(json_answer(200, "{}"));

  ASSERT_TRUE(try_it());

  EXPECT_THAT(upstream_->paths, ElementsAre("/v1/chat/completions"));
}

TEST_F(Attempts, KeepARefusalsStatusAndWait) {
  Answer refusal = json_answer(429, R"({"error":{"message":"slow down"}})");
  refusal.head.retry_after = seconds(7);
  will_answer(std::move(refusal));

  const auto reply = try_it();

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error()->code, "upstream_rate_limited");
  EXPECT_EQ(reply.error()->upstream->status, 429);
  EXPECT_EQ(reply.error()->upstream->body, R"({"error":{"message":"slow down"}})");
  EXPECT_EQ(reply.error()->retry_after, seconds(7));
  EXPECT_EQ(last().status, 429);
}

TEST_F(Attempts, TellARefusalFromAFailureAndFromAProviderThatIsNotThere) {
  will_answer(json_answer(404, "{}"));
  EXPECT_FALSE(try_it());
  EXPECT_EQ(last().outcome, Outcome::Refused);
  will_answer(json_answer(500, "{}"));
  EXPECT_FALSE(try_it());
  EXPECT_EQ(last().outcome, Outcome::Failed);
  EXPECT_FALSE(try_it());
  EXPECT_EQ(last().outcome, Outcome::Unreachable);
}

TEST_F(Attempts, DoNotShowThatOurKeyWasRefused) {
  will_answer(
      json_answer(401, R"({"error":{"message":"Incorrect API key: sk-aaaabbbbccccdddd"}})"));

  const auto reply = try_it();

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error()->code, "upstream_auth");
  EXPECT_EQ(reply.error()->upstream->message, "");
  EXPECT_THAT(reply.error()->message, testing::Not(HasSubstr("sk-")));
}

TEST_F(Attempts, FailOnHalfAJsonAnswer) {
  will_answer(
      {.head = answer_head(200, "application/json"), .steps = {{R"({"choices":[)"}, cut()}});

  const auto reply = try_it();

  ASSERT_FALSE(reply);
  EXPECT_EQ(last().outcome, Outcome::Failed);
}

TEST_F(Attempts, FailOnAnAnswerToAChatThatIsNeitherJsonNorAStream) {
  will_answer({.head = answer_head(200, "text/html"), .steps = {{"<html>"}, finish()}});

  const auto reply = try_it();

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error()->code, "upstream_bad_response");
}

TEST_F(Attempts, FailOnAnErrorInsideA200) {
  will_answer(json_answer(200, R"({"error":{"message":"quota"}})"));
  EXPECT_FALSE(try_it());

  ask_for_a_stream();
  will_answer(stream_answer({{frame(R"({"error":"overloaded"})")}, finish()}));
  const auto reply = try_it();

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error()->message, "overloaded");
}

TEST_F(Attempts, AskForTheUsageOfStreams) {
  ask_for_a_stream();
  destination_.asks_for_usage = true;
  will_answer(stream_answer({{text_frame("a") + stop_frame() + done_frame()}, finish()}));

  auto reply = try_it();

  ASSERT_TRUE(reply);
  EXPECT_THAT(
      upstream_->asked,
      ElementsAre(R"({"stream_options":{"include_usage":true},"model":"m","stream":true})"));
}

TEST_F(Attempts, AskOnceMoreWithoutAWishThatIsNotUnderstood) {
  ask_for_a_stream();
  destination_.may_refuse_stream_options = true;
  will_answer(json_answer(400, R"({"error":{"message":"unknown field stream_options"}})"));
  will_answer(stream_answer({{text_frame("a") + stop_frame() + done_frame()}, finish()}));

  auto reply = try_it();

  ASSERT_TRUE(reply);
  EXPECT_EQ(context_.account.tries(), 2U);
  EXPECT_EQ(upstream_->asked.back(), R"({"model":"m","stream":true})");

  will_answer(stream_answer({{text_frame("a") + stop_frame() + done_frame()}, finish()}));
  ASSERT_TRUE(try_it());
  EXPECT_EQ(upstream_->asked.size(), 3U) << "it remembers";
  EXPECT_EQ(upstream_->asked.back(), R"({"model":"m","stream":true})");
}

TEST_F(Attempts, DoNotTakeBackAWishThatWasTheCallers) {
  ask_for_a_stream();
  request_.usage_asked = true;
  destination_.may_refuse_stream_options = true;
  will_answer(json_answer(400, R"({"error":{"message":"unknown field stream_options"}})"));

  EXPECT_FALSE(try_it());

  EXPECT_EQ(context_.account.tries(), 1U);
}

TEST_F(Attempts, LeaveTheStreamsOfRawPathsAsTheyAre) {
  const std::string foreign = "event: message_start\ndata: not json\n\nid: 3\n\n";
  request_.operation = Operation::Raw;
  request_.json = {};
  will_answer(stream_answer({{foreign}, finish()}));

  auto reply = try_it();

  ASSERT_TRUE(reply);
  auto batch = run_now(reply->items->next());
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->items[0].raw, foreign);
}

TEST_F(Attempts, CountForTheTargetWhenTheyAnswer) {
  will_answer(json_answer(200, "{}"));

  {
    auto reply = try_it();
    ASSERT_TRUE(reply);
    EXPECT_EQ(state_->busy, 1U);
  }

  EXPECT_EQ(state_->busy, 0U);
  EXPECT_EQ(state_->requests, 1U);
  EXPECT_EQ(state_->successes, 1U);
  EXPECT_EQ(state_->failures, 0U);
}

TEST_F(Attempts, CountAgainstTheTargetWhenItFails) {
  will_answer(json_answer(500, "{}"));
  EXPECT_FALSE(try_it());
  will_answer({.head = answer_head(200, "application/json"), .steps = {{"{"}, cut()}});
  EXPECT_FALSE(try_it());
  EXPECT_FALSE(try_it()) << "nobody is there";
  will_answer(json_answer(200, "{}", seconds(601)));
  EXPECT_FALSE(try_it()) << "too late";

  EXPECT_EQ(state_->failures, 4U);
  EXPECT_EQ(state_->successes, 0U);
}

TEST_F(Attempts, SayNothingOfTheTargetWhenItRefuses) {
  for (const int status : {400, 401, 404, 429}) {
    will_answer(json_answer(status, "{}"));
    EXPECT_FALSE(try_it());
  }

  EXPECT_EQ(state_->requests, 4U);
  EXPECT_EQ(state_->failures + state_->successes, 0U);
}

TEST_F(Attempts, SayNothingOfTheTargetWhenItWasTheCallersPatienceThatEnded) {
  context_.deadline = clock_.now() + seconds(5);
  will_answer(json_answer(200, "{}", seconds(10)));

  EXPECT_FALSE(try_it());

  EXPECT_EQ(last().outcome, Outcome::TimedOut);
  EXPECT_TRUE(last().hurried);
  EXPECT_EQ(state_->failures, 0U);
}

TEST_F(Attempts, SayNothingOfTheTargetWhenTheCallerLeaves) {
  ask_for_a_stream();
  will_answer(stream_answer({{text_frame("a")}, {stop_frame() + done_frame()}, finish()}));

  auto reply = try_it();
  ASSERT_TRUE(reply);
  ASSERT_TRUE(run_now(reply->items->next()));
  reply->items.reset();

  EXPECT_EQ(last().outcome, Outcome::Unfinished);
  EXPECT_EQ(state_->failures + state_->successes, 0U);
  EXPECT_EQ(state_->busy, 0U);
}

TEST_F(Attempts, CountAgainstTheTargetWhenItsStreamBreaks) {
  ask_for_a_stream();
  will_answer(stream_answer({{text_frame("a")}, cut()}));

  auto reply = try_it();
  ASSERT_TRUE(reply);
  EXPECT_EQ(state_->failures, 0U);
  ASSERT_TRUE(run_now(reply->items->next()));
  EXPECT_FALSE(run_now(reply->items->next()));
  reply->items.reset();

  EXPECT_EQ(state_->failures, 1U);
}

TEST_F(Attempts, PayFromTheBudgetOnlyWhenASecondOneFails) {
  will_answer(json_answer(500, "{}"));
  EXPECT_FALSE(try_it());
  EXPECT_DOUBLE_EQ(state_->retries.credits(clock_.now()), 100);

  will_answer(json_answer(500, "{}"));
  EXPECT_FALSE(try_it(true));
  EXPECT_DOUBLE_EQ(state_->retries.credits(clock_.now()), 99);
}

TEST_F(Attempts, TeachHowFastTheTargetIs) {
  ask_for_a_stream();
  will_answer(stream_answer({{text_frame("a"), seconds(2)},
                             {text_frame("b"), seconds(1)},
                             {stop_frame() + usage_frame() + done_frame(), seconds(1)},
                             finish()}));

  auto reply = try_it();
  ASSERT_TRUE(reply);
  for (bool last = false; !last;) {
    auto batch = run_now(reply->items->next());
    ASSERT_TRUE(batch);
    last = batch->last;
  }
  reply->items.reset();

  EXPECT_NEAR(state_->latency.first_token(clock_.now()), 2, 0.01);
  EXPECT_NEAR(state_->latency.per_token(clock_.now()), 1, 0.01) << "two more within two seconds";
  EXPECT_EQ(state_->tokens, 3U);
}

TEST_F(Attempts, RememberEachOfManyTries) {
  for (int i = 0; i < 6; ++i) EXPECT_FALSE(try_it());

  EXPECT_EQ(context_.account.tries(), 6U);
  int told = 0;
  for (const Attempt* one = context_.account.first(); one; one = one->next) ++told;
  EXPECT_EQ(told, 6);
}

}  // namespace
}  // namespace sluice::routing
