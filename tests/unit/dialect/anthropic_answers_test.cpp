// Odd cases of answers: what Anthropic may say, and what others say to Anthropic's callers.
#include "base/sse.h"
#include "dialect/anthropic_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace sluice::dialect {
namespace {

using Json = nlohmann::json;

// ---- Decoding

class AnthropicDecoder : public testing::Test {
 protected:
  Result<Signals> frame(std::string_view data, bool with_meaning = true) {
    meaning_.clear();
    return decoder_->frame("", data, with_meaning ? &meaning_ : nullptr);
  }
  template <class T>
  const T* said() const {
    for (const Event& event : meaning_.events) {
      if (const auto* found = std::get_if<T>(&event)) return found;
    }
    return nullptr;
  }

  Arena arena_;
  json::Reader reader_;
  Meaning meaning_;
  ArenaPtr<Decoder> decoder_ = messages_decoder(arena_, reader_);
};

TEST_F(AnthropicDecoder, CountsCachedTokensAsInput) {
  ASSERT_TRUE(frame(R"({"type":"message_start","message":{"id":"m","model":"c","usage":{
      "input_tokens":10,"cache_creation_input_tokens":20,"cache_read_input_tokens":30,
      "cache_creation":{"ephemeral_5m_input_tokens":15,"ephemeral_1h_input_tokens":5},
      "output_tokens":1}}})",
                    false));
  ASSERT_TRUE(frame(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{
      "output_tokens":40,"output_tokens_details":{"thinking_tokens":7},
      "server_tool_use":{"web_search_requests":2}}})",
                    false));

  EXPECT_EQ(decoder_->usage(), (Usage{.input = 60,
                                      .cached = 30,
                                      .cache_write = 20,
                                      .output = 40,
                                      .reasoning = 7,
                                      .cache_write_1h = 5,
                                      .searches = 2}));
  EXPECT_TRUE(decoder_->finished());
  EXPECT_FALSE(decoder_->ended());
}

TEST_F(AnthropicDecoder, CountsWhatCompactionCost) {
  ASSERT_TRUE(frame(R"({"type":"message_delta","delta":{},"usage":{"input_tokens":5,
      "output_tokens":6,"iterations":[{"type":"compaction","input_tokens":100,"output_tokens":50},
      {"type":"message","input_tokens":5,"output_tokens":6}]}})"));

  EXPECT_EQ(decoder_->usage()->input, 105);
  EXPECT_EQ(decoder_->usage()->output, 56);
}

TEST_F(AnthropicDecoder, TellsContentFromSignsOfLife) {
  EXPECT_FALSE(frame(R"({"type":"ping"})", false)->content);
  EXPECT_FALSE(frame(R"({"type":"message_start","message":{}})", false)->content);
  EXPECT_FALSE(frame(R"({"type":"content_block_start","index":0,
      "content_block":{"type":"text","text":""}})",
                     false)
                   ->content);
  const auto delta = frame(R"({"type":"content_block_delta","index":0,
      "delta":{"type":"text_delta","text":"abc"}})",
                           false);
  EXPECT_TRUE(delta->content);
  EXPECT_EQ(delta->text_bytes, 3);
  EXPECT_TRUE(frame(R"({"type":"content_block_start","index":1,
      "content_block":{"type":"tool_use","id":"t","name":"f","input":{}}})",
                    false)
                  ->content);
  EXPECT_TRUE(frame(R"({"type":"message_stop"})", false)->end);
}

TEST_F(AnthropicDecoder, PassesOverWhatTheApiHasLearntSince) {
  EXPECT_TRUE(frame(R"({"type":"something_new","x":1})"));
  EXPECT_TRUE(frame(R"({"type":"content_block_delta","index":9,"delta":{"type":"new_delta"}})"));
  EXPECT_TRUE(meaning_.events.empty());
}

