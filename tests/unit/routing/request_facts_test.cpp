#include "routing/request_facts.h"

#include "support/fake_clock.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace sluice::routing {
namespace {

using config::Name;
using config::StickySettings;
using config::Value;

class Head final : public CallerHead {
 public:
  std::optional<std::string_view> field(std::string_view name) const override {
    const auto found = fields.find(name);
    if (found == fields.end()) return std::nullopt;
    return found->second;
  }
  std::map<std::string, std::string, std::less<>> fields;
};

class Facts : public testing::Test {
 protected:
  // Of a request with this body.
  RequestFacts of(std::string_view body, Operation operation = Operation::Chat) {
    request_ = {};
    request_.operation = operation;
    request_.json.text = body;
    return {context_, request_};
  }

  std::optional<std::uint64_t> prompt(std::string_view body,
                                      Operation operation = Operation::Chat) {
    return of(body, operation).affinity({.by = StickySettings::By::Prompt, .header = {}});
  }

  FakeClock clock_;
  Arena arena_;
  Arena draft_;
  Context context_{arena_, draft_, clock_};
  Request request_;
};

const StickySettings kByUser{.by = StickySettings::By::User, .header = {}};

TEST_F(Facts, InputTokensAreAQuarterOfTheBody) {
  const std::string body(4000, ' ');
  RequestFacts facts = of(body);

  EXPECT_EQ(facts.input_tokens(), 1000);
  EXPECT_EQ(facts.value(Name::RequestInputTokens), Value(1000.0));
  EXPECT_EQ(request_.conversation, nullptr);
}

TEST_F(Facts, InputTokensOfMediaAreNotThoseOfTheirBytes) {
  const std::string image(400'000, 'A');
  const std::string body =
      R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,)" +
      image + R"("}},{"type":"text","text":"What is this?"}]}]})";
  RequestFacts facts = of(body);

  EXPECT_GT(facts.input_tokens(), 100);
  EXPECT_LT(facts.input_tokens(), 5000);
}

TEST_F(Facts, InputTokensAreCountedAsTheModelDoes) {
  RequestFacts facts = of(R"({"messages":[{"role":"user","content":"Hello, world!"}]})");

  // Four of the text, three of the message, three for the answer.
  EXPECT_EQ(facts.input_tokens_for("openai", "gpt-4o"), 10);
  EXPECT_EQ(facts.input_tokens_for("openai", "gpt-4"), 10);
  EXPECT_GT(facts.input_tokens_for("anthropic", "claude-opus-5"), 6);
}

TEST_F(Facts, TheUserIsTheKeysBeforeTheHeadersBeforeTheBodys) {
  RequestFacts facts = of("{}");
  EXPECT_TRUE(facts.value(Name::RequestUser).is_missing());
  EXPECT_EQ(facts.affinity(kByUser), std::nullopt);

  request_.user = "of the body";
  EXPECT_EQ(facts.user(), "of the body");
  const auto before = facts.affinity(kByUser);
  context_.user = "of the header";
  EXPECT_EQ(facts.user(), "of the header");
  EXPECT_NE(facts.affinity(kByUser), before);
  context_.principal = Principal{.id = "k", .user = "of the key", .models = {}, .may = {}};
  EXPECT_EQ(facts.user(), "of the key");
  EXPECT_EQ(facts.value(Name::PrincipalUser), Value(std::string_view("of the key")));
  EXPECT_EQ(facts.value(Name::PrincipalKey), Value(std::string_view("k")));
}

TEST_F(Facts, OfTheHeadAndTheTagsAreFoundByName) {
  Head head;
  head.fields["x-session"] = "7";
  const Field tags[] = {{"task", "summary"}, {"tier", "gold"}};
  RequestFacts facts = of("{}");
  EXPECT_EQ(facts.header("x-session"), std::nullopt);
  EXPECT_EQ(facts.tag("task"), std::nullopt);

  context_.head = &head;
  context_.tags = tags;

  EXPECT_EQ(facts.header("x-session"), "7");
  EXPECT_EQ(facts.tag("tier"), "gold");
  EXPECT_EQ(facts.tag("other"), std::nullopt);
  EXPECT_NE(facts.affinity({.by = StickySettings::By::Header, .header = "x-session"}),
            std::nullopt);
  EXPECT_EQ(facts.affinity({.by = StickySettings::By::Header, .header = "x-other"}), std::nullopt);
}

TEST_F(Facts, TheTemperatureStandsWhereTheDialectHasIt) {
  EXPECT_EQ(of(R"({"temperature":0.5})").temperature(), 0.5);
  EXPECT_EQ(of(R"({"temperature":null})").temperature(), std::nullopt);
  EXPECT_EQ(
      of(R"({"generationConfig":{"temperature":0.5}})", Operation::GenerateContent).temperature(),
      0.5);
  EXPECT_EQ(
      of(R"({"generation_config":{"temperature":0.5}})", Operation::GenerateContent).temperature(),
      0.5);
  EXPECT_EQ(of(R"({"inferenceConfig":{"temperature":0.5}})", Operation::Converse).temperature(),
            0.5);
  EXPECT_TRUE(of("{").value(Name::RequestTemperature).is_missing());
}

