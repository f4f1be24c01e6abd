#include "dialect/openai_completions.h"
#include "unit/dialect/openai_chat_support.h"

#include <gmock/gmock.h>

namespace sluice::dialect::chat_test {
namespace {

TEST(HearingAChat, TellsTheSameOfAStreamAndOfAWholeAnswer) {
  Answering stream;
  for (const std::string_view chunk :
       {R"({"id":"c","model":"m","created":5,"system_fingerprint":"fp","choices":[{"index":0,
           "delta":{"role":"assistant","content":""}}]})",
        R"({"id":"c","choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]})",
        R"({"id":"c","choices":[{"index":0,"delta":{"content":"a"}}]})",
        R"({"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t",
           "function":{"name":"f","arguments":"{}"}}]}}]})",
        R"({"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})",
        R"({"id":"c","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}})"}) {
    ASSERT_TRUE(stream.frame(chunk));
  }
  Answering body;
  ASSERT_TRUE(body.body(R"({"id":"c","model":"m","created":5,"system_fingerprint":"fp","choices":[
      {"index":0,"message":{"role":"assistant","content":"a","reasoning_content":"hm",
       "tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{}"}}]},
       "finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,"completion_tokens":2}})"));
  EXPECT_EQ(Json::parse(stream.told(whole())), Json::parse(body.told(whole())));
  EXPECT_EQ(body.all<ReplyStarted>().at(0).created, 5);
  EXPECT_EQ(body.all<ReplyStopped>().at(0).native, "tool_calls");
  EXPECT_EQ(body.all<ReplyExtra>().at(0).extra.name, "system_fingerprint");
}

TEST(HearingAChat, TellsCallsApartHoweverTheyAreCounted) {
  // All of one index but with other ids; none at all; ids and names with every piece; no ids.
  struct Row {
    std::vector<std::string_view> pieces;
    std::string_view first;
    std::string_view second;
  };
  for (const Row& row : {Row{{R"({"index":0,"id":"a","function":{"name":"f","arguments":"1"}})",
                              R"({"index":0,"id":"b","function":{"name":"g","arguments":"2"}})"},
                             "a",
                             "b"},
                         Row{{R"({"id":"a","function":{"name":"f","arguments":"1"}})",
                              R"({"id":"b","function":{"name":"g","arguments":"2"}})"},
                             "a",
                             "b"},
                         Row{{R"({"index":0,"id":"a","function":{"name":"f","arguments":""}})",
                              R"({"index":0,"id":"a","function":{"name":"f","arguments":"1"}})",
                              R"({"index":1,"id":"b","function":{"name":"g","arguments":"2"}})"},
                             "a",
                             "b"},
                         Row{{R"({"id":"","function":{"name":"f","arguments":"1"}})",
                              R"({"id":"","function":{"name":"g","arguments":"2"}})"},
                             "call_c_0",
                             "call_c_1"}}) {
    Answering heard;
    ASSERT_TRUE(heard.frame(R"({"id":"c","choices":[]})"));
    for (const std::string_view piece : row.pieces) {
      ASSERT_TRUE(
          heard.frame(R"({"choices":[{"delta":{"tool_calls":[)" + std::string(piece) + "]}}]}"));
    }
    const Json told = Json::parse(heard.told(whole()));
    const Json& calls = told["choices"][0]["message"]["tool_calls"];
    ASSERT_EQ(calls.size(), 2U) << row.pieces[0];
    EXPECT_EQ(calls[0]["id"], row.first);
    EXPECT_EQ(calls[0]["function"], Json({{"name", "f"}, {"arguments", "1"}}));
    EXPECT_EQ(calls[1]["id"], row.second);
    EXPECT_EQ(calls[1]["function"], Json({{"name", "g"}, {"arguments", "2"}}));
  }
}

