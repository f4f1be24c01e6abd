// How Replicate is asked: predictions that are begun, asked after and read.
#include "dialect/answer_encoder.h"
#include "dialect/caller_request.h"
#include "dialect/translate.h"
#include "providers/replicate/provider.h"
#include "support/fake_clock.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace sluice::providers {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;

constexpr std::string_view kHello =
    R"({"model":"x","messages":[{"role":"system","content":"Be brief."},
       {"role":"user","content":"Hi"}],"max_tokens":7,"temperature":0.50,"stop":["a","b"]})";

class AskingReplicate : public testing::Test {
 protected:
  AskingReplicate() : context_(arena_, draft_, clock_) {
    target.model = "meta/meta-llama-3-8b-instruct";
    target.base_path = "/v1";
  }

  Result<UpstreamRequest> ask(Operation operation, std::string_view body) {
    request.operation = operation;
    request.content_type = "application/json";
    body_ = body;
    json::Reader reader;
    const auto read = dialect::read_caller_request(body_, {}, reader, arena_, request);
    EXPECT_TRUE(read) << read.error()->message;
    request.conversation = nullptr;
    if (dialect::differs(request, replicate.dialect(request, target))) {
      TRY_VOID(dialect::read_conversation(context_, request));
    }
    return replicate.encode(context_, request, target);
  }
  Json asked(Operation operation, std::string_view body) {
    const auto call = ask(operation, body);
    if (!call) {
      refused = call.error()->param;
      return nullptr;
    }
    path = call->path;
    return Json::parse(call->pieces.front());
  }
  // What the caller reads of a prediction that ended so.
  std::string answered(std::string_view prediction) {
    Meaning meaning;
    const auto decoder = replicate.decoder(context_, request, target);
    const auto read = decoder->body(prediction, &meaning);
    if (!read) return read.error()->message;
    usage = decoder->usage();
    const auto encoder = dialect::answer_encoder(
        request.operation, arena_, {.stream = request.stream, .id = "req", .model = "asked-for"});
    std::string out;
    encoder->say(meaning.events, out);
    encoder->end(out);
    return out;
  }
  std::vector<std::string> dropped() const {
    return {context_.dropped.begin(), context_.dropped.end()};
  }

  Arena arena_;
  Arena draft_;
  FakeClock clock_;
  Context context_;
  std::string body_;
  Request request;
  Target target;
  ReplicateProvider replicate;
  std::string path;
  std::string refused;
  std::optional<Usage> usage;
};

TEST_F(AskingReplicate, TellsAnOfficialModelItsInput) {
  const Json body = asked(Operation::Chat, kHello);

  EXPECT_EQ(path, "/v1/models/meta/meta-llama-3-8b-instruct/predictions");
  EXPECT_EQ(body, Json::parse(R"({"input":{"prompt":"Hi","system_prompt":"Be brief.",
      "max_tokens":7,"temperature":0.5,"stop_sequences":"a,b"}})"));
}

TEST_F(AskingReplicate, NamesAVersionInTheBody) {
  target.model = "owner/name:5c7d5dc6";
  EXPECT_EQ(asked(Operation::Chat, kHello)["version"], "5c7d5dc6");
  EXPECT_EQ(path, "/v1/predictions");

  target.model = "5c7d5dc6";
  EXPECT_EQ(asked(Operation::Chat, kHello)["version"], "5c7d5dc6");
}

TEST_F(AskingReplicate, EscapesTheNamesOfModels) {
  target.model = "own er/na/me?";
  asked(Operation::Chat, kHello);
  EXPECT_EQ(path, "/v1/models/own%20er/na%2Fme%3F/predictions");
}

TEST_F(AskingReplicate, TellsADialogueAsOnePrompt) {
  const Json body = asked(Operation::Messages, R"({"model":"x","max_tokens":9,"messages":[
      {"role":"user","content":"One"},{"role":"assistant","content":"Two"},
      {"role":"user","content":"Three"}]})");

  EXPECT_EQ(body["input"]["prompt"], "User: One\n\nAssistant: Two\n\nUser: Three\n\nAssistant:");
}

