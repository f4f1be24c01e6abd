// Cohere's chat, as its provider is asked and answers.
#include "dialect/cohere.h"

#include "dialect/anthropic_messages.h"
#include "dialect/openai_chat.h"
#include "unit/dialect/converse_support.h"

#include <gmock/gmock.h>

namespace sluice::dialect {
namespace {

using testing::Contains;

constexpr std::string_view kModel = "command-a-03-2025";
constexpr std::string_view kThinker = "command-a-reasoning-08-2025";

Json ask(Asked& asked, std::string_view model = kModel) {
  return asked.put(cohere_dialect(), model);
}

TEST(CohereRequest, SaysTheSameInItsOwnNames) {
  Asked asked(R"({"model":"m","messages":[{"role":"system","content":"Be brief."},
      {"role":"user","content":"Hi"}],"top_p":1,"temperature":0.5,"stop":"x","seed":3,
      "frequency_penalty":-1,"max_tokens":9})",
              chat_dialect());
  asked.stream = true;
  const Json body = ask(asked);
  EXPECT_EQ(body["messages"], Json::parse(R"([{"role":"system","content":"Be brief."},
                                              {"role":"user","content":"Hi"}])"));
  EXPECT_EQ(body["p"], 0.99);
  EXPECT_EQ(body["frequency_penalty"], 0);
  EXPECT_EQ(body["stop_sequences"], Json::array({"x"}));
  EXPECT_EQ(body["max_tokens"], 9);
  EXPECT_EQ(body["stream"], true);
  EXPECT_THAT(asked.approximated, Contains("top_p"));
}

TEST(CohereRequest, TellsAToolThatMustBeCalledAsTheOnlyOne) {
  Asked asked(R"({"model":"m","messages":[{"role":"user","content":"Hi"}],
      "tools":[{"type":"function","function":{"name":"a","strict":true}},
               {"type":"function","function":{"name":"b"}}],
      "tool_choice":{"type":"function","function":{"name":"a"}}})",
              chat_dialect());
  const Json body = ask(asked);
  EXPECT_EQ(body["tools"].size(), 1U);
  EXPECT_EQ(body["tools"][0]["function"]["name"], "a");
  EXPECT_EQ(body["tool_choice"], "REQUIRED");
  EXPECT_EQ(body["strict_tools"], true);
}

TEST(CohereRequest, AnswersCallsInMessagesOfTheirOwn) {
  Asked asked(R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"Hi"},
      {"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"a":1}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"done"},
                                {"type":"text","text":"Go on"}]}]})",
              anthropic_messages_dialect());
  const Json messages = ask(asked)["messages"];
  EXPECT_EQ(messages[1]["tool_calls"][0]["function"]["arguments"], R"({"a":1})");
  EXPECT_EQ(messages[2], Json::parse(R"({"role":"tool","tool_call_id":"t","content":"done"})"));
  EXPECT_EQ(messages[3]["role"], "user");
}

TEST(CohereRequest, CitesFromDocumentsThatAreTexts) {
  Asked asked(R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":[
      {"type":"document","title":"t","source":{"type":"text","media_type":"text/plain",
       "data":"words"}},{"type":"text","text":"Hi"}]}]})",
              anthropic_messages_dialect());
  const Json body = ask(asked);
  EXPECT_EQ(body["documents"], Json::parse(R"([{"data":{"title":"t","text":"words"}}])"));
  EXPECT_EQ(body["messages"][0]["content"].size(), 1U);
}

TEST(CohereRequest, LetsOnlyThinkersThink) {
  Asked asked(R"({"model":"m","reasoning_effort":"low",
                  "messages":[{"role":"user","content":"Hi"}]})",
              chat_dialect());
  EXPECT_EQ(ask(asked, kThinker)["thinking"],
            Json::parse(R"({"type":"enabled","token_budget":4096})"));
  EXPECT_FALSE(ask(asked).contains("thinking"));
  EXPECT_THAT(asked.dropped, Contains("reasoning"));
}