TEST(HearingAChat, HearsOnceWhatIsSaidTwice) {
  Answering heard;
  ASSERT_TRUE(heard.body(R"({"id":"c","choices":[{"index":0,"finish_reason":"stop","message":{
      "content":"a","reasoning":"hm","reasoning_details":[
        {"type":"reasoning.text","text":"hm","signature":"S","format":"f","index":0}]}}]})"));
  ASSERT_EQ(heard.all<ReasoningDelta>().size(), 1U);
  ASSERT_EQ(heard.all<ReasoningSealed>().size(), 1U);
  const Sealed seal = heard.all<ReasoningSealed>()[0].seal;
  EXPECT_EQ(seal.by, Dialect::Chat);
  EXPECT_EQ(Json::parse(seal.text),
            Json::parse(R"({"type":"reasoning.text","signature":"S","format":"f","index":0})"));
}

TEST(HearingAChat, TakesSourcesFromBesideTheAnswer) {
  Answering heard;
  for (const std::string_view chunk :
       {R"({"id":"c","citations":["https://a"],"choices":[{"index":0,"delta":{"content":"x"}}]})",
        R"({"id":"c","citations":["https://a"],"choices":[{"index":0,"delta":{"content":"y"}}]})",
        R"({"id":"c","citations":["https://a"],"search_results":[{"url":"https://a","title":"A"}],
            "choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"}) {
    ASSERT_TRUE(heard.frame(chunk));
  }
  ASSERT_EQ(heard.all<CitationMade>().size(), 1U);
  EXPECT_EQ(heard.all<CitationMade>()[0].citation.title, "A");
  // What most chunks repeat is told once.
  EXPECT_EQ(heard.all<ReplyExtra>().size(), 2U);
  const Json told = Json::parse(heard.told(whole()));
  EXPECT_EQ(told["citations"], Json({"https://a"}));
  EXPECT_EQ(told["choices"][0]["message"]["annotations"][0]["url_citation"]["end_index"], 2);
}

TEST(TellingAChat, SaysAllCitationsInOneDelta) {
  Answering heard;
  Shape shape = whole();
  shape.stream = true;
  const std::vector<Event> events{TextDelta{0, "xy"}, CitationMade{0, {.url = "https://a"}},
                                  CitationMade{0, {.url = "https://b"}}, ReplyStopped{}};

  std::vector<Json> cited;
  for (const Json& chunk : chunks(heard.told(shape, events))) {
    const Json& delta = chunk["choices"][0]["delta"];
    if (delta.contains("annotations")) cited.push_back(delta["annotations"]);
  }

  ASSERT_EQ(cited.size(), 1U);
  ASSERT_EQ(cited[0].size(), 2U);
  EXPECT_EQ(cited[0][1]["url_citation"]["url"], "https://b");
}

TEST(HearingAChat, HearsOddsAudioImagesAndRefusals) {
  Answering heard;
  ASSERT_TRUE(heard.body(R"({"id":"c","choices":[{"index":0,"finish_reason":"content_filter",
      "logprobs":{"content":[{"token":"a","logprob":-0.5}],"refusal":null},
      "message":{"content":null,"refusal":"no","audio":{"id":"u","data":"QUJD","transcript":"hi",
      "expires_at":9},"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}}]
      }}]})"));
  EXPECT_EQ(heard.all<LogprobsDelta>().at(0).content, R"([{"token":"a","logprob":-0.5}])");
  EXPECT_EQ(heard.all<AudioDelta>().at(0).expires_at, 9);
  EXPECT_EQ(heard.all<MediaMade>().at(0).media.data, "QUJD");
  EXPECT_EQ(heard.all<RefusalDelta>().at(0).text, "no");
  EXPECT_EQ(heard.all<ReplyStopped>().at(0).reason, FinishReason::ContentFilter);
  const Json message = Json::parse(heard.told(whole()))["choices"][0]["message"];
  EXPECT_EQ(message["content"], nullptr);
  EXPECT_EQ(message["refusal"], "no");
  EXPECT_EQ(message["audio"]["transcript"], "hi");
  EXPECT_EQ(message["images"][0]["image_url"]["url"], "data:image/png;base64,QUJD");
}

