#include "middleware/request_fields.h"

#include "dialect/caller_request.h"
#include "unit/middleware/scene.h"

namespace sluice::middleware {
namespace {

class RequestFieldsOf : public Scene {
 protected:
  // A name that sets these fields.
  void set(std::vector<config::RequestField> defaults,
           std::vector<config::RequestField> overrides) {
    config::Config config;
    config::GroupSettings group;
    group.defaults = std::move(defaults);
    group.overrides = std::move(overrides);
    config::ModelEntry entry;
    entry.name = "assistant";
    entry.group = std::move(group);
    config.models.push_back(std::move(entry));
    context_.config =
        std::make_shared<const config::Snapshot>(std::move(config), config::Snapshot::Origin{});
    request_.entry = 0;
  }

  void ask(std::string_view body) {
    json::Reader reader;
    ASSERT_TRUE(dialect::read_caller_request(body, {}, reader, arena_, request_));
    const Middleware* const chain[] = {&fields_};
    const auto reply = run_now(Next(chain, caller_)(context_, request_));
    if (!reply) error_ = reply.error()->message;
  }

  std::string_view at(Span span) const {
    return request_.json.text.substr(span.begin, span.end - span.begin);
  }

  RequestFields fields_;
  std::string error_;
};

TEST_F(RequestFieldsOf, ANameAreSetAndReadAgain) {
  set({{"temperature", "0.2"}}, {{"max_tokens", "5"}});
  ask(R"({"model":"assistant","max_tokens":9000,"stream":true,"stream_options":{"include_usage":true}})");

  EXPECT_EQ(
      request_.json.text,
      R"({"temperature":0.2,"model":"assistant","max_tokens":5,"stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(request_.max_tokens, 5);
  EXPECT_TRUE(request_.stream);
  EXPECT_TRUE(request_.usage_asked);
  // Where the edits for the provider go.
  EXPECT_EQ(at(request_.json.model), R"("assistant")");
  EXPECT_EQ(at(request_.json.stream_options), R"({"include_usage":true})");
  EXPECT_EQ(caller_.calls, 1);
}

TEST_F(RequestFieldsOf, ANameWithoutAnyLeaveTheBody) {
  set({}, {});
  const std::string body = R"({"model":"assistant"})";
  ask(body);

  EXPECT_EQ(request_.json.text.data(), body.data());
  EXPECT_EQ(caller_.calls, 1);
}

TEST_F(RequestFieldsOf, ATargetWithoutANameLeaveTheBody) {
  set({}, {{"max_tokens", "5"}});
  request_.entry.reset();
  ask(R"({"model":"openai/gpt-4o"})");

  EXPECT_EQ(request_.json.text, R"({"model":"openai/gpt-4o"})");
}

TEST_F(RequestFieldsOf, AConversationThatWasReadAreNotThoseOfTheNewBody) {
  set({}, {{"max_tokens", "5"}});
  const Conversation before;
  request_.conversation = &before;
  ask(R"({"model":"assistant"})");

  EXPECT_EQ(request_.conversation, nullptr);
}

TEST_F(RequestFieldsOf, APathsModelStays) {
  set({}, {{"max_tokens", "5"}});
  request_.operation = Operation::GenerateContent;
  request_.model = "assistant";
  request_.stream = true;
  ask(R"({"contents":[],"generationConfig":{"maxOutputTokens":9}})");

  EXPECT_EQ(request_.json.text, R"({"contents":[],"generationConfig":{"maxOutputTokens":5}})");
  EXPECT_EQ(request_.max_tokens, 5);
  EXPECT_EQ(request_.model, "assistant");
  EXPECT_TRUE(request_.stream);
}

TEST_F(RequestFieldsOf, WhatIsOnlyCountedAreNotSet) {
  set({}, {{"max_tokens", "5"}});
  request_.operation = Operation::CountTokens;
  ask(R"({"model":"assistant","messages":[]})");

  EXPECT_EQ(request_.json.text, R"({"model":"assistant","messages":[]})");
}

TEST_F(RequestFieldsOf, ThatMakeNoRequestAreRefused) {
  set({}, {{"max_tokens", R"("many")"}});
  ask(R"({"model":"assistant"})");

  EXPECT_EQ(error_, "max_tokens must be a whole number, 0 or more.");
  EXPECT_EQ(caller_.calls, 0);
}

}  // namespace
}  // namespace sluice::middleware