TEST(CohereRequest, RefusesWhatWouldMeanAnotherAnswer) {
  for (const char* field : {R"("n":2)", R"("logprobs":true)"}) {
    Asked asked(
        std::string(R"({"model":"m","messages":[{"role":"user","content":"Hi"}],)") + field + "}",
        chat_dialect());
    EXPECT_EQ(ask(asked), nullptr);
    EXPECT_EQ(asked.error.code, "unsupported_parameter");
  }
}

class CohereAnswer : public testing::Test {
 protected:
  CohereAnswer() : decoder(cohere_dialect().decoder(arena_, reader_)) {}
  Result<Signals> hear(std::string_view data) {
    return decoder->frame("", meaning.texts.keep(data), &meaning);
  }
  Meaning meaning;

 private:
  Arena arena_;
  json::Reader reader_;

 protected:
  ArenaPtr<Decoder> decoder;
};

TEST_F(CohereAnswer, TellsItsPlanAsAThought) {
  ASSERT_TRUE(hear(R"({"type":"tool-plan-delta","delta":{"message":{"tool_plan":"I will"}}})"));
  EXPECT_EQ(std::get<ReasoningDelta>(meaning.events.back()).text, "I will");
}

TEST_F(CohereAnswer, NumbersItsCallsWithoutGaps) {
  for (const char* index : {"1", "2"}) {
    ASSERT_TRUE(hear(std::string(R"({"type":"tool-call-start","index":)") + index +
                     R"(,"delta":{"message":{"tool_calls":{"id":"t","type":"function",
                     "function":{"name":"f","arguments":""}}}}})"));
  }
  EXPECT_EQ(std::get<ToolCallDelta>(meaning.events.front()).index, 0U);
  EXPECT_EQ(std::get<ToolCallDelta>(meaning.events.back()).index, 1U);
}

TEST_F(CohereAnswer, SaysWhereItKnowsItsWordsFrom) {
  ASSERT_TRUE(hear(R"({"type":"citation-start","index":0,"delta":{"message":{"citations":
      {"start":3,"end":7,"text":"Ruby","sources":[{"type":"document","id":"d",
       "document":{"title":"Facts","url":"https://example.com","text":"source"}}]}}}})"));
  const Citation& citation = std::get<CitationMade>(meaning.events.back()).citation;
  EXPECT_EQ(citation.begin, 3);
  EXPECT_EQ(citation.end, 7);
  EXPECT_EQ(citation.title, "Facts");
  EXPECT_EQ(citation.url, "https://example.com");
  EXPECT_EQ(citation.cited, "source");
}

TEST_F(CohereAnswer, IsFinishedBeforeItsStreamEnds) {
  EXPECT_FALSE(hear(R"({"type":"message-end","delta":{"finish_reason":"MAX_TOKENS","usage":
      {"tokens":{"input_tokens":5.0,"output_tokens":7,"reasoning_tokens":2},"cached_tokens":3}}})")
                   ->end);
  EXPECT_TRUE(decoder->finished());
  EXPECT_FALSE(decoder->ended());
  EXPECT_TRUE(hear("[DONE]")->end);
  const Usage expected{.input = 5, .cached = 3, .output = 7, .reasoning = 2};
  EXPECT_EQ(*decoder->usage(), expected);
  EXPECT_EQ(std::get<ReplyStopped>(meaning.events.back()).reason, FinishReason::Length);
}

TEST_F(CohereAnswer, FailsWhenItEndsInAnError) {
  const auto failed =
      hear(R"({"type":"message-end","delta":{"finish_reason":"ERROR","error":"Out of memory."}})");
  EXPECT_EQ(failed.error()->code, "upstream_error");
  EXPECT_EQ(failed.error()->message, "Out of memory.");
  EXPECT_EQ(hear(R"({"type":"message-end","delta":{"finish_reason":"TIMEOUT"}})").error()->code,
            "upstream_timeout");
  EXPECT_EQ(decoder->body(R"({"id":"x","message":"No."})", &meaning).error()->message, "No.");
}

}  // namespace
}  // namespace sluice::dialect
