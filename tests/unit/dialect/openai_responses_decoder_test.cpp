#include "dialect/openai_decoder.h"
#include "dialect/openai_responses.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice::dialect {
namespace {

class ResponsesAnswers : public testing::Test {
 protected:
  // The events of these frames, all of which must be well.
  void hear(std::initializer_list<std::string_view> frames) {
    for (const std::string_view frame : frames) {
      const auto signals = decoder_->frame({}, frame, &meaning_);
      ASSERT_TRUE(signals) << frame << signals.error()->message;
      last_ = *signals;
    }
  }
  std::string failure(std::string_view frame) {
    const auto signals = decoder_->frame({}, frame, nullptr);
    return signals ? "" : std::string(signals.error()->code);
  }
  template <class Kind>
  std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const Event& event : meaning_.events) {
      if (const auto* one = std::get_if<Kind>(&event)) found.push_back(*one);
    }
    return found;
  }
  template <class Kind>
  std::string text() const {
    std::string joined;
    for (const Kind& one : all<Kind>()) joined += one.text;
    return joined;
  }

  Arena arena_;
  json::Reader reader_;
  ArenaPtr<Decoder> decoder_ = make_responses_decoder(arena_, reader_);
  Meaning meaning_;
  Signals last_;
};

TEST_F(ResponsesAnswers, BeginWithTheirIdModelAndTimeOnce) {
  hear({R"({"type":"response.created","response":{"id":"resp_1","model":"m","created_at":7.0}})",
        R"({"type":"response.in_progress","response":{"id":"resp_1","model":"m"}})"});

  const auto begun = all<ReplyStarted>();
  ASSERT_EQ(begun.size(), 1U);
  EXPECT_EQ(begun[0].id, "resp_1");
  EXPECT_EQ(begun[0].created, 7);
  EXPECT_FALSE(last_.content);
}

TEST_F(ResponsesAnswers, NumberCallsByThemselvesAndNotByTheirItems) {
  hear(
      {R"({"type":"response.output_item.added","output_index":3,"item":{"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":""}})",
       R"({"type":"response.output_item.added","output_index":5,"item":{"type":"custom_tool_call","id":"ctc_1","call_id":"c2","name":"patch","input":""}})",
       R"({"type":"response.custom_tool_call_input.delta","output_index":5,"delta":"*** Begin"})",
       R"({"type":"response.function_call_arguments.delta","output_index":3,"delta":"{}"})"});

  const auto calls = all<ToolCallDelta>();
  ASSERT_EQ(calls.size(), 4U);
  EXPECT_EQ(calls[0].id, "c1");
  EXPECT_EQ(calls[0].item_id, "fc_1");
  EXPECT_EQ(calls[1].index, 1U);
  EXPECT_EQ(calls[1].kind, ToolKind::Custom);
  EXPECT_EQ(calls[2].arguments, "*** Begin");
  EXPECT_EQ(calls[3].index, 0U);
}

TEST_F(ResponsesAnswers, SayWhatOnlyAFinishedItemTells) {
  hear(
      {R"({"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}"}})",
       R"({"type":"response.output_item.done","output_index":1,"item":{"type":"message","content":[{"type":"output_text","text":"Hi","annotations":[{"type":"url_citation","url":"u","start_index":0,"end_index":2}]}]}})"});

  EXPECT_EQ(all<ToolCallDelta>().at(0).arguments, R"({"a":1})");
  EXPECT_EQ(text<TextDelta>(), "Hi");
  EXPECT_EQ(all<CitationMade>().at(0).citation.url, "u");
}

TEST_F(ResponsesAnswers, SayWhatOnlyTheLastEventTells) {
  hear(
      {R"({"type":"response.completed","response":{"id":"r","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]}]}})"});

  EXPECT_EQ(text<TextDelta>(), "Hi");
  EXPECT_EQ(all<ReplyStopped>().at(0).reason, FinishReason::Stop);
  EXPECT_TRUE(last_.end);
}

TEST_F(ResponsesAnswers, SayNothingTwice) {
  hear(
      {R"({"type":"response.output_text.delta","output_index":0,"delta":"Hi"})",
       R"({"type":"response.content_part.done","output_index":0,"part":{"type":"output_text","text":"Hi","annotations":[]}})",
       R"({"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"Hi"}]}})",
       R"({"type":"response.completed","response":{"output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]}]}})"});

  EXPECT_EQ(text<TextDelta>(), "Hi");
  EXPECT_EQ(all<BlockEnded>().size(), 1U);
}

