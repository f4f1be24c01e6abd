// What Converse answers: read from a provider, and written for a caller.
#include "dialect/converse_error.h"
#include "unit/dialect/converse_support.h"

#include <gmock/gmock.h>

namespace sluice::dialect {
namespace {

using testing::ElementsAre;

std::vector<std::string> names_of(const std::vector<std::pair<std::string, Json>>& messages) {
  std::vector<std::string> names;
  for (const auto& [name, payload] : messages) names.push_back(name);
  return names;
}

class Stream : public testing::Test {
 protected:
  Stream() : decoder_(converse_dialect().decoder(arena_, reader_)) {}

  Result<Signals> hear(std::string_view name, std::string_view data) {
    return decoder_->frame(name, meaning.texts.keep(data), &meaning);
  }
  template <class Kind>
  const Kind& last() {
    return std::get<Kind>(meaning.events.back());
  }

  Meaning meaning;

 private:
  Arena arena_;
  json::Reader reader_;

 protected:
  ArenaPtr<Decoder> decoder_;
};

TEST_F(Stream, EndsWithItsMetadata) {
  EXPECT_FALSE(hear("messageStop", R"({"stopReason":"end_turn","p":"abc"})")->end);
  EXPECT_TRUE(decoder_->finished());
  EXPECT_FALSE(decoder_->ended());
  EXPECT_TRUE(hear("metadata", R"({"usage":{"inputTokens":3,"outputTokens":5,"totalTokens":19,
      "cacheReadInputTokens":7,"cacheWriteInputTokens":4,
      "cacheDetails":[{"ttl":"1h","inputTokens":4}]},"metrics":{"latencyMs":1}})")
                  ->end);
  EXPECT_TRUE(decoder_->ended());
  const Usage expected{
      .input = 14, .cached = 7, .cache_write = 4, .output = 5, .cache_write_1h = 4};
  EXPECT_EQ(*decoder_->usage(), expected);
}

TEST_F(Stream, SaysOnceThatTheCallerHasSomething) {
  EXPECT_FALSE(hear("messageStart", R"({"role":"assistant"})")->content);
  const auto delta = hear("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"Hi"}})");
  EXPECT_TRUE(delta->content);
  EXPECT_EQ(delta->text_bytes, 2U);
}

TEST_F(Stream, TellsACallWithoutArgumentsAsAnEmptyObject) {
  ASSERT_TRUE(hear("contentBlockStart",
                   R"({"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"t","name":"f"}}})"));
  ASSERT_TRUE(hear("contentBlockStop", R"({"contentBlockIndex":0})"));
  EXPECT_EQ(last<ToolCallDelta>().arguments, "{}");
}

TEST_F(Stream, KeepsWhatTheProvidersOwnToolsDidAsOneBlock) {
  ASSERT_TRUE(hear("contentBlockStart", R"({"contentBlockIndex":0,"start":{"toolUse":
      {"toolUseId":"t","name":"nova_grounding","type":"server_tool_use"}}})"));
  ASSERT_TRUE(hear("contentBlockDelta",
                   R"({"contentBlockIndex":0,"delta":{"toolUse":{"input":"{\"q\":1}"}}})"));
  ASSERT_TRUE(hear("contentBlockStop", R"({"contentBlockIndex":0})"));
  const Foreign& block = last<ForeignMade>().block;
  EXPECT_EQ(Json::parse(block.json), Json::parse(R"({"toolUse":{"toolUseId":"t",
      "name":"nova_grounding","type":"server_tool_use","input":{"q":1}}})"));
  EXPECT_EQ(block.importance, Importance::Hint);
}

TEST_F(Stream, TellsWhichSequenceStoppedIt) {
  ASSERT_TRUE(hear("messageStop", R"({"stopReason":"stop_sequence",
      "additionalModelResponseFields":{"stop_sequence":"END"}})"));
  EXPECT_EQ(last<ReplyStopped>().reason, FinishReason::StopSequence);
  EXPECT_EQ(last<ReplyStopped>().stop_sequence, "END");
}

TEST_F(Stream, FailsAsItsExceptionSays) {
  const std::pair<const char*, const char*> known[] = {
      {"exception:throttlingException", "upstream_rate_limited"},
      {"exception:serviceUnavailableException", "upstream_overloaded"},
      {"exception:modelTimeoutException", "upstream_timeout"},
      {"exception:validationException", "invalid_request"},
      {"exception:modelStreamErrorException", "upstream_error"},
  };
  for (const auto& [name, code] : known) {
    const auto failed = hear(name, R"({"message":"No."})");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error()->code, code);
    EXPECT_EQ(failed.error()->message, "No.");
  }
  EXPECT_EQ(hear("contentBlockDelta", "{").error()->code, "upstream_bad_response");
}

