#include "routing/attempts.h"

#include "providers/credentials/api_key.h"
#include "providers/openai/provider.h"
#include "support/run_now.h"
#include "unit/routing/scripted_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::routing {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Answer {
  UpstreamHead head;
  std::deque<Step> steps;
};

Answer json_answer(int status, std::string body) {
  return {.head = answer_head(status, "application/json"), .steps = {{std::move(body)}, finish()}};
}
Answer stream_answer(std::deque<Step> steps) {
  return {.head = answer_head(200, "text/event-stream"), .steps = std::move(steps)};
}

// Gives its answers one after the other and remembers what it was asked.
class FakeUpstream final : public Upstream {
 public:
  explicit FakeUpstream(FakeClock& clock) : clock_(clock) {}

  Task<Result<ArenaPtr<UpstreamReply>>> send(Context& context, const UpstreamRequest& request,
                                             Attempt& attempt) override {
    std::string body;
    for (const std::string_view piece : request.pieces) body += piece;
    asked.push_back(std::move(body));
    paths.emplace_back(request.path);
    attempt.sent = clock_.now();
    if (answers.empty()) {
      co_return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable, .code = "upstream_error"});
    }
    Answer answer = std::move(answers.front());
    answers.pop_front();
    co_return ArenaPtr<UpstreamReply>(
        context.arena.make<ScriptedReply>(clock_, answer.head, std::move(answer.steps)));
  }

  std::deque<Answer> answers;
  std::vector<std::string> asked;
  std::vector<std::string> paths;

 private:
  FakeClock& clock_;
};

class Attempts : public testing::Test {
 protected:
  Attempts() {
    destination_.name = "p";
    destination_.provider = std::make_shared<providers::OpenAiProvider>();
    destination_.credential = std::make_shared<providers::NoKey>();
    destination_.upstream = upstream_;
    destination_.memory = std::make_shared<ProviderMemory>();
    destination_.base_path = "/v1";
    destination_.first_token = seconds(60);
    destination_.between_tokens = seconds(60);
    destination_.total = seconds(600);
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
  Result<Reply> try_it() { return run_now(attempt(context_, request_, destination_, "m", {})); }
  const Attempt& last() const { return *context_.account.last(); }

  FakeClock clock_;
  Arena arena_;
  Arena draft_;
  Context context_{arena_, draft_, clock_};
  Request request_;
  Destination destination_;
  std::shared_ptr<FakeUpstream> upstream_ = std::make_shared<FakeUpstream>(clock_);
};

TEST_F(Attempts, ReadWholeJsonAndItsUsage) {
  will_answer(
      json_answer(200, R"({"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}})"));

  auto reply = try_it();

  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->head.length, 64U);
  EXPECT_EQ(context_.account.usage, (Usage{.input = 5, .output = 2}));
  EXPECT_TRUE(context_.account.exact);
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
  EXPECT_EQ(context_.account.tries, 2U);
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

  EXPECT_EQ(context_.account.tries, 1U);
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

TEST_F(Attempts, RememberOnlyTheLastOfManyTries) {
  for (int i = 0; i < 6; ++i) EXPECT_FALSE(try_it());

  EXPECT_EQ(context_.account.tries, 6U);
  EXPECT_EQ(context_.account.told(), Account::kAttempts);
}

}  // namespace
}  // namespace sluice::routing