TEST_F(ResponsesAnswers, SealThoughtsOfSeveralParagraphsOnce) {
  hear(
      {R"({"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"One."})",
       R"({"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":1,"delta":"Two."})",
       R"({"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs_1","encrypted_content":"gAAA","summary":[]}})"});

  EXPECT_EQ(text<ReasoningDelta>(), "One.\n\nTwo.");
  const auto seals = all<ReasoningSealed>();
  ASSERT_EQ(seals.size(), 1U);
  EXPECT_EQ(seals[0].seal.by, Dialect::Responses);
  EXPECT_EQ(seals[0].seal.text, "gAAA");
  EXPECT_EQ(seals[0].item_id, "rs_1");
  EXPECT_FALSE(seals[0].redacted);
}

TEST_F(ResponsesAnswers, TellWhatTheProviderRanItselfAsForeign) {
  hear(
      {R"({"type":"response.output_item.done","output_index":0,"item":{"type":"web_search_call","id":"ws_1","action":{"type":"search"}}})",
       R"({"type":"response.output_item.done","output_index":1,"item":{"type":"image_generation_call","result":"iVBO","output_format":"webp"}})",
       R"({"type":"response.completed","response":{"status":"completed","usage":{"input_tokens":1,"output_tokens":2}}})"});

  const auto foreign = all<ForeignMade>();
  ASSERT_EQ(foreign.size(), 1U);
  EXPECT_EQ(foreign[0].block.type, "web_search_call");
  const auto media = all<MediaMade>();
  ASSERT_EQ(media.size(), 1U);
  EXPECT_EQ(media[0].media.media_type, "image/webp");
  EXPECT_EQ(decoder_->usage()->searches, 1);
}

TEST_F(ResponsesAnswers, TellWhyTheyAreIncomplete) {
  hear(
      {R"({"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"content_filter"},"service_tier":"flex"}})"});

  const auto stopped = all<ReplyStopped>();
  ASSERT_EQ(stopped.size(), 1U);
  EXPECT_EQ(stopped[0].reason, FinishReason::ContentFilter);
  EXPECT_EQ(stopped[0].native, "content_filter");
  EXPECT_EQ(all<ReplyExtra>().at(0).extra.json, "\"flex\"");
}

TEST_F(ResponsesAnswers, FailByTheKindOfTheProvidersError) {
  EXPECT_EQ(failure(R"({"type":"error","error":{"code":"rate_limit_exceeded","message":"x"}})"),
            "upstream_rate_limited");
  EXPECT_EQ(
      failure(R"({"type":"response.failed","response":{"error":{"code":"server_is_overloaded"}}})"),
      "upstream_overloaded");
  EXPECT_EQ(failure(R"({"type":"error","code":"context_length_exceeded","message":"x"})"),
            "context_length_exceeded");
  EXPECT_EQ(failure(R"({"type":"response.failed","response":{"error":{"code":"server_error"}}})"),
            "upstream_error");
  EXPECT_EQ(failure("{"), "upstream_bad_response");
  EXPECT_FALSE(decoder_->body(R"({"object":"response","status":"failed","error":null})", nullptr));
}

TEST_F(ResponsesAnswers, SurviveEventsOfAnotherShape) {
  hear({R"({"type":"response.output_item.added","item":7})", R"({"type":7})", "{}",
        R"({"type":"response.output_item.done","item":{"type":"message","content":[1,null,{}]}})",
        R"({"type":"response.output_text.delta","delta":null,"logprobs":{}})",
        R"({"type":"response.reasoning_summary_text.delta","summary_index":"x","delta":5})",
        R"({"type":"response.completed","response":null})"});

  EXPECT_EQ(text<TextDelta>(), "");
}

TEST_F(ResponsesAnswers, CountTokensWhereThatWasAsked) {
  ASSERT_TRUE(decoder_->body(R"({"object":"response.input_tokens","input_tokens":47})", &meaning_));

  EXPECT_EQ(all<TokensCounted>().at(0).tokens, 47);
}

}  // namespace
}  // namespace sluice::dialect