TEST(HearingAChat, CountsAsProvidersDo) {
  struct Row {
    std::string_view usage;
    Usage counted;
  };
  for (const Row& row :
       {Row{R"({"prompt_tokens":12,"completion_tokens":1,"total_tokens":303,
                "completion_tokens_details":{"reasoning_tokens":290}})",
            {.input = 12, .output = 291, .reasoning = 290}},
        Row{R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,
                "prompt_cache_hit_tokens":4,"prompt_cache_miss_tokens":6})",
            {.input = 10, .cached = 4, .output = 5}},
        Row{R"({"prompt_tokens":10,"completion_tokens":5,
                "prompt_tokens_details":{"cached_tokens":1,"cache_write_tokens":2,
                "audio_tokens":3}})",
            {.input = 10, .cached = 1, .cache_write = 2, .output = 5, .audio_input = 3}}}) {
    Answering heard;
    ASSERT_TRUE(heard.body(R"({"id":"c","choices":[],"usage":)" + std::string(row.usage) + "}"));
    EXPECT_EQ(*heard.decoder().usage(), row.counted) << row.usage;
  }
  Answering groq;
  ASSERT_TRUE(groq.frame(R"({"choices":[],"x_groq":{"usage":{"prompt_tokens":3}}})"));
  EXPECT_EQ(groq.decoder().usage()->input, 3);
}

TEST(HearingAChat, KeepsTheUsageOfAnAnswerThatFails) {
  Answering heard;
  EXPECT_FALSE(
      heard.frame(R"({"choices":[],"usage":{"prompt_tokens":3},"error":{"message":"x"}})"));
  EXPECT_EQ(heard.decoder().usage()->input, 3);
}

TEST(HearingAChat, HearsWhatIsNoChatAsItIs) {
  Answering heard;
  ASSERT_TRUE(heard.body(R"({"object":"list","data":[]})"));
  EXPECT_EQ(heard.all<Bytes>().at(0).bytes, R"({"object":"list","data":[]})");
}

// ---- Telling