TEST_F(Facts, NeedsAreToldByName) {
  RequestFacts facts = of(
      R"({"messages":[{"role":"user","content":"Hi"}],"reasoning_effort":"high","tools":[{"type":
          "function","function":{"name":"f"}}],"response_format":{"type":"json_object"}})");

  EXPECT_TRUE(facts.value(Name::NeedsTools).truth());
  EXPECT_TRUE(facts.value(Name::NeedsJson).truth());
  EXPECT_TRUE(facts.value(Name::NeedsReasoning).truth());
  EXPECT_FALSE(facts.value(Name::NeedsVision).truth());
  EXPECT_TRUE(facts.value(Name::NeedsVision).is_bool());
}

TEST_F(Facts, AnAnswerIsExpectedToBeShorterThanItMayBe) {
  RequestFacts facts = of("{}");
  EXPECT_EQ(facts.output_tokens(), 256);
  request_.max_tokens = 100;
  EXPECT_EQ(facts.output_tokens(), 100);
  request_.max_tokens = 100'000;
  EXPECT_EQ(facts.output_tokens(), 1024);
}

TEST_F(Facts, WhatIsAskedIsToldByName) {
  RequestFacts facts = of("{}");
  request_.model = "m";
  request_.stream = true;

  EXPECT_EQ(facts.value(Name::RequestModel), Value(std::string_view("m")));
  EXPECT_EQ(facts.value(Name::RequestOperation), Value(std::string_view("chat")));
  EXPECT_TRUE(facts.value(Name::RequestStream).truth());
  EXPECT_TRUE(facts.value(Name::RequestMaxTokens).is_missing());
  EXPECT_EQ(facts.value(Name::TimeHour), Value(1.0));
  EXPECT_TRUE(facts.value(Name::PrincipalTeam).is_missing());
}

// ---- By the prompt

constexpr std::string_view kFirst =
    R"({"model":"m","messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Hi"}]})";

TEST_F(Facts, AConversationKeepsItsHash) {
  const auto first = prompt(kFirst);
  ASSERT_NE(first, std::nullopt);

  EXPECT_EQ(prompt(R"({"messages":[{"role":"system","content":"Be kind."},
                       {"content":"Hi","role":"user"},{"role":"assistant","content":"Hello!"},
                       {"role":"user","content":"How are you?"}],"model":"other","stream":true})"),
            first);
}

TEST_F(Facts, ConversationsThatBeginOtherwiseHaveOtherHashes) {
  const auto first = prompt(kFirst);

  EXPECT_NE(
      prompt(
          R"({"messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Ho"}]})"),
      first);
  EXPECT_NE(
      prompt(
          R"({"messages":[{"role":"system","content":"Be rude."},{"role":"user","content":"Hi"}]})"),
      first);
  std::string with_tools(kFirst);
  with_tools.insert(1, R"("tools":[{"type":"function"}],)");
  EXPECT_NE(prompt(with_tools), first);
  std::string with_key(kFirst);
  with_key.insert(1, R"("prompt_cache_key":"a",)");
  EXPECT_NE(prompt(with_key), first);
}

TEST_F(Facts, ALongBeginningIsOneWhateverFollows) {
  const std::string system = R"({"messages":[{"role":"system","content":")" +
                             std::string(2000, 'x') + R"("},{"role":"user","content":")";

  EXPECT_EQ(prompt(system + R"(Hi"}]})"), prompt(system + R"(Ho"}]})"));
}

TEST_F(Facts, CacheMarksMayMove) {
  const auto hash = prompt(
      R"({"system":[{"type":"text","text":"Be kind."}],"messages":[{"role":"user","content":
          [{"type":"text","text":"Hi","cache_control":{"type":"ephemeral"}}]}]})",
      Operation::Messages);

  EXPECT_EQ(prompt(R"({"system":[{"type":"text","text":"Be kind."}],"messages":[{"role":"user",
                       "content":[{"type":"text","text":"Hi"}]},{"role":"assistant","content":"Hello!"},
                       {"role":"user","content":[{"type":"text","text":"How?","cache_control":{}}]}]})",
                   Operation::Messages),
            hash);
}

TEST_F(Facts, AllDialectsHaveABeginning) {
  EXPECT_NE(prompt(R"({"contents":[{"parts":[{"text":"Hi"}]}]})", Operation::GenerateContent),
            prompt(R"({"contents":[{"parts":[{"text":"Ho"}]}]})", Operation::GenerateContent));
  EXPECT_NE(prompt(R"({"input":"Hi"})", Operation::Responses),
            prompt(R"({"input":"Ho"})", Operation::Responses));
  EXPECT_NE(prompt(R"({"input":"Hi","instructions":"A"})", Operation::Responses),
            prompt(R"({"input":"Hi","instructions":"B"})", Operation::Responses));
  EXPECT_NE(prompt(R"({"prompt":"Hi"})", Operation::Completions),
            prompt(R"({"prompt":"Ho"})", Operation::Completions));
  EXPECT_NE(
      prompt(R"({"messages":[{"role":"user","content":[{"text":"Hi"}]}]})", Operation::Converse),
      prompt(R"({"messages":[{"role":"user","content":[{"text":"Ho"}]}]})", Operation::Converse));
  EXPECT_EQ(prompt(R"({"model":"m"})"), std::nullopt);
  EXPECT_EQ(prompt("{"), std::nullopt);
  EXPECT_EQ(prompt(""), std::nullopt);
}

}  // namespace
}  // namespace sluice::routing
