// Gemini's answers, read and written, beyond what was recorded.
#include "dialect/gemini.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <list>
#include <string>
#include <vector>

namespace sluice::dialect {
namespace {

using Json = nlohmann::json;

class GeminiDecoding : public testing::Test {
 protected:
  GeminiDecoding() : decoder_(gemini_dialect().decoder(arena_, reader_)) {}

  Result<Signals> hear(std::string_view data) {
    frames_.emplace_back(data);
    return decoder_->frame("", frames_.back(), &meaning_);
  }
  template <class Kind>
  std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const Event& event : meaning_.events) {
      if (const auto* one = std::get_if<Kind>(&event)) found.push_back(*one);
    }
    return found;
  }

  Arena arena_;
  json::Reader reader_;
  ArenaPtr<Decoder> decoder_;
  std::list<std::string> frames_;
  Meaning meaning_;
};

TEST_F(GeminiDecoding, IsFinishedByItsReasonAndEndedByNoWord) {
  auto first = hear(R"({"candidates":[{"content":{"parts":[{"text":"Hi"}]}}],"responseId":"r"})");
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->content);
  EXPECT_FALSE(decoder_->finished());

  auto last = hear(R"({"candidates":[{"finishReason":"STOP"}],
                       "usageMetadata":{"promptTokenCount":9,"toolUsePromptTokenCount":2,
                       "candidatesTokenCount":4,"thoughtsTokenCount":3}})");
  ASSERT_TRUE(last);
  EXPECT_FALSE(last->content);
  EXPECT_TRUE(decoder_->finished());
  EXPECT_FALSE(decoder_->ended());
  EXPECT_EQ(decoder_->usage()->input, 11);
  EXPECT_EQ(decoder_->usage()->output, 7);
  EXPECT_EQ(decoder_->usage()->reasoning, 3);
}

TEST_F(GeminiDecoding, MakesIdsThatAreNotTheSameTwice) {
  ASSERT_TRUE(hear(R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}},
      {"functionCall":{"name":"f","args":{"x":1}}}]},"finishReason":"STOP"}],"responseId":"a/b"})"));

  const auto calls = all<ToolCallDelta>();
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].id, "call_ab_0");
  EXPECT_EQ(calls[0].arguments, "{}");
  EXPECT_EQ(calls[1].id, "call_ab_1");
  EXPECT_EQ(calls[1].index, 1U);
  EXPECT_EQ(calls[1].arguments, R"({"x":1})");
  EXPECT_EQ(all<ReplyStopped>()[0].reason, FinishReason::ToolCalls);
}

TEST_F(GeminiDecoding, JoinsArgumentsThatAreToldValueByValue) {
  for (
      const std::string_view call :
      {R"({"name":"f","willContinue":true})",
       R"({"partialArgs":[{"jsonPath":"$.a","stringValue":"x\n","willContinue":true}],"willContinue":true})",
       R"({"partialArgs":[{"jsonPath":"$.a","stringValue":"y"},{"jsonPath":"$.b[1].c","numberValue":1.50}],"willContinue":true})",
       R"({"partialArgs":[{"jsonPath":"$['d e']","boolValue":true},{"jsonPath":"$.n","nullValue":"NULL_VALUE"}],"willContinue":true})",
       R"({})"}) {
    ASSERT_TRUE(hear(R"({"candidates":[{"content":{"parts":[{"functionCall":)" + std::string(call) +
                     "}]}}]}"));
  }

  std::string arguments;
  for (const ToolCallDelta& delta : all<ToolCallDelta>()) arguments += delta.arguments;
  EXPECT_EQ(arguments, R"({"a":"x\ny","b":[null,{"c":1.50}],"d e":true,"n":null})");
  EXPECT_EQ(all<BlockEnded>().size(), 1U);
}

TEST_F(GeminiDecoding, TellsAnErrorWithinAStream) {
  const auto limited =
      hear(R"({"error":{"code":429,"message":"Slow down","status":"RESOURCE_EXHAUSTED"}})");
  ASSERT_FALSE(limited);
  EXPECT_EQ(limited.error()->code, "upstream_rate_limited");
  EXPECT_EQ(limited.error()->message, "Slow down");

  const auto listed = hear(R"([{"error":{"code":503,"message":"Busy","status":"UNAVAILABLE"}}])");
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error()->code, "upstream_overloaded");

  const auto broken = hear(R"({"candidates":)");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error()->code, "upstream_bad_response");
}

