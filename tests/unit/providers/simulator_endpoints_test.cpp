#include "unit/providers/simulator_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace sluice::providers::simulator {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

Json weather_tool() {
  return {
      {"type", "function"},
      {"name", "get_weather"},
      {"parameters", {{"type", "object"}, {"properties", {{"location", {{"type", "string"}}}}}}}};
}

std::vector<std::string> types_of(const Played& played) {
  std::vector<std::string> types;
  for (const auto& event : events_of(played.body)) {
    if (auto type = event["type"].get<std::string>(); types.empty() || types.back() != type)
      types.push_back(type);
  }
  return types;
}

TEST(SimulatorResponses, HasTheShapeOfTheRecordedAnswers) {
  const auto answer =
      post("/v1/responses",
           {{"model", "echo"}, {"input", "Hello there!"}, {"instructions", "Be brief."}})
          .json();

  EXPECT_THAT(answer["id"].get<std::string>(), StartsWith("resp_"));
  EXPECT_EQ(answer["object"], "response");
  EXPECT_EQ(answer["status"], "completed");
  EXPECT_EQ(answer["error"], nullptr);
  EXPECT_EQ(answer["instructions"], "Be brief.");
  EXPECT_EQ(answer["tool_choice"], "auto");
  EXPECT_EQ(answer["output"][0]["type"], "message");
  EXPECT_EQ(answer["output"][0]["content"][0], Json({{"type", "output_text"},
                                                     {"annotations", Json::array()},
                                                     {"logprobs", Json::array()},
                                                     {"text", "Hello there!"}}));
  EXPECT_EQ(answer["usage"]["output_tokens"], 3);
  EXPECT_EQ(answer["usage"]["total_tokens"], answer["usage"]["input_tokens"].get<int>() + 3);
}

TEST(SimulatorResponses, StreamsTheProperSequenceOfEvents) {
  const auto played =
      post("/v1/responses", streamed({{"model", "echo"}, {"input", "Hello there!"}}));

  EXPECT_THAT(types_of(played),
              ElementsAre("response.created", "response.in_progress", "response.output_item.added",
                          "response.content_part.added", "response.output_text.delta",
                          "response.output_text.done", "response.content_part.done",
                          "response.output_item.done", "response.completed"));
  EXPECT_THAT(played.body,
              StartsWith("event: response.created\ndata: {\"type\":\"response.created\""));
  std::size_t number = 0;
  for (const auto& event : events_of(played.body)) EXPECT_EQ(event["sequence_number"], number++);
}

class EveryResponse : public testing::TestWithParam<const char*> {};

TEST_P(EveryResponse, EndsItsStreamWithTheWholeAnswer) {
  Json request = {{"model", GetParam()},
                  {"input", {{{"role", "user"}, {"content", "Hello there!"}}}},
                  {"tools", {weather_tool()}}};
  auto whole = post("/v1/responses", request).json();

  const auto events = events_of(post("/v1/responses", streamed(request)).body);

  auto last = events.back()["response"];
  std::string deltas;
  std::string final_text;
  for (const auto& event : events) {
    const auto type = event["type"].get<std::string>();
    if (type.ends_with(".delta")) deltas += event["delta"].get<std::string>();
    for (const auto* field : {"text", "refusal", "arguments"}) final_text += event.value(field, "");
  }
  EXPECT_EQ(deltas, final_text);
  EXPECT_EQ(last["usage"], whole["usage"]);
  EXPECT_EQ(last["status"], whole["status"]);
  ASSERT_EQ(last["output"].size(), whole["output"].size());
  for (std::size_t item = 0; item < whole["output"].size(); ++item) {
    auto streamed_item = last["output"][item];
    auto whole_item = whole["output"][item];
    for (const auto* id : {"id", "call_id"}) streamed_item.erase(id), whole_item.erase(id);
    EXPECT_EQ(streamed_item, whole_item);
  }
  for (const auto& event : events) {
    if (event["type"] == "response.output_item.done")
      EXPECT_EQ(event["item"], last["output"][event["output_index"].get<std::size_t>()]);
  }
}

INSTANTIATE_TEST_SUITE_P(Simulator, EveryResponse,
                         testing::Values("echo", "lorem-50", "reasoning-5", "tool", "tool-3",
                                         "json", "refusal", "echo+empty"));