TEST(TellingAChat, StreamsAsTheSdksExpect) {
  Answering telling;
  const std::vector<Event> events = {ReplyStarted{.id = "msg_1", .model = "claude", .created = 0},
                                     TextDelta{0, "a\n\"b\""},
                                     ToolCallDelta{.id = "t", .name = "f", .arguments = ""},
                                     ToolCallDelta{.arguments = "{}"},
                                     Usage{.input = 3, .cached = 1, .output = 2},
                                     ReplyStopped{.reason = FinishReason::ToolCalls}};
  const auto said = chunks(telling.told(streamed(), events));
  ASSERT_EQ(said.size(), 6U);
  for (const Json& chunk : said) {
    EXPECT_EQ(chunk["object"], "chat.completion.chunk");
    EXPECT_EQ(chunk["id"], "msg_1");
    EXPECT_EQ(chunk["model"], "claude");
    EXPECT_EQ(chunk["created"], 1'700'000'000);
  }
  const auto delta = [&said](std::size_t i) { return said[i]["choices"][0]["delta"]; };
  EXPECT_EQ(delta(0), Json({{"role", "assistant"}, {"content", ""}}));
  EXPECT_EQ(delta(1), Json({{"content", "a\n\"b\""}}));
  EXPECT_EQ(delta(2)["tool_calls"][0], Json::parse(R"({"index":0,"id":"t","type":"function",
                            "function":{"name":"f","arguments":""}})"));
  EXPECT_EQ(delta(3)["tool_calls"][0], Json::parse(R"({"index":0,"function":{"arguments":"{}"}})"));
  EXPECT_EQ(said[4]["choices"][0]["finish_reason"], "tool_calls");
  EXPECT_EQ(said[4]["usage"], nullptr);
  EXPECT_EQ(said[5]["choices"], Json::array());
  EXPECT_EQ(said[5]["usage"]["total_tokens"], 5);
  EXPECT_EQ(said[5]["usage"]["prompt_tokens_details"]["cached_tokens"], 1);
}

TEST(TellingAChat, SaysNoUsageUnasked) {
  Answering telling;
  const std::vector<Event> events = {TextDelta{0, "a"}, Usage{.input = 3}};
  const std::string stream = telling.told(streamed(false), events);
  EXPECT_EQ(stream.find("usage"), std::string::npos);
  // What was left open is closed.
  EXPECT_EQ(chunks(stream).back()["choices"][0]["finish_reason"], "stop");
}

TEST(TellingAChat, CallsReasonsToStopByItsOwnWords) {
  struct Row {
    FinishReason reason;
    bool refused;
    std::string_view word;
  };
  for (const Row& row :
       {Row{FinishReason::StopSequence, false, "stop"},
        Row{FinishReason::ContextLength, false, "length"}, Row{FinishReason::Pause, false, "stop"},
        Row{FinishReason::Refusal, false, "content_filter"},
        Row{FinishReason::Refusal, true, "stop"}, Row{FinishReason::Other, false, "stop"}}) {
    Answering telling;
    std::vector<Event> events;
    if (row.refused) events.emplace_back(RefusalDelta{0, "no"});
    events.emplace_back(ReplyStopped{.reason = row.reason});
    EXPECT_EQ(Json::parse(telling.told(whole(), events))["choices"][0]["finish_reason"], row.word);
    EXPECT_EQ(chunks(telling.told(streamed(), events)).back()["choices"][0]["finish_reason"],
              row.word);
  }
}

// What a client that echoes messages gives back reaches its maker byte for byte.
TEST(TellingAChat, LetsSealsComeBackToTheirMakers) {
  const std::vector<Event> events = {
      ReasoningDelta{0, "one "},
      ReasoningDelta{0, "two"},
      ReasoningSealed{.seal = {Dialect::Messages, "SIG=="}},
      ReasoningSealed{.seal = {Dialect::Responses, "ENC"}, .item_id = "rs_1", .redacted = true},
      TextDelta{0, "a"},
      ToolCallDelta{.id = "t", .name = "f", .signature = {Dialect::Gemini, "G"}}};
  Answering telling;
  Json message = Json::parse(telling.told(whole(), events))["choices"][0]["message"];
  EXPECT_EQ(message["reasoning_content"], "one two");
  // The same message, as a client gathers it from a stream.
  Json gathered{{"role", "assistant"}, {"content", ""}, {"reasoning_details", Json::array()}};
  for (const Json& chunk : chunks(telling.told(streamed(false), events))) {
    const Json& delta = chunk["choices"][0]["delta"];
    if (delta.contains("content"))
      gathered["content"] =
          gathered["content"].get<std::string>() + delta["content"].get<std::string>();
    for (const Json& detail : delta.value("reasoning_details", Json::array()))
      gathered["reasoning_details"].push_back(detail);
    if (delta.contains("tool_calls")) gathered["tool_calls"] = delta["tool_calls"];
  }
  for (const Json& echoed : {message, gathered}) {
    Asking asking;
    ASSERT_EQ(asking.read(Json{{"messages", {echoed}}}.dump()), "");
    const Thinking& thought = asking.part<Thinking>(0, 0);
    EXPECT_EQ(thought.text, "one two");
    EXPECT_EQ(thought.signature.by, Dialect::Messages);
    EXPECT_EQ(thought.signature.text, "SIG==");
    const Thinking& encrypted = asking.part<Thinking>(0, 1);
    EXPECT_EQ(encrypted.signature.by, Dialect::Responses);
    EXPECT_EQ(encrypted.item_id, "rs_1");
    EXPECT_TRUE(encrypted.redacted);
    EXPECT_EQ(asking.part<Text>(0, 2).text, "a");
    EXPECT_EQ(asking.part<ToolCall>(0, 3).signature.by, Dialect::Gemini);
    EXPECT_EQ(asking.part<ToolCall>(0, 3).signature.text, "G");
  }
}

TEST(TellingAChat, UnwrapsWhatACustomToolIsTold) {
  const Tool tool{.kind = ToolKind::Custom, .name = "sh"};
  Conversation asked;
  asked.tools = {&tool, 1};
  Shape shape = streamed(false);
  shape.asked = &asked;
  const std::vector<Event> events = {
      ToolCallDelta{.id = "t", .name = "sh", .arguments = R"({"inp)"},
      ToolCallDelta{.arguments = R"(ut":"ls \"x\""})"},
      ReplyStopped{.reason = FinishReason::ToolCalls}};
  Answering telling;
  const auto said = chunks(telling.told(shape, events));
  EXPECT_EQ(said.at(1)["choices"][0]["delta"]["tool_calls"][0]["custom"],
            Json({{"name", "sh"}, {"input", "ls \"x\""}}));
  shape.stream = false;
  const Json told = Json::parse(telling.told(shape, events));
  EXPECT_EQ(told["choices"][0]["message"]["tool_calls"][0]["custom"]["input"], "ls \"x\"");
}

