// Ollama's chat, as its provider is asked and answers.
#include "dialect/ollama.h"

#include "dialect/anthropic_messages.h"
#include "dialect/openai_chat.h"
#include "unit/dialect/converse_support.h"

#include <gmock/gmock.h>

namespace sluice::dialect {
namespace {

using testing::Contains;

Json ask(Asked& asked, std::string_view model = "llama3.2") {
  return asked.put(ollama_dialect(), model);
}

TEST(OllamaRequest, SaysTheSameInItsOwnNames) {
  Asked asked(R"({"model":"m","max_completion_tokens":9,"seed":3,"stop":["x"],"temperature":0.5,
      "messages":[{"role":"user","content":[{"type":"text","text":"What is it?"},
      {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBO"}}]}],
      "response_format":{"type":"json_object"}})",
              chat_dialect());
  const Json body = ask(asked);
  EXPECT_EQ(body["messages"],
            Json::parse(R"([{"role":"user","content":"What is it?","images":["iVBO"]}])"));
  EXPECT_EQ(body["options"],
            Json::parse(R"({"num_predict":9,"temperature":0.5,"seed":3,"stop":["x"]})"));
  EXPECT_EQ(body["format"], "json");
  EXPECT_EQ(body["stream"], false);
}

TEST(OllamaRequest, NamesTheToolThatAResultIsOf) {
  Asked asked(R"({"model":"m","messages":[{"role":"user","content":"Hi"},
      {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function",
        "function":{"name":"f","arguments":"{\"a\":1}"}}]},
      {"role":"tool","tool_call_id":"a","content":"done"}]})",
              chat_dialect());
  const Json messages = ask(asked)["messages"];
  EXPECT_EQ(messages[1]["tool_calls"],
            Json::parse(R"([{"function":{"name":"f","arguments":{"a":1}}}])"));
  EXPECT_EQ(messages[2], Json::parse(R"({"role":"tool","tool_name":"f","content":"done"})"));
}

TEST(OllamaRequest, LetsOnlyThinkersThink) {
  Asked asked(R"({"model":"m","reasoning_effort":"high",
                  "messages":[{"role":"user","content":"Hi"}]})",
              chat_dialect());
  EXPECT_EQ(ask(asked, "gpt-oss:20b")["think"], "high");
  EXPECT_EQ(ask(asked, "qwen3:8b")["think"], true);
  EXPECT_FALSE(ask(asked, "llama3.2").contains("think"));
  EXPECT_THAT(asked.dropped, Contains("reasoning"));
}

TEST(OllamaRequest, RefusesToPromiseACall) {
  Asked asked(R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"Hi"}],
      "tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"any"}})",
              anthropic_messages_dialect());
  EXPECT_EQ(ask(asked), nullptr);
  EXPECT_EQ(asked.error.param, "tool_choice");
}

TEST(OllamaRequest, RefusesImagesThatItCannotFetch) {
  Asked asked(R"({"model":"m","messages":[{"role":"user","content":[
      {"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]})",
              chat_dialect());
  EXPECT_EQ(ask(asked), nullptr);
  EXPECT_EQ(asked.error.param, "messages.content");
}

class OllamaAnswer : public testing::Test {
 protected:
  OllamaAnswer() : decoder(ollama_dialect().decoder(arena_, reader_)) {}
  Result<Signals> hear(std::string_view line) {
    return decoder->frame("", meaning.texts.keep(line), &meaning);
  }
  Meaning meaning;

 private:
  Arena arena_;
  json::Reader reader_;

 protected:
  ArenaPtr<Decoder> decoder;
};

TEST_F(OllamaAnswer, GivesEachCallAnIdOfItsOwn) {
  ASSERT_TRUE(hear(R"({"model":"m","created_at":"2025-06-09T17:58:55Z","done":false,"message":
      {"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}},
      {"function":{"name":"g","arguments":{}}}]}})"));
  const auto& first = std::get<ToolCallDelta>(meaning.events[1]);
  const auto& second = std::get<ToolCallDelta>(meaning.events[2]);
  EXPECT_EQ(first.id, "call_20250609175855_0");
  EXPECT_EQ(first.arguments, R"({"a":1})");
  EXPECT_EQ(second.id, "call_20250609175855_1");
  EXPECT_EQ(second.index, 1U);
}

TEST_F(OllamaAnswer, StopsForItsCallsThoughItSaysOtherwise) {
  ASSERT_TRUE(hear(R"({"message":{"tool_calls":[{"function":{"name":"f"}}]},"done":false})"));
  const auto end = hear(R"({"message":{"content":""},"done":true,"done_reason":"stop",
                            "prompt_eval_count":4,"eval_count":6})");
  EXPECT_TRUE(end->end);
  EXPECT_EQ(std::get<ReplyStopped>(meaning.events.back()).reason, FinishReason::ToolCalls);
  EXPECT_EQ(decoder->usage()->input, 4);
  EXPECT_EQ(decoder->usage()->output, 6);
}

TEST_F(OllamaAnswer, FailsAtALineThatIsAnError) {
  const auto failed = hear(R"({"error":"model runner has stopped"})");
  EXPECT_EQ(failed.error()->code, "upstream_error");
  EXPECT_EQ(failed.error()->message, "model runner has stopped");
  EXPECT_EQ(hear("not json").error()->code, "upstream_bad_response");
}

TEST_F(OllamaAnswer, IsCutWhenItsBodyIsNotDone) {
  EXPECT_FALSE(decoder->body(R"({"message":{"content":"Hi"},"done":false})", &meaning));
}

}  // namespace
}  // namespace sluice::dialect