TEST_F(AskingReplicate, ShowsImagesToModelsThatSee) {
  const std::string_view body = R"({"model":"x","messages":[{"role":"user","content":[
      {"type":"text","text":"What?"},
      {"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]})";
  EXPECT_TRUE(asked(Operation::Chat, body).is_null());
  EXPECT_EQ(refused, "messages.content");

  target.model = "openai/gpt-4o";
  EXPECT_EQ(asked(Operation::Chat, body)["input"],
            Json::parse(R"({"prompt":"What?","image_input":["https://example.com/a.png"]})"));
  target.model = "anthropic/claude-4-sonnet";
  EXPECT_EQ(asked(Operation::Chat, body)["input"],
            Json::parse(R"({"prompt":"What?","image":"https://example.com/a.png"})"));
}

TEST_F(AskingReplicate, RefusesWhatAPromptCannotSay) {
  const auto refusal_of = [&](std::string_view more) {
    const std::string body =
        R"({"model":"x","messages":[{"role":"user","content":"Hi"}],)" + std::string(more) + "}";
    EXPECT_TRUE(asked(Operation::Chat, body).is_null()) << more;
    return refused;
  };
  EXPECT_EQ(refusal_of(R"("tools":[{"type":"function","function":{"name":"f"}}])"), "tools");
  EXPECT_EQ(refusal_of(R"("response_format":{"type":"json_object"})"), "response_format");
  EXPECT_EQ(refusal_of(R"("n":2)"), "n");
  EXPECT_EQ(refusal_of(R"("stop":["a,b"])"), "stop");
}

TEST_F(AskingReplicate, WaitsEverLongerUntilThePredictionIsDone) {
  ASSERT_TRUE(ask(Operation::Chat, kHello));
  const auto plan = replicate.plan(context_, request, target);
  ASSERT_TRUE(plan);

  const auto begun = plan->next(context_, "");
  ASSERT_TRUE(begun && begun->call);
  EXPECT_EQ(begun->call->method, "POST");
  EXPECT_EQ(begun->after, Duration());

  std::vector<Duration> pauses;
  for (int i = 0; i < 9; ++i) {
    const auto waiting = plan->next(context_, R"({"id":"p/1","status":"processing"})");
    ASSERT_TRUE(waiting && waiting->call);
    EXPECT_EQ(waiting->call->method, "GET");
    EXPECT_EQ(waiting->call->path, "/v1/predictions/p%2F1");
    EXPECT_EQ(waiting->call->size, 0U);
    for (const Field& field : waiting->call->fields.all()) EXPECT_NE(field.name, "content-type");
    pauses.push_back(waiting->after);
  }
  EXPECT_GT(pauses.front(), Duration());
  EXPECT_TRUE(std::ranges::is_sorted(pauses));
  EXPECT_EQ(pauses.back(), std::chrono::seconds(4));

  constexpr std::string_view kDone = R"({"id":"p/1","status":"succeeded","output":["Hel","lo"]})";
  const auto done = plan->next(context_, kDone);
  ASSERT_TRUE(done);
  EXPECT_FALSE(done->call);
  EXPECT_EQ(done->body, kDone);
}

TEST_F(AskingReplicate, SaysWhyAPredictionFailed) {
  ASSERT_TRUE(ask(Operation::Chat, kHello));
  const auto plan = replicate.plan(context_, request, target);
  ASSERT_TRUE(plan->next(context_, ""));

  const auto failed = plan->next(context_, R"({"id":"p","status":"failed","error":"CUDA"})");

  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error()->code, "upstream_error");
  EXPECT_EQ(failed.error()->message, "CUDA");
  const auto lost = replicate.plan(context_, request, target);
  ASSERT_TRUE(lost->next(context_, ""));
  EXPECT_FALSE(lost->next(context_, "not JSON"));
}

TEST_F(AskingReplicate, AnswersInTheCallersDialect) {
  constexpr std::string_view kDone =
      R"({"id":"p1","status":"succeeded","output":["Hel","lo"],
         "metrics":{"predict_time":0.2,"input_token_count":11,"output_token_count":2}})";
  ASSERT_TRUE(ask(Operation::Chat, kHello));
  const Json chat = Json::parse(answered(kDone));
  EXPECT_EQ(chat["choices"][0]["message"]["content"], "Hello");
  EXPECT_EQ(chat["choices"][0]["finish_reason"], "stop");
  EXPECT_EQ(chat["usage"]["total_tokens"], 13);
  EXPECT_EQ(usage, (Usage{.input = 11, .output = 2}));

  const Json text = Json::parse(answered(R"({"id":"p1","status":"succeeded","output":"Hello"})"));
  EXPECT_EQ(text["choices"][0]["message"]["content"], "Hello");
  EXPECT_FALSE(usage);
}

TEST_F(AskingReplicate, StreamsToWhomeverAsksForAStream) {
  request.stream = true;
  ASSERT_TRUE(ask(Operation::Chat, R"({"model":"x","stream":true,
      "messages":[{"role":"user","content":"Hi"}]})"));

  const std::string told = answered(R"({"id":"p1","status":"succeeded","output":["Hel","lo"]})");

  EXPECT_TRUE(told.starts_with("data: {")) << told;
  EXPECT_NE(told.find(R"("content":"Hel")"), std::string::npos) << told;
  EXPECT_TRUE(told.ends_with("data: [DONE]\n\n")) << told;
}

TEST_F(AskingReplicate, MakesImages) {
  target.model = "black-forest-labs/flux-schnell";
  const Json body = asked(Operation::Images,
                          R"({"model":"x","prompt":"a cat","n":2,"size":"1536x1024","user":"me",
                             "go_fast":true})");
  EXPECT_EQ(body, Json::parse(R"({"input":{"prompt":"a cat","num_outputs":2,"aspect_ratio":"3:2",
                                 "go_fast":true}})"));
  EXPECT_THAT(dropped(), ElementsAre("user"));

  const auto plan = replicate.plan(context_, request, target);
  ASSERT_TRUE(plan->next(context_, ""));
  const auto done = plan->next(
      context_,
      R"({"id":"p","status":"succeeded","output":["https://a/1.png","https://a/2.png"]})");
  ASSERT_TRUE(done);
  EXPECT_EQ(Json::parse(done->body)["data"],
            Json::parse(R"([{"url":"https://a/1.png"},{"url":"https://a/2.png"}])"));

  EXPECT_TRUE(asked(Operation::Images, R"({"prompt":"a","response_format":"b64_json"})").is_null());
  EXPECT_EQ(refused, "response_format");
}

TEST_F(AskingReplicate, PassesTheWordsOfARefusal) {
  const ApiError error = replicate.explain(
      422, "application/json", R"({"title":"Invalid","detail":"input.prompt is required"})");

  EXPECT_EQ(error.code, "invalid_request");
  EXPECT_EQ(error.message, "input.prompt is required");
}

}  // namespace
}  // namespace sluice::providers