TEST(TellingAChat, PutsOddsBesideTheirText) {
  Answering telling;
  const std::vector<Event> events = {TextDelta{0, "a"},
                                     LogprobsDelta{.content = "[{\"token\":\"a\"}]"}};
  const auto said = chunks(telling.told(streamed(false), events));
  EXPECT_EQ(said.at(1)["choices"][0]["delta"]["content"], "a");
  EXPECT_EQ(said.at(1)["choices"][0]["logprobs"]["content"][0]["token"], "a");
}

TEST(TellingAChat, KeepsJsonOnOneLineOfTheStream) {
  Answering telling;
  const std::vector<Event> events = {
      TextDelta{0, "a"},
      CitationMade{0, {.of = Dialect::Chat, .json = "{\n\n\"type\":\"url_citation\"\n}"}},
      ReplyExtra{{Dialect::Chat, "citations", "[\n\n]"}}};
  EXPECT_EQ(chunks(telling.told(streamed(), events)).size(), 4U);
}

// ---- Completions

TEST(Completions, TakeOnePromptForATurn) {
  Asking asking(completions_dialect());
  ASSERT_EQ(asking.read(R"({"prompt":"a","max_tokens":3,"echo":false,"logprobs":2})"), "");
  EXPECT_EQ(asking.part<Text>(0, 0).text, "a");
  EXPECT_EQ(asking.conversation.top_logprobs, 2);
  EXPECT_EQ(asking.conversation.extras[0].importance, Importance::Hint);
}

TEST(Completions, MeanWhatOnlyTheyCanSay) {
  for (const std::string_view body :
       {R"({"prompt":["a","b"]})", R"({"prompt":[1,2]})", R"({"prompt":"a","suffix":"b"})",
        R"({"prompt":"a","echo":true})", R"({"prompt":"a","best_of":3})"}) {
    Asking asking(completions_dialect());
    ASSERT_EQ(asking.read(body), "") << body;
    ASSERT_EQ(asking.conversation.extras.size(), 1U) << body;
    EXPECT_EQ(asking.conversation.extras[0].importance, Importance::Meaning) << body;
  }
  EXPECT_EQ(Asking(completions_dialect()).read(R"({"max_tokens":1})"), "prompt");
}

TEST(Completions, AreToldAsText) {
  const std::vector<Event> events = {ReasoningDelta{0, "hm"}, TextDelta{0, "a"}, TextDelta{1, "b"},
                                     ReplyStopped{.choice = 1, .reason = FinishReason::Length},
                                     Usage{.input = 1, .output = 2}};
  Answering telling(completions_dialect());
  const Json told = Json::parse(telling.told(whole(), events));
  EXPECT_EQ(told["object"], "text_completion");
  EXPECT_EQ(told["id"], "cmpl-r1");
  EXPECT_EQ(told["choices"][0]["text"], "a");
  EXPECT_EQ(told["choices"][1]["finish_reason"], "length");
  EXPECT_EQ(told["usage"]["total_tokens"], 3);

  const auto said = chunks(telling.told(streamed(), events));
  ASSERT_EQ(said.size(), 5U);
  EXPECT_EQ(said[0]["choices"][0]["text"], "a");
  EXPECT_EQ(said[3]["choices"][0]["finish_reason"], "length");
  EXPECT_EQ(said[4]["usage"]["total_tokens"], 3);
}

}  // namespace
}  // namespace sluice::dialect::chat_test