TEST_F(GeminiDecoding, ReadsAListOfChunksAsOneAnswer) {
  const std::string body =
      R"([{"candidates":[{"content":{"parts":[{"text":"A"}]}}],"responseId":"r"},
      {"candidates":[{"content":{"parts":[{"text":"B"}]},"finishReason":"MAX_TOKENS"}]}])";
  ASSERT_TRUE(decoder_->body(body, &meaning_));

  EXPECT_TRUE(decoder_->ended());
  EXPECT_EQ(all<TextDelta>().size(), 2U);
  EXPECT_EQ(all<ReplyStopped>()[0].reason, FinishReason::Length);
}

TEST_F(GeminiDecoding, SaysThatAPromptWasBlocked) {
  ASSERT_TRUE(hear(R"({"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},
                       "usageMetadata":{"promptTokenCount":3}})"));

  EXPECT_TRUE(decoder_->finished());
  EXPECT_EQ(all<ReplyStopped>()[0].reason, FinishReason::ContentFilter);
  EXPECT_EQ(all<ReplyStopped>()[0].native, "PROHIBITED_CONTENT");
}

TEST_F(GeminiDecoding, CountsCharactersWhereCitationsCountBytes) {
  ASSERT_TRUE(hear(R"({"candidates":[{"content":{"parts":[{"text":"Äh: Rome."}]},
      "groundingMetadata":{"webSearchQueries":["a","b"],
      "groundingChunks":[{"web":{"uri":"https://x","title":"X"}}],
      "groundingSupports":[{"segment":{"startIndex":5,"endIndex":10},"groundingChunkIndices":[0]}]}}],
      "usageMetadata":{"promptTokenCount":1}})"));

  const auto cited = all<CitationMade>();
  ASSERT_EQ(cited.size(), 1U);
  EXPECT_EQ(cited[0].citation.url, "https://x");
  EXPECT_EQ(cited[0].citation.begin, 4);
  EXPECT_EQ(cited[0].citation.end, 9);
  EXPECT_EQ(decoder_->usage()->searches, 2);
}

TEST_F(GeminiDecoding, TellsCandidatesApart) {
  ASSERT_TRUE(hear(R"({"candidates":[{"index":0,"content":{"parts":[{"text":"A"}]}},
      {"index":1,"content":{"parts":[{"text":"B"}]},"finishReason":"SAFETY"}]})"));

  EXPECT_EQ(all<TextDelta>()[1].choice, 1U);
  EXPECT_EQ(all<ReplyStopped>()[0].choice, 1U);
}

TEST_F(GeminiDecoding, ReadsACountOfTokens) {
  ASSERT_TRUE(decoder_->body(R"({"totalTokens":31,"promptTokensDetails":[]})", &meaning_));

  ASSERT_EQ(meaning_.events.size(), 1U);
  EXPECT_EQ(all<TokensCounted>()[0].tokens, 31);
}

TEST_F(GeminiDecoding, NeedsNoMeaningToKnowTheEndAndTheCost) {
  const auto signals =
      decoder_->frame("", R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]},
          "finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3}})",
                      nullptr);

  ASSERT_TRUE(signals);
  EXPECT_TRUE(signals->content);
  EXPECT_TRUE(decoder_->finished());
  EXPECT_EQ(decoder_->usage()->input, 3);
}

class GeminiEncoding : public testing::Test {
 protected:
  std::string write(const std::vector<std::vector<Event>>& batches, bool stream,
                    bool array = false) {
    Shape shape;
    shape.stream = stream;
    shape.array = array;
    shape.id = "req";
    shape.model = "m";
    const auto encoder = gemini_dialect().encoder(arena_, shape);
    std::string out;
    for (const auto& batch : batches) encoder->say(batch, out);
    encoder->end(out);
    return out;
  }
  static ToolCallDelta call(std::uint32_t index, std::string_view id, std::string_view arguments) {
    ToolCallDelta delta;
    delta.index = index;
    delta.id = id;
    if (!id.empty()) delta.name = "f";
    delta.arguments = arguments;
    return delta;
  }

  Arena arena_;
};