TEST_F(AnthropicDecoder, FailsOverWhenTheStreamTellsAnError) {
  const auto code = [&](std::string_view type) {
    const auto failed = frame(R"({"type":"error","error":{"type":")" + std::string(type) +
                              R"(","message":"Oh no"}})");
    EXPECT_FALSE(failed);
    EXPECT_EQ(failed.error()->message, "Oh no");
    EXPECT_EQ(failed.error()->retry, Retry::OtherTarget);
    return failed.error()->code;
  };
  EXPECT_EQ(code("overloaded_error"), "upstream_overloaded");
  EXPECT_EQ(code("rate_limit_error"), "upstream_rate_limited");
  EXPECT_EQ(code("api_error"), "upstream_error");
}

TEST_F(AnthropicDecoder, RefusesWhatIsNoEvent) {
  EXPECT_EQ(frame("nonsense").error()->code, "upstream_bad_response");
  EXPECT_EQ(frame("[]").error()->code, "upstream_bad_response");
  EXPECT_EQ(frame(R"({"type":"content_block_delta","index":0})").error()->code,
            "upstream_bad_response");
}

TEST_F(AnthropicDecoder, GivesCallsWithoutArgumentsAnEmptyObject) {
  frame(R"({"type":"content_block_start","index":0,
      "content_block":{"type":"tool_use","id":"t","name":"f","input":{}}})");
  EXPECT_EQ(said<ToolCallDelta>()->name, "f");
  frame(R"({"type":"content_block_stop","index":0})");
  EXPECT_EQ(said<ToolCallDelta>()->arguments, "{}");
}

TEST_F(AnthropicDecoder, GathersWhatTheProvidersOwnToolsDid) {
  frame(R"({"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use",
      "id":"s","name":"web_search","input":{}}})");
  frame(R"({"type":"content_block_delta","index":0,
      "delta":{"type":"input_json_delta","partial_json":"{\"q\":"}})");
  EXPECT_TRUE(meaning_.events.empty());
  frame(R"({"type":"content_block_delta","index":0,
      "delta":{"type":"input_json_delta","partial_json":"1}"}})");
  frame(R"({"type":"content_block_stop","index":0})");

  EXPECT_EQ(Json::parse(said<ForeignMade>()->block.json)["input"], Json::parse(R"({"q":1})"));
}

TEST_F(AnthropicDecoder, NamesEveryReasonToStop) {
  const auto reason = [&](std::string_view native) {
    frame(R"({"type":"message_delta","delta":{"stop_reason":")" + std::string(native) + R"("}})");
    return said<ReplyStopped>()->reason;
  };
  EXPECT_EQ(reason("end_turn"), FinishReason::Stop);
  EXPECT_EQ(reason("max_tokens"), FinishReason::Length);
  EXPECT_EQ(reason("stop_sequence"), FinishReason::StopSequence);
  EXPECT_EQ(reason("tool_use"), FinishReason::ToolCalls);
  EXPECT_EQ(reason("pause_turn"), FinishReason::Pause);
  EXPECT_EQ(reason("refusal"), FinishReason::Refusal);
  EXPECT_EQ(reason("model_context_window_exceeded"), FinishReason::ContextLength);
  EXPECT_EQ(reason("a new one"), FinishReason::Other);
}

TEST_F(AnthropicDecoder, ReadsErrorsAndCountsOfTokensInBodies) {
  EXPECT_EQ(
      decoder_
          ->body(R"({"type":"error","error":{"type":"overloaded_error","message":"x"}})", nullptr)
          .error()
          ->code,
      "upstream_overloaded");
  ASSERT_TRUE(decoder_->body(R"({"input_tokens":17})", &meaning_));
  EXPECT_EQ(said<TokensCounted>()->tokens, 17);
}

// ---- Encoding

class AnthropicEncoder : public testing::Test {
 protected:
  Json whole(std::vector<Event> events) {
    const auto encoder = messages_encoder(arena_, {.id = "r1", .model = "asked"});
    std::string body;
    encoder->say(events, body);
    encoder->end(body);
    return Json::parse(body);
  }

