#include "routing/capability.h"

#include "support/fake_clock.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace sluice::routing {
namespace {

ProviderKind kind_of(std::initializer_list<Operation> operations) {
  ProviderKind kind;
  kind.type = "some";
  for (const Operation operation : operations)
    kind.operations.set(static_cast<std::size_t>(operation));
  return kind;
}

const ProviderKind kChats = kind_of({Operation::Chat});

Abilities all_of(std::initializer_list<sluice::Ability> abilities) {
  Abilities all;
  for (const auto ability : abilities) all.add(ability);
  return all;
}

ModelFacts model_of(std::int64_t context, Abilities abilities = {}) {
  return {.id = "m", .context = context, .most_output = 0, .abilities = abilities};
}

class Capability : public testing::Test {
 protected:
  RequestFacts of(std::string_view body, Operation operation = Operation::Chat) {
    request_ = {};
    request_.operation = operation;
    request_.model = "assistant";
    request_.json.text = body;
    return {context_, request_};
  }

  Lacks lacks(Operation operation, const ProviderKind& kind) {
    RequestFacts facts = of("{}", operation);
    return lack_of(facts, &kind, nullptr, "m").what;
  }

  FakeClock clock_;
  Arena arena_;
  Arena draft_;
  Context context_{arena_, draft_, clock_};
  Request request_;
};

constexpr std::string_view kPlain = R"({"messages":[{"role":"user","content":"Hi"}]})";
constexpr std::string_view kTools =
    R"({"messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function","function":{"name":"f"}}]})";

std::string chat_of(std::string_view text) {
  return R"({"messages":[{"role":"user","content":")" + std::string(text) + "\"}]}";
}

TEST_F(Capability, WhoeverChatsAnswersAllConversations) {
  for (const Operation operation :
       {Operation::Chat, Operation::Completions, Operation::Responses, Operation::Messages,
        Operation::GenerateContent, Operation::Converse, Operation::CountTokens,
        Operation::CountContent}) {
    EXPECT_EQ(lacks(operation, kChats), Lacks::Nothing);
    EXPECT_EQ(lacks(operation, kind_of({Operation::Converse})), Lacks::Nothing);
    EXPECT_EQ(lacks(operation, kind_of({Operation::Embeddings})), Lacks::Operation);
  }
}

TEST_F(Capability, OtherOperationsAreOnesOwn) {
  EXPECT_EQ(lacks(Operation::Embeddings, kChats), Lacks::Operation);
  EXPECT_EQ(lacks(Operation::EmbedContent, kind_of({Operation::Embeddings})), Lacks::Nothing);
  EXPECT_EQ(lacks(Operation::Embeddings, kind_of({Operation::EmbedContent})), Lacks::Nothing);
  EXPECT_EQ(lacks(Operation::Rerank, kChats), Lacks::Operation);
  EXPECT_EQ(lacks(Operation::Rerank, kind_of({Operation::Rerank})), Lacks::Nothing);
  EXPECT_EQ(lacks(Operation::StoredResponse, kind_of({Operation::Responses})), Lacks::Nothing);
  EXPECT_EQ(lacks(Operation::StoredResponse, kChats), Lacks::Operation);
}

TEST_F(Capability, WhatIsUnknownIsPresumed) {
  RequestFacts facts = of(kTools);

  EXPECT_FALSE(lack_of(facts, nullptr, nullptr, "m"));
  EXPECT_FALSE(lack_of(facts, &kChats, nullptr, "m"));
}

TEST_F(Capability, AMissingAbilityIsNamed) {
  RequestFacts facts = of(kTools);
  const ModelFacts without = model_of(0);
  const ModelFacts with = model_of(0, all_of({sluice::Ability::Tools}));

  const Lack lack = lack_of(facts, &kChats, &without, "m");

  EXPECT_EQ(lack.what, Lacks::Ability);
  EXPECT_EQ(lack.ability, sluice::Ability::Tools);
  EXPECT_FALSE(lack_of(facts, &kChats, &with, "m"));
}

TEST_F(Capability, AHintIsNotMissed) {
  RequestFacts facts = of(
      R"({"messages":[{"role":"user","content":"Hi"}],"reasoning_effort":"high","parallel_tool_calls":true})");
  const ModelFacts plain = model_of(0);

  EXPECT_FALSE(lack_of(facts, &kChats, &plain, "m"));
}

