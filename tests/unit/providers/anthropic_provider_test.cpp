// How Anthropic's API is called, and what its refusals mean.
#include "dialect/anthropic_request.h"
#include "providers/anthropic/provider.h"
#include "support/fake_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace sluice::providers {
namespace {

class Anthropic : public testing::Test {
 protected:
  Request request(std::string_view body, Operation operation = Operation::Messages) {
    Request made;
    made.operation = operation;
    made.content_type = "application/json";
    EXPECT_TRUE(dialect::read_messages_request(body, {}, reader_, arena_, made));
    return made;
  }

  UpstreamRequest encode(const Request& asked, std::string_view base = "/v1") {
    Target target;
    target.provider = "anthropic";
    target.model = "claude-opus-4-6";
    target.base_path = base;
    auto call = provider_.encode(context_, asked, target);
    EXPECT_TRUE(call) << call.error()->message;
    return *call;
  }

  static std::string body_of(const UpstreamRequest& call) {
    std::string body;
    for (const std::string_view piece : call.pieces) body += piece;
    EXPECT_EQ(body.size(), call.size);
    return body;
  }

  static std::vector<std::string> values(const UpstreamRequest& call, std::string_view name) {
    std::vector<std::string> found;
    for (const Field& field : call.fields.all()) {
      if (field.name == name) found.emplace_back(field.value);
    }
    return found;
  }

  AnthropicProvider provider_;
  json::Reader reader_;
  Arena arena_;
  Arena draft_;
  FakeClock clock_;
  Context context_{arena_, draft_, clock_};
};

TEST_F(Anthropic, GetsTheCallersOwnBodyWithItsOwnModel) {
  const auto call = encode(request(R"({ "new": 1e0, "model": "alias","messages":[ ] })"));

  EXPECT_EQ(body_of(call), R"({ "new": 1e0, "model": "claude-opus-4-6","messages":[ ] })");
  EXPECT_EQ(call.path, "/v1/messages");
  EXPECT_THAT(values(call, "anthropic-version"), testing::ElementsAre("2023-06-01"));
}

TEST_F(Anthropic, IsReachedWithOrWithoutItsVersionInTheBase) {
  Request asked = request(R"({"model":"m"})", Operation::CountTokens);
  asked.query = "?beta=true";

  EXPECT_EQ(encode(asked, "").path, "/v1/messages/count_tokens?beta=true");
  EXPECT_EQ(encode(asked, "/a/v1").path, "/a/v1/messages/count_tokens?beta=true");
}

TEST_F(Anthropic, KeepsTheHeadersOfTheCaller) {
  Request asked = request(R"({"model":"m"})");
  const Field headers[] = {{"anthropic-version", "2030-01-01"}, {"anthropic-beta", "a,b"}};
  asked.headers = headers;

  const auto call = encode(asked);

  EXPECT_THAT(values(call, "anthropic-version"), testing::ElementsAre("2030-01-01"));
  EXPECT_THAT(values(call, "anthropic-beta"), testing::ElementsAre("a,b"));
}

TEST_F(Anthropic, IsNotShownWhatOthersSealed) {
  const auto call = encode(request(R"({"model":"m","max_tokens":5,"messages":[
      {"role":"user","content":"Hi"},
      {"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":"sluice:opaque:"},
                                     {"type":"text","text":"Hello"}]},
      {"role":"user","content":"Well?"}]})"));

  EXPECT_THAT(body_of(call), testing::Not(testing::HasSubstr("thinking")));
  EXPECT_THAT(body_of(call), testing::HasSubstr("Hello"));
  EXPECT_THAT(context_.dropped, testing::ElementsAre("reasoning"));
}

TEST_F(Anthropic, CountsTokensWithoutWhatOnlyAnswersNeed) {
  const auto call = encode(request(R"({"model":"m","messages":[{"role":"user","content":"Hi"},
      {"role":"assistant","content":[{"type":"redacted_thinking","data":"sluice:responses:x"},
                                     {"type":"text","text":"Hello"}]}]})",
                                   Operation::CountTokens));

  EXPECT_THAT(body_of(call), testing::Not(testing::HasSubstr("max_tokens")));
}

TEST_F(Anthropic, ExplainsItsRefusals) {
  const auto explain = [&](int status, std::string_view type, std::string_view message) {
    return provider_.explain(status, "application/json",
                             R"({"type":"error","error":{"type":")" + std::string(type) +
                                 R"(","message":")" + std::string(message) + R"("}})");
  };
  const ApiError invalid = explain(400, "invalid_request_error", "messages: too odd");
  EXPECT_EQ(invalid.code, "invalid_request");
  EXPECT_EQ(invalid.message, "messages: too odd");
  EXPECT_EQ(invalid.retry, Retry::Never);
  EXPECT_EQ(invalid.upstream->family, Family::Anthropic);
  EXPECT_FALSE(invalid.upstream->body.empty());

  EXPECT_EQ(explain(400, "invalid_request_error", "prompt is too long: 9 tokens > 8 maximum").code,
            "context_length_exceeded");
  EXPECT_EQ(explain(529, "overloaded_error", "Overloaded").code, "upstream_overloaded");
  EXPECT_EQ(explain(429, "rate_limit_error", "slow").code, "upstream_rate_limited");
  EXPECT_EQ(explain(504, "timeout_error", "slow").code, "upstream_timeout");
  EXPECT_EQ(explain(500, "api_error", "x").code, "upstream_error");

  const ApiError broke =
      explain(400, "invalid_request_error", "Your credit balance is too low to access");
  EXPECT_EQ(broke.code, "upstream_auth");
  EXPECT_EQ(broke.retry, Retry::OtherTarget);
  EXPECT_TRUE(broke.upstream->body.empty());
}

TEST_F(Anthropic, ExplainsWhatIsNoJson) {
  const ApiError error = provider_.explain(503, "text/html", "<h1>503</h1>");

  EXPECT_EQ(error.code, "upstream_overloaded");
  EXPECT_TRUE(error.upstream->body.empty());
}

}  // namespace
}  // namespace sluice::providers