  // The data of the frames, but for pings. Every frame is named as its data says.
  std::vector<Json> stream(std::vector<Event> events, bool one_by_one = true) {
    const auto encoder = messages_encoder(arena_, {.stream = true, .id = "r1", .model = "asked"});
    std::string out;
    for (std::size_t i = 0; one_by_one && i < events.size(); ++i)
      encoder->say({&events[i], 1}, out);
    if (!one_by_one) encoder->say(events, out);
    encoder->end(out);
    std::vector<Json> frames;
    sse::Splitter splitter(1 << 20);
    std::string_view rest = out;
    sse::Frame frame;
    std::string scratch;
    while (splitter.next(rest, frame) == sse::Splitter::Step::Frame) {
      Json data = Json::parse(frame.data(scratch));
      EXPECT_EQ(data["type"], frame.event());
      if (data["type"] != "ping") frames.push_back(std::move(data));
    }
    EXPECT_TRUE(rest.empty());
    return frames;
  }

  static std::vector<std::string> types(const std::vector<Json>& frames) {
    std::vector<std::string> all;
    for (const Json& frame : frames) {
      std::string type = frame["type"];
      if (frame.contains("delta") && frame["delta"].contains("type")) type = frame["delta"]["type"];
      if (frame.contains("content_block")) type = frame["content_block"]["type"];
      if (frame.contains("index")) type += " " + std::to_string(frame["index"].get<int>());
      all.push_back(type);
    }
    return all;
  }

  Arena arena_;
};

TEST_F(AnthropicEncoder, TellsATextAsItsSdksExpect) {
  const auto frames =
      stream({ReplyStarted{.id = "chatcmpl-1", .model = "gpt"}, TextDelta{0, "Hel"},
              TextDelta{0, "lo \"you\"\n"}, ReplyStopped{.reason = FinishReason::Length},
              Usage{.input = 30, .cached = 10, .output = 5}});

  EXPECT_THAT(types(frames),
              testing::ElementsAre("message_start", "text 0", "text_delta 0", "text_delta 0",
                                   "content_block_stop 0", "message_delta", "message_stop"));
  EXPECT_EQ(frames[0]["message"]["id"], "msg_chatcmpl-1");
  EXPECT_EQ(frames[0]["message"]["model"], "gpt");
  EXPECT_EQ(frames[0]["message"]["content"], Json::array());
  EXPECT_EQ(frames[3]["delta"]["text"], "lo \"you\"\n");
  EXPECT_EQ(frames[5]["delta"]["stop_reason"], "max_tokens");
  EXPECT_EQ(frames[5]["usage"]["input_tokens"], 20);
  EXPECT_EQ(frames[5]["usage"]["cache_read_input_tokens"], 10);
  EXPECT_EQ(frames[5]["usage"]["output_tokens"], 5);
}

TEST_F(AnthropicEncoder, EndsAnAnswerThatSaidNothing) {
  EXPECT_THAT(types(stream({})),
              testing::ElementsAre("message_start", "message_delta", "message_stop"));
  const Json body = whole({});
  EXPECT_EQ(body["content"], Json::array());
  EXPECT_EQ(body["stop_reason"], "end_turn");
  EXPECT_EQ(body["model"], "asked");
}

TEST_F(AnthropicEncoder, SealsThoughtsThatNobodySigned) {
  const auto frames = stream({ReasoningDelta{0, "Hm"}, TextDelta{0, "Hi"}});

  EXPECT_THAT(types(frames), testing::ElementsAre("message_start", "thinking 0", "thinking_delta 0",
                                                  "signature_delta 0", "content_block_stop 0",
                                                  "text 1", "text_delta 1", "content_block_stop 1",
                                                  "message_delta", "message_stop"));
  EXPECT_EQ(frames[3]["delta"]["signature"], "sluice:opaque:");
}