TEST(SimulatorResponses, ThinksInAnItemOfItsOwn) {
  const auto answer = post("/v1/responses", {{"model", "reasoning-5"}, {"input", "Hi"}}).json();

  EXPECT_EQ(answer["output"][0]["type"], "reasoning");
  EXPECT_EQ(answer["output"][1]["type"], "message");
  EXPECT_EQ(answer["usage"]["output_tokens_details"]["reasoning_tokens"], 5);
}

TEST(SimulatorResponses, CallsAToolAndAnswersInWordsAfterItsResult) {
  Json request = {{"model", "tool"},
                  {"input", Json::array({{{"role", "user"}, {"content", "Weather?"}}})},
                  {"tools", {weather_tool()}}};
  const auto first = post("/v1/responses", request).json()["output"][0];
  request["input"].push_back(first);
  request["input"].push_back(
      {{"type", "function_call_output"}, {"call_id", first["call_id"]}, {"output", "Rain"}});

  EXPECT_EQ(first["type"], "function_call");
  EXPECT_EQ(Json::parse(first["arguments"].get<std::string>()), Json({{"location", "text"}}));
  EXPECT_EQ(post("/v1/responses", request).json()["output"][0]["content"][0]["text"],
            "The tool answered: Rain");
}

TEST(SimulatorResponses, IsIncompleteWhenCutByMaxOutputTokens) {
  const Json request = {{"model", "lorem"}, {"input", "Hi"}, {"max_output_tokens", 3}};

  const auto answer = post("/v1/responses", request).json();

  EXPECT_EQ(answer["status"], "incomplete");
  EXPECT_EQ(answer["incomplete_details"]["reason"], "max_output_tokens");
  EXPECT_EQ(answer["usage"]["output_tokens"], 3);
  EXPECT_EQ(types_of(post("/v1/responses", streamed(request))).back(), "response.incomplete");
}

TEST(SimulatorResponses, ReportsAnErrorInAStreamAndFails) {
  const auto played =
      post("/v1/responses", streamed({{"model", "numbered-9+error-in-stream=2"}, {"input", "Hi"}}));

  const auto events = events_of(played.body);
  const auto& error = events[events.size() - 2];
  EXPECT_EQ(error["type"], "error");
  EXPECT_EQ(events.back()["type"], "response.failed");
  EXPECT_EQ(events.back()["response"]["status"], "failed");
  EXPECT_EQ(events.back()["sequence_number"], error["sequence_number"].get<int>() + 1);
}

TEST(SimulatorResponses, ARequestWithLineEndsStaysInItsFrame) {
  const auto body =
      streamed({{"model", "echo"}, {"input", "a\nb"}, {"tools", {weather_tool()}}}).dump(2);

  const auto events = events_of(play({.path = "/v1/responses", .body = body}).body);

  EXPECT_EQ(events.front()["response"]["tools"][0], weather_tool());
}

TEST(SimulatorResponses, CountsInputTokens) {
  const Json request = {{"model", "echo"}, {"input", "Hello there!"}};

  const auto counted = post("/v1/responses/input_tokens", request).json();

  EXPECT_EQ(counted["object"], "response.input_tokens");
  EXPECT_EQ(counted["input_tokens"],
            post("/v1/responses", request).json()["usage"]["input_tokens"]);
}

TEST(SimulatorCompletions, AnswersEachPromptAsOftenAsAsked) {
  Json request = {{"model", "echo"}, {"prompt", {"one two", "three"}}, {"n", 2}};

  const auto whole = post("/v1/completions", request).json();
  const auto events = events_of(post("/v1/completions", with_usage(request)).body);

  ASSERT_EQ(whole["choices"].size(), 4);
  EXPECT_EQ(whole["object"], "text_completion");
  EXPECT_THAT(whole["id"].get<std::string>(), StartsWith("cmpl-"));
  EXPECT_EQ(whole["choices"][1]["text"], "one two");
  EXPECT_EQ(whole["choices"][3]["text"], "three");
  std::vector<std::string> texts(4);
  for (const auto& event : events) {
    for (const auto& choice : event["choices"])
      texts[choice["index"].get<std::size_t>()] += choice["text"].get<std::string>();
  }
  EXPECT_THAT(texts, ElementsAre("one two", "one two", "three", "three"));
  EXPECT_EQ(events.back()["usage"], whole["usage"]);
}

