// What callers of Gemini's API ask, in our words.
#include "dialect/gemini.h"
#include "dialect/gemini_request.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <string>

namespace sluice::dialect {
namespace {

using Json = nlohmann::json;

class GeminiReader : public testing::Test {
 protected:
  const Conversation& read(std::string_view text) {
    body_ = text;
    const auto root = reader_.parse(body_);
    if (!root) {
      ADD_FAILURE() << root.error()->message;
      return conversation_;
    }
    const auto done = gemini_dialect().read(*root, arena_, conversation_);
    failed_ = done ? "" : done.error()->param;
    return conversation_;
  }

  std::string body_;
  json::Reader reader_;
  Arena arena_;
  Conversation conversation_;
  std::string failed_;
};

TEST_F(GeminiReader, TakesNamesInEitherSpelling) {
  const Conversation& asked = read(R"({"system_instruction":{"parts":{"text":"Be brief."}},
      "contents":[{"parts":[{"inline_data":{"mime_type":"image/png","data":"AA=="}}]}],
      "generation_config":{"max_output_tokens":5,"stop_sequences":["x"]}})");

  ASSERT_EQ(asked.turns.size(), 2U);
  EXPECT_EQ(asked.turns[0].role, Role::System);
  EXPECT_EQ(std::get<Media>(asked.turns[1].parts[0].what).media_type, "image/png");
  EXPECT_EQ(asked.max_tokens, 5);
  EXPECT_EQ(asked.stop[0], "x");
}

TEST_F(GeminiReader, RefusesAFieldUnderBothItsNames) {
  read(R"({"contents":[],"toolConfig":{},"tool_config":{}})");

  EXPECT_EQ(failed_, "toolConfig");
}

TEST_F(GeminiReader, MakesIdsForCallsAndFindsTheirResultsByName) {
  const Conversation& asked = read(R"({"contents":[
      {"role":"model","parts":[{"functionCall":{"name":"f"}},{"functionCall":{"name":"g"}},
                               {"functionCall":{"name":"f"}}]},
      {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"1"}}},
                              {"functionResponse":{"name":"f","response":{"error":"2"}}},
                              {"functionResponse":{"name":"g","response":{"a":1,"b":2}}}]}]})");

  ASSERT_EQ(asked.turns.size(), 2U);
  EXPECT_EQ(asked.turns[1].role, Role::Tool);
  const auto id = [&](std::size_t i) {
    return std::get<ToolCall>(asked.turns[0].parts[i].what).id;
  };
  const auto result = [&](std::size_t i) {
    return std::get<ToolResult>(asked.turns[1].parts[i].what);
  };
  EXPECT_NE(id(0), id(2));
  EXPECT_EQ(result(0).call_id, id(0));
  EXPECT_EQ(result(1).call_id, id(2));
  EXPECT_EQ(result(2).call_id, id(1));
  EXPECT_EQ(std::get<Text>(result(0).parts[0].what).text, "1");
  EXPECT_TRUE(result(1).is_error);
  EXPECT_EQ(std::get<Text>(result(2).parts[0].what).text, R"({"a":1,"b":2})");
}

TEST_F(GeminiReader, ReadsSchemasOfGooglesSubsetAsJsonSchema) {
  const Conversation& asked = read(R"({"contents":[],"tools":[{"functionDeclarations":[{"name":"f",
      "parameters":{"type":"OBJECT","properties":{"type":{"type":"STRING","nullable":true,
      "enum":["a"]},"n":{"type":"ARRAY","minItems":"2","items":{"anyOf":[{"type":"INTEGER"}]}}}}}]},
      {"googleSearch":{}}]})");

  ASSERT_EQ(asked.tools.size(), 2U);
  EXPECT_EQ(Json::parse(asked.tools[0].parameters), Json::parse(R"({"type":"object","properties":{
      "type":{"type":["string","null"],"enum":["a",null]},
      "n":{"type":"array","minItems":2,"items":{"anyOf":[{"type":"integer"}]}}}})"));
  EXPECT_EQ(asked.tools[1].kind, ToolKind::BuiltIn);
  EXPECT_EQ(asked.tools[1].type, "googleSearch");
}

TEST_F(GeminiReader, ReadsHowToolsMayBeChosen) {
  const Conversation& asked = read(R"({"contents":[],"toolConfig":{"functionCallingConfig":{
      "mode":"ANY","allowedFunctionNames":["f"]}}})");

  EXPECT_EQ(asked.tool_choice.kind, ToolChoice::Kind::Named);
  EXPECT_EQ(asked.tool_choice.name, "f");
}

TEST_F(GeminiReader, ReadsBudgetsAndLevelsOfThoughts) {
  EXPECT_EQ(read(R"({"generationConfig":{"thinkingConfig":{"thinkingBudget":0}}})").reasoning.kind,
            Reasoning::Kind::Off);
  EXPECT_EQ(read(R"({"generationConfig":{"thinkingConfig":{"thinkingBudget":-1}}})").reasoning.kind,
            Reasoning::Kind::Adaptive);
  EXPECT_EQ(conversation_.reasoning.shown, false);  // Not asked for.
  conversation_ = {};
  const Reasoning& level = read(R"({"generationConfig":{"thinkingConfig":{"thinkingLevel":"HIGH",
           "includeThoughts":true}}})")
                               .reasoning;
  EXPECT_EQ(level.kind, Reasoning::Kind::Effort);
  EXPECT_EQ(level.effort, "high");
  EXPECT_EQ(level.shown, true);
}

