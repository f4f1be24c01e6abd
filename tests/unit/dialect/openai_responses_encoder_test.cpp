#include "unit/dialect/openai_responses_support.h"

#include <gmock/gmock.h>

namespace sluice::dialect::responses_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ResponsesEncoding : public testing::Test {
 protected:
  // The data of every event that a stream says, in order.
  std::vector<Json> stream(const std::vector<Event>& events) {
    shape_.stream = true;
    const std::string text = encoded(events);
    std::vector<Json> data;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find("\n\n", at);
      const std::string frame = text.substr(at, end - at);
      const std::size_t line = frame.find("\ndata: ");
      EXPECT_TRUE(frame.starts_with("event: "));
      data.push_back(Json::parse(frame.substr(line + 7)));
      EXPECT_EQ(frame.substr(7, line - 7), data.back().at("type").get<std::string>());
      EXPECT_EQ(data.back().at("sequence_number"), data.size() - 1);
      at = end + 2;
    }
    return data;
  }
  Json whole(const std::vector<Event>& events) {
    shape_.stream = false;
    return Json::parse(encoded(events));
  }
  static std::vector<std::string> types(const std::vector<Json>& data) {
    std::vector<std::string> names;
    for (const Json& one : data) {
      names.push_back(one.at("type").get<std::string>().substr(std::string("response.").size()));
    }
    return names;
  }

  Arena arena_;
  Conversation asked_;
  Shape shape_{.id = "req-1", .model = "asked", .now = 1000, .asked = &asked_};

 private:
  // Each event by itself: nothing may hang on what comes together.
  std::string encoded(const std::vector<Event>& events) {
    const auto encoder = responses_dialect().encoder(arena_, shape_);
    std::string out;
    for (const Event& event : events) encoder->say({&event, 1}, out);
    encoder->end(out);
    return out;
  }
};

TEST_F(ResponsesEncoding, TellsATextInTheOrderOfTheApi) {
  const auto data =
      stream({ReplyStarted{.id = "chatcmpl-1", .model = "m", .created = 7}, TextDelta{0, "Hel"},
              TextDelta{0, "lo"}, Usage{.input = 3, .output = 2}, ReplyStopped{}});

  EXPECT_THAT(types(data),
              ElementsAre("created", "in_progress", "output_item.added", "content_part.added",
                          "output_text.delta", "output_text.delta", "output_text.done",
                          "content_part.done", "output_item.done", "completed"));
  EXPECT_EQ(data[0].at("response").at("id"), "resp_req1");
  EXPECT_EQ(data[0].at("response").at("created_at"), 7);
  EXPECT_EQ(data[6].at("text"), "Hello");
  const Json& response = data.back().at("response");
  EXPECT_EQ(response.at("output").at(0), data[8].at("item"));
  EXPECT_EQ(response.at("usage").at("total_tokens"), 5);
  EXPECT_EQ(response.at("model"), "m");
}

TEST_F(ResponsesEncoding, EndsWithTheAnswerThatAWholeOneWouldBe) {
  const std::vector<Event> events{ReasoningDelta{0, "Hm"},
                                  ReasoningSealed{.seal = {Dialect::Messages, "EqAB"}},
                                  TextDelta{0, "a\nb"},
                                  CitationMade{0, {.url = "https://x", .begin = 0, .end = 1}},
                                  RefusalDelta{0, "no"},
                                  ToolCallDelta{.id = "c1", .name = "f", .arguments = "{\"a\":1}"},
                                  ReplyStopped{.reason = FinishReason::ToolCalls},
                                  Usage{.input = 9, .cached = 4, .output = 2}};

  EXPECT_EQ(stream(events).back().at("response"), whole(events));
}

TEST_F(ResponsesEncoding, TellsThoughtsAsASummaryAndCarriesTheirSeal) {
  const auto data =
      stream({ReasoningDelta{0, "Hm"}, ReasoningSealed{.seal = {Dialect::Messages, "EqAB"}},
              ReasoningSealed{.seal = {Dialect::Messages, "hidden"}, .redacted = true},
              TextDelta{0, "x"}});

  EXPECT_THAT(
      types(data),
      ElementsAre("created", "in_progress", "output_item.added", "reasoning_summary_part.added",
                  "reasoning_summary_text.delta", "reasoning_summary_text.done",
                  "reasoning_summary_part.done", "output_item.done", "output_item.added",
                  "output_item.done", "output_item.added", "content_part.added",
                  "output_text.delta", "output_text.done", "content_part.done", "output_item.done",
                  "completed"));
  EXPECT_EQ(data[7].at("item").at("encrypted_content"), "sluice:messages:EqAB");
  EXPECT_EQ(data[9].at("item").at("encrypted_content"), "sluice:messages:hidden");
  EXPECT_EQ(data[9].at("item").at("summary"), Json::array());
}

