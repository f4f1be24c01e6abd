// How OpenAI, those who speak like it, and Azure are asked.
#include "dialect/caller_request.h"
#include "dialect/translate.h"
#include "providers/azure/provider.h"
#include "providers/openai/provider.h"
#include "support/fake_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice::providers {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class OpenAi : public testing::Test {
 protected:
  OpenAi() {
    kind_.operations.set();
    kind_.quirks.refuses = refuses_;
    target_.provider = "p";
    target_.model = "gpt-4o";
    target_.base_path = "/v1";
    target_.kind = &kind_;
  }

  Request request(Operation operation, std::string_view body) {
    Request made;
    made.operation = operation;
    made.content_type = "application/json";
    EXPECT_TRUE(dialect::read_caller_request(body, {}, reader_, arena_, made));
    return made;
  }

  Result<UpstreamRequest> encode(Request& asked) {
    const Dialect spoken = provider_->dialect(asked, target_);
    if (asked.traits().is_conversation() && dialect::differs(asked, spoken)) {
      TRY_VOID(dialect::read_conversation(context_, asked));
    }
    return provider_->encode(context_, asked, target_);
  }

  static std::string body_of(const UpstreamRequest& call) {
    std::string body;
    for (const std::string_view piece : call.pieces) body += piece;
    return body;
  }

  static constexpr std::string_view refuses_[] = {"seed", "n"};
  const OpenAiProvider openai_;
  const OpenAiProvider* provider_ = &openai_;
  ProviderKind kind_;
  Target target_;
  json::Reader reader_;
  Arena arena_;
  Arena draft_;
  FakeClock clock_;
  Context context_{arena_, draft_, clock_};
};

TEST_F(OpenAi, IsAskedInItsOwnWordsAsTheyCame) {
  Request asked = request(Operation::Chat, R"({"model":"x", "new": 1e0,"messages":[]})");
  const auto call = encode(asked);
  ASSERT_TRUE(call);
  EXPECT_EQ(call->path, "/v1/chat/completions");
  EXPECT_EQ(body_of(*call), R"({"model":"gpt-4o", "new": 1e0,"messages":[]})");
}

TEST_F(OpenAi, GetsTheQueryOfAPathThatNamesIt) {
  Request asked = request(Operation::Chat, R"({"model":"x","messages":[]})");
  asked.query = "?a=1";
  EXPECT_EQ(encode(asked)->path, "/v1/chat/completions");
  asked.provider = "p";
  EXPECT_EQ(encode(asked)->path, "/v1/chat/completions?a=1");
}

TEST_F(OpenAi, IsAskedByChatWhateverTheCallerSpeaks) {
  Request asked =
      request(Operation::Messages,
              R"({"model":"x","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})");
  const auto call = encode(asked);
  ASSERT_TRUE(call) << call.error()->message;
  EXPECT_EQ(call->path, "/v1/chat/completions");
  EXPECT_THAT(body_of(*call), HasSubstr(R"("model":"gpt-4o")"));
  EXPECT_THAT(body_of(*call), HasSubstr(R"("role":"user")"));
}

TEST_F(OpenAi, IsAskedByResponsesOnlyWhereItHasThem) {
  Request asked = request(Operation::Responses, R"({"model":"x","input":"hi"})");
  EXPECT_EQ(provider_->dialect(asked, target_), Dialect::Responses);
  kind_.operations.reset(static_cast<std::size_t>(Operation::Responses));
  const auto call = encode(asked);
  ASSERT_TRUE(call) << call.error()->message;
  EXPECT_EQ(call->path, "/v1/chat/completions");
}

TEST_F(OpenAi, IsNotToldWhatItRefuses) {
  Request asked = request(Operation::Chat, R"({"model":"x","seed":7,"n":1,"messages":[]})");
  const auto call = encode(asked);
  ASSERT_TRUE(call);
  EXPECT_THAT(body_of(*call), Not(HasSubstr("seed")));
  EXPECT_THAT(body_of(*call), Not(HasSubstr(R"("n")")));
  EXPECT_THAT(context_.dropped, ElementsAre("seed"));  // One choice is what there is without "n".
}

TEST_F(OpenAi, RefusesWhatItCannotBeToldAndMeansSomething) {
  Request asked = request(Operation::Chat, R"({"model":"x","n":2,"messages":[]})");
  const auto call = encode(asked);
  ASSERT_FALSE(call);
  EXPECT_EQ(call.error()->code, "unsupported_parameter");
  EXPECT_EQ(call.error()->param, "n");

  context_.drop = {.which = DropPolicy::Which::All};
  EXPECT_TRUE(encode(asked));
  EXPECT_THAT(context_.dropped, ElementsAre("n"));
}

TEST_F(OpenAi, IsNotGivenThoughtsThatAnotherProviderSealed) {
  Request asked = request(
      Operation::Responses,
      R"({"model":"x","input":[{"type":"reasoning","summary":[],"encrypted_content":"sluice:messages:abc"},)"
      R"({"role":"user","content":"hi"}]})");
  const auto call = encode(asked);
  ASSERT_TRUE(call) << call.error()->message;
  EXPECT_EQ(call->path, "/v1/responses");
  EXPECT_THAT(body_of(*call), Not(HasSubstr("abc")));
  EXPECT_THAT(body_of(*call), HasSubstr("hi"));
}

TEST_F(OpenAi, OnAzureIsReachedByDeployments) {
  const AzureProvider azure({.api_version = "2024-10-21", .deployments = {{"gpt-4o", "my 4o"}}});
  provider_ = &azure;
  target_.base_path = "";
  Request chat = request(Operation::Chat, R"({"model":"x","messages":[]})");
  const auto call = encode(chat);
  ASSERT_TRUE(call);
  EXPECT_EQ(call->path, "/openai/deployments/my%204o/chat/completions?api-version=2024-10-21");
  Request responses = request(Operation::Responses, R"({"model":"x","input":"hi"})");
  const auto other = encode(responses);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->path, "/openai/responses?api-version=2024-10-21");
  EXPECT_THAT(body_of(*other), HasSubstr(R"("model":"my 4o")"));

  target_.base_path = "/openai/v1";
  EXPECT_EQ(encode(chat)->path, "/openai/v1/chat/completions");
}

}  // namespace
}  // namespace sluice::providers