TEST_F(GeminiReader, KnowsWhatOthersSealedAgain) {
  // base64 of "sluice:messages:EqQB" and, without its padding and for URLs, of
  // "redacted:sluice:responses:gAAA>>?".
  const Conversation& asked = read(R"({"contents":[{"role":"model","parts":[
      {"text":"hm","thought":true,"thoughtSignature":"c2x1aWNlOm1lc3NhZ2VzOkVxUUI="},
      {"text":"","thoughtSignature":"cmVkYWN0ZWQ6c2x1aWNlOnJlc3BvbnNlczpnQUFBPj4_"},
      {"text":"","thoughtSignature":"CqMDAY89"}]}]})");

  const auto thought = [&](std::size_t i) {
    return std::get<Thinking>(asked.turns[0].parts[i].what);
  };
  EXPECT_EQ(thought(0).signature.by, Dialect::Messages);
  EXPECT_EQ(thought(0).signature.text, "EqQB");
  EXPECT_EQ(thought(1).signature.by, Dialect::Responses);
  EXPECT_EQ(thought(1).signature.text, "gAAA>>?");
  EXPECT_TRUE(thought(1).redacted);
  EXPECT_EQ(thought(2).signature.by, Dialect::Gemini);
  EXPECT_EQ(thought(2).signature.text, "CqMDAY89");
}

TEST_F(GeminiReader, TellsGooglesFilesFromThoseOfTheWeb) {
  const Conversation& asked = read(R"({"contents":[{"parts":[
      {"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/x"}},
      {"fileData":{"fileUri":"https://example.com/a.pdf","mimeType":"application/pdf"}}]}]})");

  EXPECT_EQ(std::get<Media>(asked.turns[0].parts[0].what).source, MediaSource::FileId);
  EXPECT_EQ(std::get<Media>(asked.turns[0].parts[1].what).source, MediaSource::Url);
}

TEST_F(GeminiReader, KeepsWhatOnlyGeminiHas) {
  const Conversation& asked = read(R"({"contents":[],"cachedContent":"cachedContents/1",
      "safetySettings":[],"somethingNew":1,"generationConfig":{"imageConfig":{"aspectRatio":"1:1"}}})");

  std::vector<std::pair<std::string, Importance>> extras;
  for (const Extra& extra : asked.extras)
    extras.emplace_back(std::string(extra.name), extra.importance);
  EXPECT_THAT(extras, testing::UnorderedElementsAre(
                          testing::Pair("cachedContent", Importance::Meaning),
                          testing::Pair("safetySettings", Importance::Hint),
                          testing::Pair("somethingNew", Importance::Hint),
                          testing::Pair("generationConfig.imageConfig", Importance::Hint)));
}

TEST_F(GeminiReader, NamesTheFieldThatIsWrong) {
  const auto wrong = [&](std::string_view text) {
    read(text);
    return failed_;
  };
  EXPECT_EQ(wrong(R"({"contents":1})"), "contents");
  EXPECT_EQ(wrong(R"({"contents":[{"role":"robot","parts":[{"text":"x"}]}]})"), "contents.role");
  EXPECT_EQ(wrong(R"({"contents":[{"parts":[{"text":1}]}]})"), "contents.parts.text");
  EXPECT_EQ(wrong(R"({"generationConfig":{"temperature":"hot"}})"), "generationConfig.temperature");
  EXPECT_EQ(wrong(R"({"contents":null,"tools":null,"generationConfig":{"topP":null}})"), "");
}

class GeminiRequestReader : public testing::Test {
 protected:
  Result<void> read(std::string_view text) {
    request.operation = Operation::GenerateContent;
    return read_gemini_request(text, {}, reader_, arena_, request);
  }
  json::Reader reader_;
  Arena arena_;
  Request request;
};

TEST_F(GeminiRequestReader, FindsHowManyTokensAreAskedFor) {
  ASSERT_TRUE(read(R"({"contents":[],"generationConfig":{"maxOutputTokens":7}})"));

  EXPECT_EQ(request.max_tokens, 7);
}

TEST_F(GeminiRequestReader, RefusesDoubledFields) {
  EXPECT_FALSE(read(R"({"contents":[],"contents":[]})"));
  EXPECT_FALSE(read(R"({"generationConfig":{},"generation_config":{}})"));
  EXPECT_FALSE(read(R"({"generationConfig":{"maxOutputTokens":1,"max_output_tokens":2}})"));
  EXPECT_FALSE(read(R"({"generationConfig":{"maxOutputTokens":"many"}})"));
}

TEST_F(GeminiRequestReader, LeavesABodyWithoutAModelAsItIs) {
  const std::string_view text = R"({ "contents": [] })";
  ASSERT_TRUE(read(text));

  const auto body = edit_gemini_request(request, "models/gemini-3", reader_, arena_);

  ASSERT_EQ(body.pieces.size(), 1U);
  EXPECT_EQ(body.pieces[0].data(), text.data());
}

TEST_F(GeminiRequestReader, NamesTheModelInEachRequestOfABatch) {
  ASSERT_TRUE(read(R"({"requests":[{"model":"models/a","content":{}},{"content":{}}]})"));
  request.operation = Operation::BatchEmbedContent;

  const auto body = edit_gemini_request(request, "models/b", reader_, arena_);

  EXPECT_EQ(Json::parse(body.joined()),
            Json::parse(R"({"requests":[{"model":"models/b","content":{}},
                                        {"model":"models/b","content":{}}]})"));
}

}  // namespace
}  // namespace sluice::dialect
