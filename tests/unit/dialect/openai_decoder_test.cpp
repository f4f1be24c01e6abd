#include "dialect/openai_decoder.h"

#include "dialect/openai_usage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::dialect {
namespace {

class Decoders : public testing::Test {
 protected:
  ArenaPtr<Decoder> chat(UsageEvent usage = UsageEvent::Withhold) {
    return make_chat_decoder(arena_, reader_, usage);
  }
  // What a frame signals, where it is none of a failure.
  static Signals signals(Decoder& decoder, std::string_view data) {
    auto told = decoder.frame({}, data, nullptr);
    EXPECT_TRUE(told) << data;
    return told.value_or(Signals());
  }
  static std::string_view failure(Decoder& decoder, std::string_view data) {
    const auto told = decoder.frame({}, data, nullptr);
    return told ? "" : told.error()->code;
  }

  Arena arena_;
  json::Reader reader_;
};

TEST_F(Decoders, TellContentFromWhatOnlyLeadsToIt) {
  const auto decoder = chat();
  for (const std::string_view empty :
       {R"({"choices":[{"delta":{"role":"assistant"}}]})",
        R"({"choices":[{"delta":{"content":""}}]})",
        R"({"choices":[{"delta":{"content":null,"tool_calls":null}}]})", R"({"choices":[]})",
        R"({"choices":[{"delta":{},"finish_reason":null}],"usage":null})"}) {
    EXPECT_FALSE(signals(*decoder, empty).content) << empty;
  }
  for (const std::string_view full :
       {R"({"choices":[{"delta":{"content":"a"}}]})", R"({"choices":[{"text":"a"}]})",
        R"({"choices":[{"delta":{"refusal":"no"}}]})",
        R"({"choices":[{"delta":{"reasoning":"hm"}}]})",
        R"({"choices":[{"delta":{"reasoning_content":"hm"}}]})",
        R"({"choices":[{"delta":{"tool_calls":[{"index":0}]}}]})",
        R"({"choices":[{"delta":{"audio":{"data":"x"}}}]})"}) {
    EXPECT_TRUE(signals(*decoder, full).content) << full;
  }
}

TEST_F(Decoders, WithholdOnlyAnEmptyChunkWithUsage) {
  const auto decoder = chat();
  EXPECT_TRUE(signals(*decoder, R"({"choices":[],"usage":{"prompt_tokens":1}})").withhold);
  EXPECT_FALSE(signals(*decoder, R"({"choices":[],"usage":null})").withhold);
  EXPECT_FALSE(signals(*decoder, R"({"choices":[]})").withhold);
  EXPECT_FALSE(
      signals(*decoder,
              R"({"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}})")
          .withhold);
  EXPECT_FALSE(
      signals(*chat(UsageEvent::Pass), R"({"choices":[],"usage":{"prompt_tokens":1}})").withhold);
}

TEST_F(Decoders, TakeTheLastUsage) {
  const auto decoder = chat();
  signals(*decoder, R"({"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}})");
  signals(*decoder, R"({"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":9}})");

  EXPECT_EQ(decoder->usage()->output, 9);
}

TEST_F(Decoders, KnowWhenEveryWordWasSaid) {
  const auto decoder = chat();
  signals(*decoder, R"({"choices":[{"delta":{"content":"a"}}]})");
  EXPECT_FALSE(decoder->finished());
  signals(*decoder, R"({"choices":[{"delta":{},"finish_reason":"length"}]})");
  EXPECT_TRUE(decoder->finished());
  EXPECT_FALSE(decoder->ended());
  EXPECT_TRUE(signals(*decoder, "[DONE]").end);
  EXPECT_TRUE(decoder->ended());
}

TEST_F(Decoders, TakeAnEndAloneForNoAnswer) {
  const auto decoder = chat();
  signals(*decoder, R"({"choices":[{"delta":{"role":"assistant","content":""}}]})");
  EXPECT_EQ(failure(*decoder, "[DONE]"), "upstream_bad_response");
}

TEST_F(Decoders, TellAnErrorFromWhatIsMalformed) {
  const auto decoder = chat();
  EXPECT_EQ(failure(*decoder, R"({"error":{"message":"x","code":400}})"), "upstream_error");
  EXPECT_EQ(failure(*decoder, R"({"error":{"message":"x","code":429}})"), "upstream_rate_limited");
  EXPECT_EQ(failure(*decoder, R"({"error":{"type":"overloaded_error"}})"), "upstream_overloaded");
  EXPECT_EQ(failure(*decoder, R"({"error":"x"})"), "upstream_error");
  EXPECT_EQ(failure(*decoder, R"({"error":null,"choices":[]})"), "");
  for (const std::string_view malformed : {"", "[]", "1", "{", R"({"choices":[]}{)", "[DONE] "}) {
    EXPECT_EQ(failure(*decoder, malformed), "upstream_bad_response") << malformed;
  }
}