TEST_F(Capability, TheConversationIsReadOnlyWhereItIsInDoubt) {
  const ModelFacts able = model_of(0, all_of({sluice::Ability::Tools}));
  RequestFacts facts = of(kTools);
  EXPECT_FALSE(lack_of(facts, &kChats, &able, "m"));
  EXPECT_EQ(request_.conversation, nullptr);

  const ModelFacts unable = model_of(1000);
  RequestFacts plain = of(kPlain);
  EXPECT_FALSE(lack_of(plain, &kChats, &unable, "m"));
  EXPECT_EQ(request_.conversation, nullptr);
}

TEST_F(Capability, AWindowHoldsInputAndAnswer) {
  const std::string body = chat_of("Hello, world!");  // Ten tokens, of OpenAI's.
  RequestFacts facts = of(body);
  request_.max_tokens = 90;

  const ModelFacts fits = model_of(100);
  EXPECT_FALSE(lack_of(facts, &kChats, &fits, "gpt-4o"));

  const ModelFacts narrow = model_of(99);
  const Lack lack = lack_of(facts, &kChats, &narrow, "gpt-4o");
  EXPECT_EQ(lack.what, Lacks::Window);
  EXPECT_EQ(lack.wanted, 100);
  EXPECT_EQ(lack.window, 99);
}

TEST_F(Capability, AnAnswerIsNoLongerThanTheModelCanSay) {
  RequestFacts facts = of(kPlain);
  request_.max_tokens = 1'000'000;
  ModelFacts model = model_of(1000);
  model.most_output = 500;

  EXPECT_FALSE(lack_of(facts, &kChats, &model, "m"));
}

TEST_F(Capability, OfAnUnknownWindowEverythingFits) {
  const std::string body = chat_of(std::string(100'000, 'x'));
  RequestFacts facts = of(body);
  const ModelFacts model = model_of(0);

  EXPECT_FALSE(lack_of(facts, &kChats, &model, "m"));
}

TEST_F(Capability, ManyBytesMayStillBeFewTokens) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "international ";
  const std::string body = chat_of(text);
  RequestFacts facts = of(body);
  const ModelFacts model = model_of(3000);
  ASSERT_GT(body.size() / 2, 3000U);

  EXPECT_FALSE(lack_of(facts, &kChats, &model, "gpt-4o"));
}

TEST_F(Capability, WhatTheProviderMayCutIsNeverTooLong) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "a b c ";
  const ModelFacts model = model_of(1000);
  const std::string whole = R"({"input":")" + text + R"("})";
  RequestFacts facts = of(whole, Operation::Responses);
  EXPECT_EQ(lack_of(facts, nullptr, &model, "gpt-4o").what, Lacks::Window);

  const std::string cut = R"({"truncation":"auto","input":")" + text + R"("})";
  RequestFacts others = of(cut, Operation::Responses);
  EXPECT_FALSE(lack_of(others, nullptr, &model, "gpt-4o"));
}

TEST_F(Capability, WhereAllWindowsAreTooNarrowTheWidestIsTold) {
  of(kPlain);
  const Lack lacks[] = {{.what = Lacks::Window, .wanted = 9000, .window = 4000},
                        {.what = Lacks::Window, .wanted = 9100, .window = 8000}};

  const ApiError error = nobody_can(request_, lacks);

  EXPECT_EQ(error.code, "context_length_exceeded");
  EXPECT_EQ(
      error.message,
      "The largest context window here is of 8000 tokens, and this request needs about 9100.");
}

TEST_F(Capability, OtherwiseTheAbilityIsNamed) {
  of(kPlain);
  const Lack lacks[] = {{.what = Lacks::Window, .wanted = 9000, .window = 4000},
                        {.what = Lacks::Operation},
                        {.what = Lacks::Ability, .ability = sluice::Ability::ImagesIn}};

  const ApiError error = nobody_can(request_, lacks);

  EXPECT_EQ(error.kind, ErrorKind::InvalidRequest);
  EXPECT_EQ(error.code, "unsupported_parameter");
  EXPECT_EQ(error.message,
            R"(No model behind "assistant" can do what this request needs: images_in.)");
  EXPECT_EQ(error.param, "messages");
}

TEST_F(Capability, OrTheOperation) {
  of(kPlain);
  const Lack lacks[] = {{.what = Lacks::Operation}, {.what = Lacks::Operation}};

  const ApiError error = nobody_can(request_, lacks);

  EXPECT_EQ(error.code, "unsupported_parameter");
  EXPECT_EQ(error.message, R"(No model behind "assistant" can answer chat.)");
}

}  // namespace
}  // namespace sluice::routing
