#include "dialect/request_fields.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace sluice::dialect {
namespace {

using List = std::initializer_list<Field>;

std::string with(Dialect dialect, std::string_view body, List defaults, List overrides) {
  Arena arena;
  const auto changed = with_fields(body, dialect, defaults, overrides, arena);
  return changed ? std::string(*changed) : changed.error()->message;
}

std::string with_defaults(Dialect dialect, std::string_view body, List defaults) {
  return with(dialect, body, defaults, {});
}

std::string with_overrides(Dialect dialect, std::string_view body, List overrides) {
  return with(dialect, body, {}, overrides);
}

TEST(RequestFields, DefaultsStandWhereTheCallerSaysNothing) {
  EXPECT_EQ(with_defaults(Dialect::Chat, R"({"model": "m"})", {{"temperature", "0.2"}}),
            R"({"temperature":0.2,"model": "m"})");
  EXPECT_EQ(with_defaults(Dialect::Chat, R"({"temperature": null})", {{"temperature", "0.2"}}),
            R"({"temperature": 0.2})");
  EXPECT_EQ(with_defaults(Dialect::Chat, "{ }", {{"temperature", "0.2"}}),
            R"({"temperature":0.2 })");
}

TEST(RequestFields, DefaultsGiveWayToTheCaller) {
  const std::string_view body = R"({ "temperature" : 1e0 , "model":"m" })";

  Arena arena;
  const List defaults{{"temperature", "0.2"}};
  const auto same = with_fields(body, Dialect::Chat, defaults, {}, arena);

  ASSERT_TRUE(same);
  EXPECT_EQ(same->data(), body.data());
}

TEST(RequestFields, OverridesStandWhateverTheCallerSays) {
  EXPECT_EQ(with_overrides(Dialect::Chat, R"({"temperature":1,"model":"m"})",
                           {{"temperature", "0"}, {"seed", "7"}}),
            R"({"seed":7,"temperature":0,"model":"m"})");
}

TEST(RequestFields, OverridesGoBeforeDefaults) {
  EXPECT_EQ(
      with(Dialect::Chat, R"({"a":1})", {{"max_tokens", "1"}}, {{"max_completion_tokens", "2"}}),
      R"({"max_completion_tokens":2,"a":1})");
}

TEST(RequestFields, OfNullIsTakenAway) {
  EXPECT_EQ(with_overrides(Dialect::Chat, R"({"seed":1,"a":2})", {{"seed", "null"}}), R"({"a":2})");
  EXPECT_EQ(with_overrides(Dialect::Chat, R"({"a":2})", {{"seed", "null"}}), R"({"a":2})");
}

TEST(RequestFields, OtherBytesStayAsTheyCame) {
  EXPECT_EQ(with_overrides(Dialect::Chat,
                           "{\n  \"x\": 1.50,\t\"temperature\": 1,\n \"y\": \"\\u00e9\" }\n",
                           {{"temperature", "0"}}),
            "{\n  \"x\": 1.50,\t\"temperature\": 0,\n \"y\": \"\\u00e9\" }\n");
}

TEST(RequestFields, KnowBothNamesOfAChatsLimit) {
  EXPECT_EQ(with_overrides(Dialect::Chat, R"({"max_completion_tokens":9})", {{"max_tokens", "5"}}),
            R"({"max_completion_tokens":5})");
  EXPECT_EQ(with_overrides(Dialect::Chat, R"({"max_tokens":9,"max_completion_tokens":9})",
                           {{"max_tokens", "5"}}),
            R"({"max_tokens":5,"max_completion_tokens":5})");
  EXPECT_EQ(with_defaults(Dialect::Chat, R"({"max_completion_tokens":9})", {{"max_tokens", "5"}}),
            R"({"max_completion_tokens":9})");
  EXPECT_EQ(with_defaults(Dialect::Chat, R"({"a":1})", {{"max_completion_tokens", "5"}}),
            R"({"max_completion_tokens":5,"a":1})");
}

TEST(RequestFields, LeaveNoLookalikeBesideAnOverride) {
  EXPECT_EQ(
      with_overrides(Dialect::Chat, R"({"Max_Tokens":9000,"max_tokens":8,"MAX_tokens":7,"a":1})",
                     {{"max_tokens", "5"}}),
      R"({"max_tokens":5,"a":1})");
  EXPECT_EQ(with_overrides(Dialect::Chat, R"({"max\u005ftokens":9000})", {{"max_tokens", "5"}}),
            R"({"max\u005ftokens":5})");
}

TEST(RequestFields, UnknownNamesGoToTheTopOfOpenAisBodies) {
  const List own{{"provider", R"({"sort":"price"})"}};
  EXPECT_EQ(with_defaults(Dialect::Chat, R"({"a":1})", own),
            R"({"provider":{"sort":"price"},"a":1})");
  EXPECT_EQ(
      with_defaults(Dialect::OpenAi, R"({"a":1})", {{"dimensions", "8"}, {"temperature", "1"}}),
      R"({"dimensions":8,"a":1})");
  for (const Dialect other : {Dialect::Messages, Dialect::Gemini, Dialect::Converse}) {
    EXPECT_EQ(with_defaults(other, R"({"a":1})", own), R"({"a":1})");
  }
}

TEST(RequestFields, LeaveTheModelAndTheStreamToTheCaller) {
  EXPECT_EQ(with_overrides(Dialect::Chat, R"({"model":"m","stream":true})",
                           {{"model", R"("x")"}, {"stream", "false"}, {R"(a"b)", "1"}}),
            R"({"model":"m","stream":true})");
}

TEST(RequestFields, OfAResponse) {
  EXPECT_EQ(with_overrides(Dialect::Responses, R"({"input":"Hi"})",
                           {{"max_tokens", "5"}, {"reasoning_effort", R"("low")"}, {"seed", "1"}}),
            R"({"max_output_tokens":5,"reasoning":{"effort":"low"},"input":"Hi"})");
  EXPECT_EQ(with_overrides(Dialect::Responses, R"({"reasoning":{"summary":"auto"}})",
                           {{"reasoning_effort", R"("low")"}}),
            R"({"reasoning":{"effort":"low","summary":"auto"}})");
  EXPECT_EQ(with_defaults(Dialect::Responses, R"({"reasoning":null})",
                          {{"reasoning_effort", R"("low")"}}),
            R"({"reasoning":{"effort":"low"}})");
  EXPECT_EQ(with_defaults(Dialect::Responses, R"({"reasoning":{"effort":"high"}})",
                          {{"reasoning_effort", R"("low")"}}),
            R"({"reasoning":{"effort":"high"}})");
}

TEST(RequestFields, OfAMessage) {
  EXPECT_EQ(with_overrides(Dialect::Messages, R"({"max_tokens":9})",
                           {{"max_tokens", "5"},
                            {"stop", R"("END")"},
                            {"user", R"("u")"},
                            {"presence_penalty", "1"},
                            {"reasoning_effort", R"("low")"}}),
            R"({"stop_sequences":["END"],"metadata":{"user_id":"u"},"max_tokens":5})");
  EXPECT_EQ(with_defaults(Dialect::Messages, R"({"stop_sequences":["a"]})", {{"stop", R"(["b"])"}}),
            R"({"stop_sequences":["a"]})");
}

TEST(RequestFields, OfContentToGenerate) {
  EXPECT_EQ(
      with_overrides(Dialect::Gemini, R"({"contents":[]})",
                     {{"temperature", "0"}, {"max_tokens", "5"}, {"stop", R"(["a","b"])"}}),
      R"({"generationConfig":{"temperature":0,"maxOutputTokens":5,"stopSequences":["a","b"]},"contents":[]})");
  EXPECT_EQ(
      with_overrides(Dialect::Gemini, R"({"generation_config":{"max_output_tokens":9,"topK":3}})",
                     {{"max_tokens", "5"}, {"top_k", "1"}}),
      R"({"generation_config":{"max_output_tokens":5,"topK":1}})");
  EXPECT_EQ(with(Dialect::Gemini, R"({"generationConfig":{"temperature":1}})",
                 {{"temperature", "0"}, {"seed", "3"}}, {}),
            R"({"generationConfig":{"seed":3,"temperature":1}})");
}

TEST(RequestFields, OfAConverseRequest) {
  EXPECT_EQ(with_overrides(Dialect::Converse, R"({"messages":[],"inferenceConfig":{}})",
                           {{"max_tokens", "5"}, {"stop", R"("a")"}, {"top_k", "1"}}),
            R"({"messages":[],"inferenceConfig":{"maxTokens":5,"stopSequences":["a"]}})");
}

TEST(RequestFields, LeaveWhatIsNoObjectToWhoeverIsAsked) {
  EXPECT_EQ(with_overrides(Dialect::Converse, R"({"inferenceConfig":7})", {{"max_tokens", "5"}}),
            R"({"inferenceConfig":7})");
  EXPECT_EQ(with_overrides(Dialect::Chat, "[1]", {{"max_tokens", "5"}}), "[1]");
}

TEST(RequestFields, NameTheLastOfWhatIsSetTwice) {
  EXPECT_EQ(with_defaults(Dialect::Chat, R"({"a":1})",
                          {{"max_tokens", "1"}, {"max_completion_tokens", "2"}}),
            R"({"max_completion_tokens":2,"a":1})");
}

}  // namespace
}  // namespace sluice::dialect