TEST_F(AnthropicEncoder, CarriesTheSealsOfOthersWithTheirMark) {
  const Sealed seal{Dialect::Responses, "gAAA"};
  const Json content = whole({ReasoningSealed{.seal = seal, .redacted = true},
                              ToolCallDelta{.id = "1",
                                            .name = "f",
                                            .arguments = "{}",
                                            .signature = {Dialect::Gemini, "s"}}})["content"];

  EXPECT_EQ(content[0]["data"], "sluice:responses:gAAA");
  EXPECT_EQ(content[1]["data"], "sluice:gemini:s");

  Json request{{"messages", {{{"role", "assistant"}, {"content", content}}}}};
  const std::string text = request.dump();
  json::Reader reader;
  Conversation conversation;
  ASSERT_TRUE(read_messages(*reader.parse(text), arena_, conversation));
  const auto parts = conversation.turns[0].parts;
  ASSERT_EQ(parts.size(), 2);
  EXPECT_EQ(std::get<Thinking>(parts[0].what).signature.by, Dialect::Responses);
  EXPECT_EQ(std::get<ToolCall>(parts[1].what).signature.text, "s");
}

TEST_F(AnthropicEncoder, TellsMixedCallsOneAfterTheOther) {
  const auto frames = stream({ToolCallDelta{.index = 0, .id = "a", .name = "f"},
                              ToolCallDelta{.index = 1, .id = "b", .name = "g"},
                              ToolCallDelta{.index = 1, .arguments = "{\"y\":"},
                              ToolCallDelta{.index = 0, .arguments = "{\"x\":1}"},
                              ToolCallDelta{.index = 1, .arguments = "2}"},
                              ReplyStopped{.reason = FinishReason::Stop}});

  EXPECT_THAT(types(frames),
              testing::ElementsAre("message_start", "tool_use 0", "input_json_delta 0",
                                   "content_block_stop 0", "tool_use 1", "input_json_delta 1",
                                   "input_json_delta 1", "content_block_stop 1", "message_delta",
                                   "message_stop"));
  EXPECT_EQ(frames[4]["content_block"]["id"], "b");
  EXPECT_EQ(frames[8]["delta"]["stop_reason"], "tool_use");
}

TEST_F(AnthropicEncoder, MakesAnObjectOfBrokenArguments) {
  const Json content =
      whole({ToolCallDelta{.id = "a", .name = "f", .arguments = "{\"x\":"}})["content"];

  EXPECT_EQ(content[0]["input"]["arguments"], "{\"x\":");
}

TEST_F(AnthropicEncoder, CitesWhatOthersFound) {
  const Citation citation{.url = "https://a.example", .title = "A", .cited = "words"};
  const Json content = whole({TextDelta{0, "So."}, CitationMade{0, citation}})["content"];

  EXPECT_EQ(content[0]["citations"][0]["url"], "https://a.example");
}

TEST_F(AnthropicEncoder, ShowsImagesThatOthersMade) {
  const Media image{.media_type = "image/png", .data = "iVBORw0="};
  const Json content = whole({TextDelta{0, "See:"}, MediaMade{0, image}})["content"];

  EXPECT_EQ(content[1], Json::parse(R"({"type":"image","source":{"type":"base64",
                                        "media_type":"image/png","data":"iVBORw0="}})"));
}

TEST_F(AnthropicEncoder, ShowsOnlyTheFirstChoice) {
  EXPECT_EQ(whole({TextDelta{1, "other"}, TextDelta{0, "first"}})["content"][0]["text"], "first");
}

TEST_F(AnthropicEncoder, TellsARefusalAsSuch) {
  const Json body = whole({RefusalDelta{0, "No."}, ReplyStopped{}});

  EXPECT_EQ(body["content"][0]["text"], "No.");
  EXPECT_EQ(body["stop_reason"], "refusal");
}

TEST_F(AnthropicEncoder, TellsTheNumberOfTokensAlone) {
  EXPECT_EQ(whole({TokensCounted{12}}), Json::parse(R"({"input_tokens":12})"));
}

}  // namespace
}  // namespace sluice::dialect