TEST(SimulatorCompletions, NeedsAPrompt) {
  EXPECT_EQ(post("/v1/completions", {{"model", "echo"}}).json()["error"]["param"], "prompt");
}

std::vector<float> decoded(const std::string& base64) {
  static const std::string kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char letter : base64) {
    if (letter == '=') break;
    bits = bits << 6 | static_cast<std::uint32_t>(kLetters.find(letter));
    if (count += 6; count >= 8) bytes += static_cast<char>(bits >> (count -= 8));
  }
  std::vector<float> numbers(bytes.size() / sizeof(float));
  std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(float));
  return numbers;
}

TEST(SimulatorEmbeddings, AreUnitVectorsThatDependOnTheTextAlone) {
  const auto pair =
      post("/v1/embeddings", {{"model", "embedding-7"}, {"input", {"one", "two"}}}).json();
  const auto alone = post("/v1/embeddings", {{"model", "embedding-7"}, {"input", "two"}}).json();

  const auto vector = pair["data"][1]["embedding"].get<std::vector<double>>();
  double square = 0;
  for (const auto number : vector) square += number * number;
  EXPECT_NEAR(square, 1, 1e-5);
  EXPECT_EQ(vector.size(), 7);
  EXPECT_EQ(pair["data"][1]["index"], 1);
  EXPECT_EQ(pair["data"][1]["embedding"], alone["data"][0]["embedding"]);
  EXPECT_NE(pair["data"][0]["embedding"], pair["data"][1]["embedding"]);
  EXPECT_EQ(pair["usage"], Json({{"prompt_tokens", 2}, {"total_tokens", 2}}));
}

TEST(SimulatorEmbeddings, SayTheSameInBase64) {
  Json request = {{"model", "embedding"}, {"input", "one"}};
  const auto floats =
      post("/v1/embeddings", request).json()["data"][0]["embedding"].get<std::vector<float>>();
  request["encoding_format"] = "base64";

  const auto encoded =
      post("/v1/embeddings", request).json()["data"][0]["embedding"].get<std::string>();

  EXPECT_EQ(floats.size(), 1536);
  EXPECT_EQ(decoded(encoded), floats);
}

TEST(SimulatorEmbeddings, TakeTokensAndDimensions) {
  const auto tokens =
      post("/v1/embeddings", {{"model", "embedding"}, {"input", {1, 2, 3}}, {"dimensions", 4}})
          .json();
  const auto lists = post("/v1/embeddings",
                          {{"model", "embedding"}, {"input", {{1, 2, 3}, {4}}}, {"dimensions", 4}})
                         .json();

  ASSERT_EQ(tokens["data"].size(), 1);
  EXPECT_EQ(tokens["data"][0]["embedding"].size(), 4);
  EXPECT_EQ(tokens["usage"]["prompt_tokens"], 3);
  EXPECT_EQ(lists["data"].size(), 2);
  EXPECT_EQ(lists["data"][0]["embedding"], tokens["data"][0]["embedding"]);
}

TEST(SimulatorEmbeddings, RefuseWhatTheyCannotRead) {
  EXPECT_EQ(post("/v1/embeddings", {{"model", "embedding"}}).json()["error"]["param"], "input");
  EXPECT_EQ(post("/v1/embeddings", {{"model", "embedding"}, {"input", Json::array()}}).head.status,
            400);
  EXPECT_EQ(post("/v1/embeddings", {{"model", "embedding"}, {"input", "x"}, {"dimensions", 0}})
                .json()["error"]["param"],
            "dimensions");
  EXPECT_EQ(
      post("/v1/embeddings", {{"model", "embedding"}, {"input", "x"}, {"encoding_format", "hex"}})
          .head.status,
      400);
}

TEST(SimulatorModerations, FlagTheCategoryThatTheTextNames) {
  const auto answer = post("/v1/moderations", {{"input", {"A lovely day", "Violence!"}}}).json();

  EXPECT_EQ(answer["model"], "moderation");
  EXPECT_EQ(answer["results"][0]["flagged"], false);
  EXPECT_EQ(answer["results"][1]["flagged"], true);
  EXPECT_EQ(answer["results"][1]["categories"]["violence"], true);
  EXPECT_EQ(answer["results"][1]["categories"]["violence/graphic"], false);
  EXPECT_EQ(answer["results"][1]["categories"].size(), 13);
}