TEST_F(ResponsesEncoding, CitesATextInItsOwnItemThoughItsSealCameBefore) {
  const auto data =
      stream({TextDelta{0, "x"}, ReasoningSealed{.seal = {Dialect::Gemini, "CqM"}},
              CitationMade{0, {.url = "https://x", .begin = 0, .end = 1}}, ReplyStopped{}});

  const Json& output = data.back().at("response").at("output");
  ASSERT_EQ(output.size(), 2U);
  EXPECT_EQ(output.at(0).at("content").at(0).at("annotations").at(0).at("url"), "https://x");
  EXPECT_EQ(output.at(1).at("encrypted_content"), "sluice:gemini:CqM");
}

TEST_F(ResponsesEncoding, BeginsAnotherMessageBehindASeal) {
  const Json told = whole({TextDelta{0, "x"}, ReasoningSealed{.seal = {Dialect::Gemini, "CqM"}},
                           TextDelta{0, "y"}, ReplyStopped{}});

  ASSERT_EQ(told.at("output").size(), 3U);
  EXPECT_EQ(told.at("output").at(1).at("type"), "reasoning");
  EXPECT_EQ(told.at("output").at(2).at("content").at(0).at("text"), "y");
}

TEST_F(ResponsesEncoding, KeepsCallsOpenThatAreToldByTurns) {
  const auto data = stream({ToolCallDelta{.index = 0, .id = "c1", .name = "f"},
                            ToolCallDelta{.index = 1, .id = "c2", .name = "g"},
                            ToolCallDelta{.index = 0, .arguments = "{}"},
                            ToolCallDelta{.index = 1, .arguments = "[]"},
                            ReplyStopped{.reason = FinishReason::ToolCalls}});

  const Json& output = data.back().at("response").at("output");
  EXPECT_EQ(output.at(0).at("arguments"), "{}");
  EXPECT_EQ(output.at(1).at("arguments"), "[]");
  EXPECT_EQ(output.at(1).at("call_id"), "c2");
  EXPECT_EQ(output.at(1).at("status"), "completed");
}

TEST_F(ResponsesEncoding, FinishesACallWhereItsBlockEnds) {
  const auto data = stream({ToolCallDelta{.id = "c1", .name = "f"}, BlockEnded{},
                            ToolCallDelta{.index = 1, .id = "c2", .name = "g"}});

  EXPECT_THAT(types(data),
              ElementsAre("created", "in_progress", "output_item.added",
                          "function_call_arguments.delta", "function_call_arguments.done",
                          "output_item.done", "output_item.added", "function_call_arguments.delta",
                          "function_call_arguments.done", "output_item.done", "completed"));
  EXPECT_EQ(data[5].at("item").at("arguments"), "{}");
}