TEST_F(Decoders, SurviveChoicesOfAnotherShape) {
  const auto decoder = chat();
  for (const std::string_view odd :
       {R"({"choices":{}})", R"({"choices":[1,"x",null,[]]})", R"({"choices":[{"delta":7}]})",
        R"({"choices":[{"index":-1,"delta":{"content":5,"tool_calls":"x"}}]})"}) {
    Meaning meaning;
    EXPECT_TRUE(decoder->frame({}, odd, &meaning)) << odd;
  }
}

TEST_F(Decoders, OfResponsesEndAtTheirLastEvent) {
  const auto decoder = make_responses_decoder(arena_, reader_);
  EXPECT_FALSE(
      signals(*decoder, R"({"type":"response.created","response":{"usage":null}})").content);
  const Signals delta =
      signals(*decoder, R"({"type":"response.output_text.delta","delta":"four"})");
  EXPECT_TRUE(delta.content);
  EXPECT_EQ(delta.text_bytes, 4U);
  EXPECT_FALSE(decoder->finished());
  const Signals last = signals(
      *decoder,
      R"({"type":"response.incomplete","response":{"usage":{"input_tokens":2,"output_tokens":5}}})");
  EXPECT_TRUE(last.end);
  EXPECT_EQ(decoder->usage()->output, 5);
}

TEST_F(Decoders, OfResponsesFailWithTheProvidersWords) {
  const auto decoder = make_responses_decoder(arena_, reader_);
  const auto failed = decoder->frame(
      {}, R"({"type":"response.failed","response":{"error":{"message":"too long"}}})", nullptr);

  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error()->message, "too long");
  EXPECT_EQ(failure(*decoder, R"({"type":"error","message":"x"})"), "upstream_error");
}

TEST_F(Decoders, OfOtherStreamsTakeEveryFrameForContent) {
  const auto decoder = make_plain_decoder(arena_, reader_);
  EXPECT_TRUE(signals(*decoder, R"({"type":"speech.audio.delta","audio":"x"})").content);
  EXPECT_FALSE(decoder->finished());
  signals(*decoder, R"({"type":"speech.audio.done","usage":{"input_tokens":3,"output_tokens":4}})");
  EXPECT_TRUE(decoder->finished());
  EXPECT_EQ(decoder->usage(), (Usage{.input = 3, .output = 4}));
}

TEST_F(Decoders, ReadWholeBodies) {
  const auto decoder = chat();
  EXPECT_TRUE(decoder->body(R"({"id":1,"usage":{"prompt_tokens":3,"total_tokens":3}})", nullptr));
  EXPECT_EQ(decoder->usage()->input, 3);
  EXPECT_FALSE(chat()->body(R"({"error":{"message":"x"}})", nullptr));
  EXPECT_FALSE(chat()->body(R"({"id":)", nullptr));
  EXPECT_FALSE(chat()->body("", nullptr));
}

TEST_F(Decoders, ReadTheDetailsOfUsage) {
  const auto usage = reader_.parse(
      R"({"prompt_tokens":10,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":4},
          "completion_tokens_details":{"reasoning_tokens":8}})");
  EXPECT_EQ(read_openai_usage(*usage),
            (Usage{.input = 10, .cached = 4, .output = 20, .reasoning = 8}));

  const auto odd = reader_.parse(R"({"prompt_tokens":-5,"completion_tokens":"x"})");
  EXPECT_EQ(read_openai_usage(*odd), Usage());
}

TEST_F(Decoders, FindTheProvidersWordsInItsErrors) {
  EXPECT_EQ(openai_error_message(R"({"error":{"message":"a"}})", reader_), "a");
  EXPECT_EQ(openai_error_message(R"({"error":"b"})", reader_), "b");
  EXPECT_EQ(openai_error_message(R"({"message":"c"})", reader_), "c");
  EXPECT_EQ(openai_error_message(R"({"detail":"d"})", reader_), "d");
  EXPECT_EQ(openai_error_message("<html>", reader_), "");
}

}  // namespace
}  // namespace sluice::dialect
