#include "unit/providers/simulator_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <malloc.h>

#include <set>

namespace sluice::providers::simulator {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

constexpr std::string_view kPath = "/v1/chat/completions";

Json message_of(const Played& played) {
  return played.json()["choices"][0]["message"];
}

Json weather_tool(std::string_view name = "get_weather") {
  return {
      {"type", "function"},
      {"function",
       {{"name", name},
        {"parameters",
         {{"type", "object"},
          {"properties",
           {{"location", {{"type", "string"}}}, {"days", {{"type", "integer"}, {"minimum", 1}}}}},
          {"required", {"location", "days"}}}}}}};
}

Json tool_request(std::string_view model) {
  auto request = chat_request(model, "How is the weather?");
  request["tools"] = {weather_tool(), weather_tool("get_tides")};
  return request;
}

TEST(SimulatorChat, EchoRepeatsTheLastUserMessage) {
  const Json request = {{"model", "echo"},
                        {"messages",
                         {{{"role", "system"}, {"content", "Be brief."}},
                          {{"role", "user"}, {"content", "One"}},
                          {{"role", "assistant"}, {"content", "Two"}},
                          {{"role", "user"}, {"content", "Three \"quoted\"\n\u00e4"}}}}};

  const auto played = post(kPath, request);

  EXPECT_EQ(played.head.status, 200);
  EXPECT_EQ(played.head.content_type, "application/json");
  EXPECT_EQ(played.head.content_length, played.body.size());
  EXPECT_EQ(played.end, Then::Finish);
  EXPECT_EQ(message_of(played)["content"], "Three \"quoted\"\n\u00e4");
}

TEST(SimulatorChat, GoesOnFromTheAssistantsOwnWordsAtTheEnd) {
  auto request = chat_request("echo", "One two three");
  request["messages"].push_back({{"role", "assistant"}, {"content", "One tw"}});
  EXPECT_EQ(message_of(post(kPath, request))["content"], "o three");

  request["messages"].back()["content"] = "Something else";
  EXPECT_EQ(message_of(post(kPath, request))["content"], "One two three");
}

TEST(SimulatorChat, EchoJoinsTheTextPartsOfAMessage) {
  auto request = chat_request("echo", "");
  request["messages"][0]["content"] = {{{"type", "text"}, {"text", "one "}},
                                       {{"type", "image_url"}, {"image_url", {{"url", "data:,"}}}},
                                       {{"type", "text"}, {"text", "two "}},
                                       {{"type", "text"}, {"text", "three"}}};

  EXPECT_EQ(message_of(post(kPath, request))["content"], "one two three");
}

TEST(SimulatorChat, HasTheShapeOfTheRecordedAnswers) {
  const auto answer = post(kPath, chat_request("echo", "Hello there!")).json();

  EXPECT_THAT(answer["id"].get<std::string>(), StartsWith("chatcmpl-"));
  EXPECT_EQ(answer["object"], "chat.completion");
  EXPECT_EQ(answer["created"], 1'700'000'000);
  EXPECT_EQ(answer["model"], "echo");
  EXPECT_EQ(answer["choices"][0]["index"], 0);
  EXPECT_EQ(answer["choices"][0]["logprobs"], nullptr);
  EXPECT_EQ(answer["choices"][0]["finish_reason"], "stop");
  EXPECT_EQ(message_of(post(kPath, chat_request("echo", "x")))["refusal"], nullptr);
  EXPECT_EQ(answer["usage"]["completion_tokens"], 3);
  EXPECT_EQ(answer["usage"]["prompt_tokens"], 6);
  EXPECT_EQ(answer["usage"]["total_tokens"], 9);
  EXPECT_EQ(answer["usage"]["completion_tokens_details"]["reasoning_tokens"], 0);
  EXPECT_EQ(answer["system_fingerprint"], "fp_sluice");
}

TEST(SimulatorChat, TheSameRequestGetsTheSameAnswerAndAnotherSeedAnotherId) {
  const auto request = chat_request("echo", "Hello");

  EXPECT_EQ(post(kPath, request).body, post(kPath, request).body);
  EXPECT_NE(post(kPath, request).json()["id"], post(kPath, request, 1).json()["id"]);
  EXPECT_NE(post(kPath, request).json()["id"],
            post(kPath, chat_request("echo", "Hullo")).json()["id"]);
}

class EveryModel : public testing::TestWithParam<const char*> {};

TEST_P(EveryModel, StreamsWhatItAnswersInOnePieceWithTheSameUsage) {
  auto request = tool_request(GetParam());

  const auto whole = post(kPath, request).json();
  const auto stream = post(kPath, with_usage(request));

  const auto& message = whole["choices"][0]["message"];
  const auto text = [&message](const char* field) {
    return message.contains(field) && message[field].is_string() ? message[field].get<std::string>()
                                                                 : std::string();
  };
  EXPECT_EQ(streamed_text(stream), text("content"));
  EXPECT_EQ(streamed_text(stream, "reasoning_content"), text("reasoning_content"));
  EXPECT_EQ(streamed_text(stream, "refusal"), text("refusal"));
  const auto events = events_of(stream.body);
  EXPECT_EQ(events.back()["choices"], Json::array());
  EXPECT_EQ(events.back()["usage"], whole["usage"]);
  EXPECT_EQ(events[events.size() - 2]["choices"][0]["finish_reason"],
            whole["choices"][0]["finish_reason"]);
  EXPECT_EQ(events.front()["id"], events.back()["id"]);
  EXPECT_EQ(frames_of(stream.body).back(), "[DONE]");
  EXPECT_EQ(stream.head.content_type, "text/event-stream; charset=utf-8");
  EXPECT_FALSE(stream.head.content_length);
}

INSTANTIATE_TEST_SUITE_P(Simulator, EveryModel,
                         testing::Values("echo", "lorem", "lorem-200", "numbered-30", "tool",
                                         "tool-2", "json", "reasoning", "reasoning-5", "refusal",
                                         "echo+size=2KiB", "simulator/echo"));

TEST(SimulatorChat, TellsUsageInStreamsOnlyWhenAskedTo) {
  const auto quiet = events_of(post(kPath, streamed(chat_request("echo", "Hello"))).body);
  const auto asked = events_of(post(kPath, with_usage(chat_request("echo", "Hello"))).body);

  for (const auto& event : quiet) EXPECT_FALSE(event.contains("usage"));
  EXPECT_EQ(asked.front()["usage"], nullptr);
  EXPECT_TRUE(asked.back()["usage"].is_object());
}

TEST(SimulatorChat, LoremHasAsManyTokensAsItsName) {
  EXPECT_EQ(post(kPath, chat_request("lorem-200", "x")).json()["usage"]["completion_tokens"], 200);
  EXPECT_THAT(message_of(post(kPath, chat_request("lorem", "x")))["content"].get<std::string>(),
              StartsWith("Lorem ipsum dolor sit amet, "));
}

TEST(SimulatorChat, NumberedSendsEachNumberOnceAndInOrder) {
  std::vector<std::string> deltas;
  for (const auto& event : events_of(post(kPath, streamed(chat_request("numbered-3", "x"))).body)) {
    const auto text = event["choices"][0]["delta"].value("content", "");
    if (!text.empty()) deltas.push_back(text);
  }

  EXPECT_THAT(deltas, ElementsAre("0 ", "1 ", "2 "));
}

TEST(SimulatorChat, MaxTokensCutsTheAnswerWithTheReasonLength) {
  auto request = chat_request("numbered-10", "x");
  request["max_completion_tokens"] = 4;

  const auto answer = post(kPath, request).json();

  EXPECT_EQ(answer["choices"][0]["message"]["content"], "0 1 2 3 ");
  EXPECT_EQ(answer["choices"][0]["finish_reason"], "length");
  EXPECT_EQ(answer["usage"]["completion_tokens"], 4);
}

TEST(SimulatorChat, ReasoningCountsAgainstMaxTokens) {
  auto request = chat_request("reasoning-5", "one two three");
  request["max_tokens"] = 6;

  const auto answer = post(kPath, request).json();

  EXPECT_EQ(answer["choices"][0]["message"]["content"], "one");
  EXPECT_EQ(answer["usage"]["completion_tokens_details"]["reasoning_tokens"], 5);
  EXPECT_EQ(answer["choices"][0]["finish_reason"], "length");
}

TEST(SimulatorChat, AStopTextThatSpansDeltasEndsTheAnswerInFrontOfIt) {
  auto request = chat_request("numbered-100", "x");
  request["stop"] = {"never", "4 5"};

  const auto whole = post(kPath, request).json();
  const auto stream = post(kPath, streamed(request));

  EXPECT_EQ(whole["choices"][0]["message"]["content"], "0 1 2 3 ");
  EXPECT_EQ(whole["choices"][0]["finish_reason"], "stop");
  EXPECT_EQ(streamed_text(stream), "0 1 2 3 ");
}

TEST(SimulatorChat, AStopTextInsideAPieceCutsThatPiece) {
  auto request = chat_request("echo", "hello wonderful world");
  request["stop"] = "der";

  EXPECT_EQ(streamed_text(post(kPath, streamed(request))), "hello won");
  EXPECT_EQ(message_of(post(kPath, request))["content"], "hello won");
}

TEST(SimulatorChat, SeveralChoicesTakeTurnsAndCountTogether) {
  auto request = chat_request("numbered-3", "x");
  request["n"] = 3;

  const auto whole = post(kPath, request).json();
  const auto stream = post(kPath, with_usage(request));

  ASSERT_EQ(whole["choices"].size(), 3);
  EXPECT_EQ(whole["choices"][2]["index"], 2);
  EXPECT_EQ(whole["usage"]["completion_tokens"], 9);
  for (int choice = 0; choice < 3; ++choice)
    EXPECT_EQ(streamed_text(stream, "content", choice), "0 1 2 ");
  const auto events = events_of(stream.body);
  EXPECT_EQ(events[3]["choices"][0]["index"], 0);
  EXPECT_EQ(events[4]["choices"][0]["index"], 1);
  EXPECT_EQ(events.back()["usage"], whole["usage"]);
}

TEST(SimulatorChat, ToolCallsTheFirstToolWithArgumentsOfItsSchema) {
  const auto message = message_of(post(kPath, tool_request("tool")));

  ASSERT_EQ(message["tool_calls"].size(), 1);
  const auto& call = message["tool_calls"][0];
  EXPECT_EQ(message["content"], nullptr);
  EXPECT_EQ(call["type"], "function");
  EXPECT_THAT(call["id"].get<std::string>(), StartsWith("call_"));
  EXPECT_EQ(call["function"]["name"], "get_weather");
  EXPECT_EQ(Json::parse(call["function"]["arguments"].get<std::string>()),
            Json({{"location", "text"}, {"days", 1}}));
}

TEST(SimulatorChat, StreamedToolCallsAddUpToTheWholeOnes) {
  const auto request = tool_request("tool-2");

  auto whole = message_of(post(kPath, request))["tool_calls"];
  Json calls = Json::array();
  for (const auto& event : events_of(post(kPath, streamed(request)).body)) {
    for (const auto& delta : event["choices"][0]["delta"].value("tool_calls", Json::array())) {
      if (delta.contains("id")) {
        EXPECT_EQ(delta["index"], calls.size());
        calls.push_back(
            {{"id", delta["id"]}, {"type", delta["type"]}, {"function", delta["function"]}});
      } else {
        auto& arguments = calls[delta["index"].get<std::size_t>()]["function"]["arguments"];
        arguments =
            arguments.get<std::string>() + delta["function"]["arguments"].get<std::string>();
      }
    }
  }

  ASSERT_EQ(whole.size(), 2);
  EXPECT_EQ(whole[1]["function"]["name"], "get_tides");
  EXPECT_NE(whole[0]["id"], whole[1]["id"]);
  EXPECT_NE(calls[0]["id"], calls[1]["id"]);
  for (auto* list : {&whole, &calls}) {
    for (auto& call : *list) call.erase("id");  // Another request has other ids.
  }
  EXPECT_EQ(calls, whole);
}

TEST(SimulatorChat, ToolChoiceDecidesWhichToolAndWhether) {
  auto named = tool_request("echo");
  named["tool_choice"] = {{"type", "function"}, {"function", {{"name", "get_tides"}}}};
  auto none = tool_request("tool");
  none["tool_choice"] = "none";
  auto one_at_a_time = tool_request("tool-2");
  one_at_a_time["parallel_tool_calls"] = false;
  auto unknown = tool_request("tool");
  unknown["tool_choice"] = {{"type", "function"}, {"function", {{"name", "nothing"}}}};

  EXPECT_EQ(message_of(post(kPath, named))["tool_calls"][0]["function"]["name"], "get_tides");
  EXPECT_FALSE(message_of(post(kPath, none)).contains("tool_calls"));
  EXPECT_EQ(message_of(post(kPath, one_at_a_time))["tool_calls"].size(), 1);
  EXPECT_EQ(post(kPath, unknown).json()["error"]["param"], "tool_choice");
}

TEST(SimulatorChat, ToolAnswersInWordsAfterAToolResult) {
  auto request = tool_request("tool");
  request["messages"].push_back({{"role", "assistant"}, {"content", nullptr}});
  request["messages"].push_back(
      {{"role", "tool"}, {"tool_call_id", "call_1"}, {"content", "Rain"}});

  EXPECT_EQ(message_of(post(kPath, request))["content"], "The tool answered: Rain");
}

TEST(SimulatorChat, JsonGivesAnInstanceOfTheSchema) {
  auto request = chat_request("json", "Hello");
  request["response_format"] = {
      {"type", "json_schema"},
      {"json_schema",
       {{"name", "person"},
        {"schema",
         {{"type", "object"},
          {"properties",
           {{"kind", {{"enum", {"human", "robot"}}}},
            {"age", {{"type", "number"}, {"exclusiveMinimum", 3}}},
            {"friend", {{"$ref", "#/$defs/friend"}}},
            {"tags",
             {{"type", "array"},
              {"items", {{"type", "string"}, {"minLength", 6}}},
              {"minItems", 2}}}}},
          {"required", {"kind", "age", "friend", "tags"}},
          {"$defs", {{"friend", {{"anyOf", {{{"type", "null"}}, {{"type", "object"}}}}}}}}}}}}};

  const auto answer = Json::parse(message_of(post(kPath, request))["content"].get<std::string>());

  EXPECT_EQ(answer["kind"], "human");
  EXPECT_GT(answer["age"].get<double>(), 3);
  EXPECT_EQ(answer["friend"], nullptr);
  EXPECT_EQ(answer["tags"], Json({"textte", "textte"}));
}

TEST(SimulatorChat, JsonEndsASchemaThatContainsItself) {
  auto request = chat_request("json", "Hello");
  const Json self = {{"$ref", "#"}};
  request["response_format"] = {{"type", "json_schema"},
                                {"json_schema",
                                 {{"schema",
                                   {{"type", "object"},
                                    {"properties", {{"a", self}, {"b", self}}},
                                    {"required", {"a", "b"}}}}}}};

  const auto answer = Json::parse(message_of(post(kPath, request))["content"].get<std::string>());

  EXPECT_TRUE(answer["a"]["b"]["a"].is_object());
}

TEST(SimulatorChat, JsonGivesAnObjectWithoutASchema) {
  auto request = chat_request("json", "Say \"hi\"");
  request["response_format"] = {{"type", "json_object"}};

  EXPECT_EQ(Json::parse(message_of(post(kPath, request))["content"].get<std::string>()),
            Json({{"echo", "Say \"hi\""}}));
}

TEST(SimulatorChat, ReasoningThinksBeforeItSpeaks) {
  bool spoke = false;
  std::size_t thoughts = 0;
  for (const auto& event :
       events_of(post(kPath, streamed(chat_request("reasoning-7", "Hello"))).body)) {
    const auto& delta = event["choices"][0]["delta"];
    spoke = spoke || delta.value("content", "") != "";
    if (!delta.contains("reasoning_content")) continue;
    EXPECT_FALSE(spoke);
    ++thoughts;
  }

  EXPECT_TRUE(spoke);
  EXPECT_EQ(thoughts, 7);
}

TEST(SimulatorChat, RefusalHasNoContent) {
  const auto message = message_of(post(kPath, chat_request("refusal", "Hello")));

  EXPECT_EQ(message["content"], nullptr);
  EXPECT_FALSE(message["refusal"].get<std::string>().empty());
}

TEST(SimulatorChat, DeltasNeverSplitACharacter) {
  std::string text;
  for (int repeat = 0; repeat < 50; ++repeat) text += "\u65e5\u672c\u8a9e\U0001F30D\u00fc";

  const auto stream = post(kPath, streamed(chat_request("echo", text)));

  EXPECT_EQ(streamed_text(stream), text);  // The parser of the frames refuses halves.
}

TEST(SimulatorChat, NamesTheFieldAtFault) {
  struct Case {
    Json request;
    const char* param;
  };
  auto with = [](const char* field, const Json& value) {
    auto request = chat_request("echo", "x");
    request[field] = value;
    return request;
  };
  const std::vector<Case> cases = {
      {{{"model", "echo"}}, "messages"},
      {{{"messages", Json::array()}}, "model"},
      {with("messages", Json::array()), "messages"},
      {with("messages", "x"), "messages"},
      {with("n", 0), "n"},
      {with("n", 129), "n"},
      {with("max_tokens", -1), "max_tokens"},
      {with("stream", "yes"), "stream"},
      {with("stop", 3), "stop"},
      {with("stream_options", {{"include_usage", true}}), "stream_options"},
  };
  for (const auto& one : cases) {
    const auto played = post(kPath, one.request);
    EXPECT_EQ(played.head.status, 400) << one.param;
    EXPECT_EQ(played.json()["error"]["type"], "invalid_request_error");
    EXPECT_EQ(played.json()["error"]["param"], one.param) << played.body;
  }
}

std::size_t bytes_per_stream(std::string_view path, const Json& request) {
  constexpr std::size_t kStreams = 200;
  Simulator simulator;
  const auto text = request.dump();
  simulator.respond({.path = path, .body = text});
  std::vector<Script> scripts;
  scripts.reserve(kStreams);
  const auto before = mallinfo2().uordblks;
  for (std::size_t stream = 0; stream < kStreams; ++stream) {
    auto& script = scripts.emplace_back(simulator.respond({.path = path, .body = text}).script);
    for (int step = 0; step < 100; ++step) script.next();
  }
  return (mallinfo2().uordblks - before) / kStreams + sizeof(Script);
}

TEST(SimulatorChat, ARunningStreamNeedsLittleMemoryHoweverLongItIs) {
  EXPECT_LE(bytes_per_stream(kPath, with_usage(chat_request("lorem-10000+rate=50", "x"))), 1024);
  EXPECT_LE(bytes_per_stream("/v1/responses", streamed({{"model", "lorem-10000"}, {"input", "x"}})),
            1100);
}

}  // namespace
}  // namespace sluice::providers::simulator