TEST_F(ResponsesEncoding, UnwrapsTheFreeTextOfCustomTools) {
  asked_.tools = arena_.array_of(Tool{.kind = ToolKind::Custom,
                                      .name = "apply_patch",
                                      .of = Dialect::Responses,
                                      .json = R"({"type":"custom","name":"apply_patch"})"});
  const auto data = stream({ToolCallDelta{.id = "c1", .name = "apply_patch"},
                            ToolCallDelta{.arguments = R"({"input":"*** Be)"},
                            ToolCallDelta{.arguments = R"(gin\n"})"}, BlockEnded{}});

  EXPECT_THAT(
      types(data),
      ElementsAre("created", "in_progress", "output_item.added", "custom_tool_call_input.delta",
                  "custom_tool_call_input.done", "output_item.done", "completed"));
  EXPECT_EQ(data[3].at("delta"), "*** Begin\n");
  EXPECT_EQ(data[5].at("item").at("input"), "*** Begin\n");
  EXPECT_EQ(data[5].at("item").at("type"), "custom_tool_call");
  EXPECT_THAT(data[5].at("item").at("id").get<std::string>(), HasSubstr("ctc_"));
}

TEST_F(ResponsesEncoding, SealsACallByAnItemBeforeIt) {
  const Json answer = whole({ToolCallDelta{
      .id = "c1", .name = "f", .arguments = "{}", .signature = {Dialect::Gemini, "Ci"}}});

  EXPECT_EQ(answer.at("output").at(0).at("encrypted_content"), "call/sluice:gemini:Ci");
  EXPECT_EQ(answer.at("output").at(1).at("call_id"), "c1");
}

TEST_F(ResponsesEncoding, SaysWhyAnAnswerIsIncomplete) {
  const auto data = stream({TextDelta{0, "x"}, ReplyStopped{.reason = FinishReason::Length}});

  EXPECT_EQ(data.back().at("type"), "response.incomplete");
  const Json& response = data.back().at("response");
  EXPECT_EQ(response.at("status"), "incomplete");
  EXPECT_EQ(response.at("incomplete_details").at("reason"), "max_output_tokens");
  EXPECT_EQ(response.at("output").at(0).at("status"), "incomplete");
  EXPECT_EQ(whole({ReplyStopped{.reason = FinishReason::Refusal}}).at("incomplete_details"),
            Json({{"reason", "content_filter"}}));
}

TEST_F(ResponsesEncoding, TellsProbabilitiesWithTheirText) {
  shape_.stream = true;
  const auto encoder = responses_dialect().encoder(arena_, shape_);
  const std::vector<Event> events{
      TextDelta{0, "Hi"}, LogprobsDelta{.content = "[{\"token\":\"Hi\",\n\"logprob\":-1}]"}};
  std::string out;
  encoder->say(events, out);

  EXPECT_THAT(out, HasSubstr(R"("delta":"Hi","logprobs":[{"token":"Hi","logprob":-1}])"));
}

TEST_F(ResponsesEncoding, RepeatsWhatWasAskedOnOneLine) {
  const std::vector<Part> parts{{.what = Text{"Be brief."}}};
  const std::vector<Turn> turns{{.role = Role::System, .parts = parts}};
  asked_.turns = turns;
  asked_.tools = arena_.array_of(
      Tool{.name = "f", .parameters = "{\n\"type\":\r\n\"object\"}", .strict = true});
  asked_.tool_choice = {.kind = ToolChoice::Kind::Named, .name = "f", .parallel = false};
  asked_.temperature = "0.20";

  const auto data = stream({});

  const Json& response = data.at(0).at("response");
  EXPECT_EQ(response.at("instructions"), "Be brief.");
  EXPECT_EQ(response.at("tools").at(0).at("parameters").at("type"), "object");
  EXPECT_EQ(response.at("tool_choice"), Json({{"type", "function"}, {"name", "f"}}));
  EXPECT_EQ(response.at("parallel_tool_calls"), false);
  EXPECT_EQ(response.at("temperature"), 0.2);
}

TEST_F(ResponsesEncoding, SaysOneChoiceOnly) {
  const Json answer = whole({TextDelta{0, "one"}, TextDelta{1, "two"}, ReplyStopped{.choice = 1}});

  EXPECT_EQ(answer.at("output").size(), 1U);
  EXPECT_EQ(answer.at("output").at(0).at("content").at(0).at("text"), "one");
}

TEST(ResponsesErrorEvent, TellsSdksAndCodexWhatToDo) {
  const std::string text = responses_error_event({.kind = ErrorKind::UpstreamUnavailable,
                                                  .code = "upstream_rate_limited",
                                                  .message = "Slow\ndown.",
                                                  .retry_after = std::chrono::milliseconds(1500)},
                                                 "req-1");

  const std::size_t second = text.find("\n\n") + 2;
  const auto data_from = [&](std::size_t at) {
    const std::size_t begin = text.find("data: ", at) + 6;
    return Json::parse(text.substr(begin, text.find('\n', begin) - begin));
  };
  const Json error = data_from(0);
  const Json failed = data_from(second);

  EXPECT_EQ(error.at("error").at("code"), "upstream_rate_limited");
  EXPECT_TRUE(text.substr(second).starts_with("event: response.failed\n"));
  EXPECT_EQ(failed.at("response").at("error").at("code"), "rate_limit_exceeded");
  EXPECT_THAT(failed.at("response").at("error").at("message").get<std::string>(),
              HasSubstr("try again in 1500ms"));
  EXPECT_THAT(responses_error_event(
                  {.kind = ErrorKind::UpstreamUnavailable, .code = "upstream_overloaded"}, "r"),
              HasSubstr("server_is_overloaded"));
  EXPECT_THAT(responses_error_event(
                  {.kind = ErrorKind::UpstreamRejected, .code = "context_length_exceeded"}, "r"),
              HasSubstr(R"("error":{"code":"context_length_exceeded")"));
}

}  // namespace
}  // namespace sluice::dialect::responses_test