TEST_F(Stream, ReadsATextThatCites) {
  const std::string body = R"({"output":{"message":{"role":"assistant","content":[
      {"citationsContent":{"content":[{"text":"Ruby"}],"citations":[{"title":"facts",
       "sourceContent":[{"text":"the source"}]}]}}]}},"stopReason":"end_turn",
      "usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}})";
  ASSERT_TRUE(decoder_->body(body, &meaning));
  bool cited = false;
  for (const Event& event : meaning.events) {
    if (const auto* made = std::get_if<CitationMade>(&event)) {
      cited = true;
      EXPECT_EQ(made->citation.title, "facts");
      EXPECT_EQ(made->citation.cited, "the source");
    }
  }
  EXPECT_TRUE(cited);
}

TEST_F(Stream, IsNoAnswerWithoutAMessage) {
  EXPECT_EQ(decoder_->body(R"({"message":"Broken."})", &meaning).error()->message, "Broken.");
  EXPECT_EQ(decoder_->body("{}", &meaning).error()->code, "upstream_bad_response");
}

// ---- Written

TEST(ConverseAnswer, IsStreamedInTheOrderThatItsLibrariesExpect) {
  const Event events[] = {
      ReplyStarted{.id = "x", .model = "m"},
      ReasoningDelta{0, "Hm"},
      ReasoningSealed{.choice = 0, .seal = {Dialect::Converse, "SIG"}},
      TextDelta{0, "Hi"},
      ToolCallDelta{.index = 0, .id = "t", .name = "f", .arguments = "{\"a\""},
      ToolCallDelta{.index = 0, .arguments = ":1}"},
      Usage{.input = 10, .cached = 4, .output = 2},
      ReplyStopped{.reason = FinishReason::ToolCalls},
  };
  const auto messages = messages_of(told(true, events));
  EXPECT_THAT(
      names_of(messages),
      ElementsAre("messageStart", "contentBlockDelta", "contentBlockDelta", "contentBlockStop",
                  "contentBlockDelta", "contentBlockStop", "contentBlockStart", "contentBlockDelta",
                  "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"));
  EXPECT_EQ(messages[2].second["delta"]["reasoningContent"]["signature"], "SIG");
  EXPECT_EQ(messages[4].second["contentBlockIndex"], 1);
  EXPECT_EQ(messages[6].second["start"]["toolUse"], Json::parse(R"({"toolUseId":"t","name":"f"})"));
  EXPECT_EQ(messages[10].second["stopReason"], "tool_use");
  EXPECT_EQ(messages[11].second["usage"]["inputTokens"], 6);
  EXPECT_EQ(messages[11].second["usage"]["cacheReadInputTokens"], 4);
  EXPECT_EQ(messages[11].second["usage"]["totalTokens"], 12);
}

TEST(ConverseAnswer, ClosesWhatIsOpenWhenNothingMoreWasSaid) {
  const Event events[] = {TextDelta{0, "Hi"}};
  EXPECT_THAT(names_of(messages_of(told(true, events))),
              ElementsAre("messageStart", "contentBlockDelta", "contentBlockStop", "messageStop",
                          "metadata"));
}

TEST(ConverseAnswer, IsWholeInOneBody) {
  const Event events[] = {
      TextDelta{0, "Ruby"},
      CitationMade{0, {.url = "https://example.com", .title = "facts"}},
      ToolCallDelta{.index = 0, .id = "t", .name = "f", .arguments = "no object"},
      ReplyStopped{.reason = FinishReason::Stop},
  };
  const Json body = Json::parse(told(false, events));
  const Json& content = body["output"]["message"]["content"];
  EXPECT_EQ(content[0]["citationsContent"]["content"][0]["text"], "Ruby");
  EXPECT_EQ(content[0]["citationsContent"]["citations"][0]["location"]["web"]["url"],
            "https://example.com");
  EXPECT_EQ(content[1]["toolUse"]["input"]["arguments"], "no object");
  EXPECT_EQ(body["stopReason"], "tool_use");
  EXPECT_TRUE(body["metrics"].contains("latencyMs"));
}

TEST(ConverseAnswer, CarriesForeignSealsAsBytesThatLibrariesCanDecode) {
  const Event events[] = {
      ReasoningSealed{.choice = 0, .seal = {Dialect::Responses, "gAAA"}, .redacted = true}};
  const Json body = Json::parse(told(false, events));
  const Json& block = body["output"]["message"]["content"][0];
  // "sluice:responses:gAAA"
  EXPECT_EQ(block["reasoningContent"]["redactedContent"], "c2x1aWNlOnJlc3BvbnNlczpnQUFB");
}

TEST(ConverseAnswer, FailsInItsStreamWithAnExceptionOfTheApi) {
  const auto messages = messages_of(converse_error_event(
      {.kind = ErrorKind::RateLimited, .code = "rate_limited", .message = "Slow down."}));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].first, "throttlingException");
  EXPECT_EQ(messages[0].second["message"], "Slow down.");
}

}  // namespace
}  // namespace sluice::dialect