TEST(SimulatorMedia, DrawsAsManyPicturesAsAsked) {
  const auto answer =
      post("/v1/images/generations", {{"model", "image"}, {"prompt", "a cat"}, {"n", 2}}).json();

  ASSERT_EQ(answer["data"].size(), 2);
  EXPECT_THAT(answer["data"][0]["b64_json"].get<std::string>(), StartsWith("iVBORw0KGgo"));
  EXPECT_EQ(post("/v1/images/generations", {{"model", "image"}}).json()["error"]["param"],
            "prompt");
}

TEST(SimulatorMedia, SpeaksAWave) {
  const auto played =
      post("/v1/audio/speech", {{"model", "speech"}, {"input", "Hello"}, {"voice", "any"}});

  EXPECT_EQ(played.head.content_type, "audio/wav");
  EXPECT_THAT(played.body, StartsWith("RIFF"));
  EXPECT_EQ(played.body.size(), 844);
}

TEST(SimulatorMedia, SaysHowLargeTheRecordingIs) {
  const std::string form =
      "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ntranscription+delay=5ms\r\n"
      "--x\r\nContent-Disposition: form-data; name=\"file\"; "
      "filename=\"a.wav\"\r\n\r\n\x01\x02\r\n--x--\r\n";

  const auto played = play({.path = "/v1/audio/transcriptions", .body = form});

  EXPECT_EQ(played.json()["text"], "A recording of " + std::to_string(form.size()) + " bytes.");
  EXPECT_EQ(played.head.wait, std::chrono::milliseconds(5));
}

TEST(SimulatorModels, AreListedAndFoundByTheirNames) {
  const auto list = play({.method = "GET", .path = "/v1/models"}).json();
  const auto one = play({.method = "GET", .path = "/v1/models/lorem-7"});

  EXPECT_EQ(list["data"].size(), known_models().size());
  EXPECT_EQ(list["data"][0]["object"], "model");
  EXPECT_EQ(one.json()["id"], "lorem-7");
  EXPECT_EQ(play({.method = "GET", .path = "/v1/models/none"}).head.status, 404);
}

TEST(SimulatorModels, AreRefusedByEndpointsThatTheyDoNotServe) {
  EXPECT_EQ(post("/v1/embeddings", {{"model", "echo"}, {"input", "x"}}).head.status, 404);
  EXPECT_EQ(post("/v1/chat/completions", chat_request("embedding", "x")).json()["error"]["code"],
            "model_not_found");
  EXPECT_EQ(post("/v1/chat/completions", chat_request("echo-3", "x")).head.status, 404);
}

TEST(Simulator, TakesPathsWithoutTheVersionAndWithAQuery) {
  EXPECT_EQ(post("/chat/completions", chat_request("echo", "x")).head.status, 200);
  EXPECT_EQ(post("/v1/chat/completions?api-version=1", chat_request("echo", "x")).head.status, 200);
}

TEST(Simulator, AnswersUnknownPathsAndMethodsAsOpenAiDoes) {
  const auto path = post("/v1/nothing", {});
  const auto method = play({.method = "GET", .path = "/v1/chat/completions"});

  EXPECT_EQ(path.head.status, 404);
  EXPECT_EQ(path.json()["error"], Json({{"message", "Invalid URL (POST /v1/nothing)"},
                                        {"type", "invalid_request_error"},
                                        {"param", nullptr},
                                        {"code", nullptr}}));
  EXPECT_EQ(method.head.status, 405);
}

TEST(Simulator, RefusesWhatIsNoJsonObject) {
  for (const auto* body : {"", "{", "[]", "{\"model\":\"echo\",}", "nothing"}) {
    const auto played = play({.path = "/v1/chat/completions", .body = body});
    EXPECT_EQ(played.head.status, 400) << body;
    EXPECT_EQ(played.json()["error"]["code"], "invalid_json") << body;
  }
}

}  // namespace
}  // namespace sluice::providers::simulator