TEST_F(GeminiEncoding, WritesEventsAsGoogleDoes) {
  Usage usage;
  usage.input = 5;
  usage.cached = 2;
  usage.output = 4;
  usage.reasoning = 1;
  const std::string out = write(
      {{ReplyStarted{"id1", "gpt", 0}, TextDelta{0, "Hi \"you\""}}, {ReplyStopped{}}, {usage}},
      true);

  EXPECT_EQ(out,
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hi \\\"you\\\"\"}],"
            "\"role\":\"model\"},\"index\":0}],\"modelVersion\":\"gpt\",\"responseId\":\"id1\"}"
            "\r\n\r\n"
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}],\"role\":\"model\"},"
            "\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":5,"
            "\"candidatesTokenCount\":3,\"totalTokenCount\":9,\"cachedContentTokenCount\":2,"
            "\"thoughtsTokenCount\":1},\"modelVersion\":\"gpt\",\"responseId\":\"id1\"}\r\n\r\n");
}

TEST_F(GeminiEncoding, HoldsCallsBackUntilTheyAreWhole) {
  const std::string out = write({{call(0, "a", "")},
                                 {call(1, "b", R"({"y")")},
                                 {call(0, "", R"({"x":1})")},
                                 {call(1, "", ":2}")},
                                 {ReplyStopped{.reason = FinishReason::ToolCalls}}},
                                true, true);

  const Json chunks = Json::parse(out);
  ASSERT_EQ(chunks.size(), 2U);
  const Json& parts = chunks[0]["candidates"][0]["content"]["parts"];
  EXPECT_EQ(parts[0]["functionCall"], Json::parse(R"({"id":"a","name":"f","args":{"x":1}})"));
  EXPECT_EQ(parts[1]["functionCall"], Json::parse(R"({"id":"b","name":"f","args":{"y":2}})"));
  EXPECT_EQ(chunks[1]["candidates"][0]["finishReason"], "STOP");
}

TEST_F(GeminiEncoding, KeepsWhatIsLeftOfACallThatWasCutOff) {
  const Json body = Json::parse(
      write({{call(0, "a", R"({"x":"un)"), ReplyStopped{.reason = FinishReason::Length}}}, false));

  EXPECT_EQ(body["candidates"][0]["content"]["parts"][0]["functionCall"]["args"],
            Json::parse(R"({"arguments":"{\"x\":\"un"})"));
  EXPECT_EQ(body["candidates"][0]["finishReason"], "MAX_TOKENS");
}

TEST_F(GeminiEncoding, CarriesForeignSealsAsBase64) {
  ReasoningSealed sealed;
  sealed.seal = {Dialect::Messages, "EqQB"};
  const Json body =
      Json::parse(write({{ReasoningDelta{0, "hm", false}, sealed, TextDelta{0, "Yes"}}}, false));

  EXPECT_EQ(body["candidates"][0]["content"]["parts"], Json::parse(R"([{"thought":true,"text":"hm",
                "thoughtSignature":"c2x1aWNlOm1lc3NhZ2VzOkVxUUI="},{"text":"Yes"}])"));
}

TEST_F(GeminiEncoding, MakesGroundingOfForeignCitations) {
  CitationMade made;
  made.citation.url = "https://x";
  made.citation.begin = 2;
  made.citation.end = 4;
  const Json body = Json::parse(write({{TextDelta{0, "Äh: Rome"}, made}}, false));

  const Json& grounding = body["candidates"][0]["groundingMetadata"];
  EXPECT_EQ(grounding["groundingChunks"][0]["web"]["uri"], "https://x");
  EXPECT_EQ(grounding["groundingSupports"][0]["segment"],
            Json::parse(R"({"startIndex":3,"endIndex":5,"text":": "})"));
}

TEST_F(GeminiEncoding, AnswersEvenWhereNothingWasSaid) {
  const Json body = Json::parse(write({}, false));

  EXPECT_EQ(body["candidates"][0]["finishReason"], "STOP");
  EXPECT_EQ(body["responseId"], "req");
  EXPECT_EQ(Json::parse(write({}, true, true)).size(), 1U);
}

TEST_F(GeminiEncoding, AnswersACountOfTokens) {
  EXPECT_EQ(write({{TokensCounted{12}}}, false), R"({"totalTokens":12})");
}

}  // namespace
}  // namespace sluice::dialect
