// What callers of other dialects ask, told to Gemini.
#include "dialect/gemini.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace sluice::dialect {
namespace {

using Json = nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class GeminiWriter : public testing::Test {
 protected:
  Result<Json> write(std::string_view model = "gemini-2.5-flash") {
    Losses losses(policy, arena_);
    Wanted wanted;
    wanted.model = model;
    conversation.turns = turns;
    const auto body = gemini_dialect().write(conversation, wanted, losses, arena_);
    dropped = {losses.dropped().begin(), losses.dropped().end()};
    approximated = {losses.approximated().begin(), losses.approximated().end()};
    if (!body) return fail(*body.error());
    return Json::parse(*body);
  }
  std::span<const Part> parts(std::vector<Part> list) {
    const auto kept = arena_.array<Part>(list.size());
    std::uninitialized_copy(list.begin(), list.end(), kept.begin());
    return kept;
  }
  void say(Role role, std::vector<Part> list) {
    Turn turn;
    turn.role = role;
    turn.parts = parts(std::move(list));
    turns.push_back(turn);
  }
  static ToolCall call(std::string_view id, std::string_view name, std::string_view arguments) {
    ToolCall one;
    one.id = id;
    one.name = name;
    one.arguments = arguments;
    return one;
  }
  ToolResult result(std::string_view id, std::vector<Part> list) {
    ToolResult one;
    one.call_id = id;
    one.parts = parts(std::move(list));
    return one;
  }

  Arena arena_;
  DropPolicy policy;
  Conversation conversation;
  std::vector<Turn> turns;
  std::vector<std::string> dropped;
  std::vector<std::string> approximated;
};

TEST_F(GeminiWriter, PutsWhatTheSystemSaysFirstBesideTheContents) {
  say(Role::System, {{Text{"Be brief."}}});
  say(Role::Developer, {{Text{"And kind."}}});
  say(Role::User, {{Text{"Hi"}}});

  const auto body = write();

  ASSERT_TRUE(body);
  EXPECT_EQ((*body)["systemInstruction"],
            Json::parse(R"({"parts":[{"text":"Be brief."},{"text":"And kind."}]})"));
  EXPECT_EQ((*body)["contents"], Json::parse(R"([{"role":"user","parts":[{"text":"Hi"}]}])"));
}

TEST_F(GeminiWriter, LeavesSomethingToAnswerToWhereOnlyTheSystemSpoke) {
  say(Role::System, {{Text{"Write a poem."}}});

  const auto body = write();

  ASSERT_TRUE(body);
  EXPECT_EQ((*body)["contents"][0]["role"], "user");
  EXPECT_FALSE(body->contains("systemInstruction"));
  EXPECT_THAT(approximated, ElementsAre("messages.role"));
}

TEST_F(GeminiWriter, AnswersParallelCallsInOneContentWithTheNamesOfTheirFunctions) {
  say(Role::User, {{Text{"Weather?"}}});
  say(Role::Assistant, {{call("a", "weather", R"({"city":"Rome"})")}, {call("b", "time", "")}});
  say(Role::Tool, {{result("b", {{Text{"noon"}}})}});
  say(Role::Tool, {{result("a", {{Text{"sunny"}}})}});

  const auto body = write();

  ASSERT_TRUE(body);
  EXPECT_EQ((*body)["contents"][1]["parts"][0]["functionCall"],
            Json::parse(R"({"id":"a","name":"weather","args":{"city":"Rome"}})"));
  EXPECT_EQ((*body)["contents"][2], Json::parse(R"({"role":"user","parts":[
      {"functionResponse":{"id":"b","name":"time","response":{"output":"noon"}}},
      {"functionResponse":{"id":"a","name":"weather","response":{"output":"sunny"}}}]})"));
  EXPECT_THAT(dropped, IsEmpty());
}

TEST_F(GeminiWriter, SaysThatAToolFailed) {
  say(Role::User, {{Text{"?"}}});
  say(Role::Assistant, {{call("a", "f", "{}")}});
  ToolResult failed = result("a", {{Text{"no such city"}}});
  failed.is_error = true;
  say(Role::Tool, {{failed}});

  const auto body = write();

  ASSERT_TRUE(body);
  EXPECT_EQ((*body)["contents"][2]["parts"][0]["functionResponse"]["response"],
            Json::parse(R"({"error":"no such city"})"));
}

TEST_F(GeminiWriter, TellsNewModelsThatACallWasNotSignedByThem) {
  say(Role::User, {{Text{"?"}}});
  say(Role::Assistant, {{call("a", "f", "{}")}, {call("b", "g", "{}")}});

  const auto old = write("gemini-2.5-pro");
  const auto newer = write("gemini-3.1-pro-preview");

  ASSERT_TRUE(old && newer);
  EXPECT_FALSE((*old)["contents"][1]["parts"][0].contains("thoughtSignature"));
  EXPECT_EQ((*newer)["contents"][1]["parts"][0]["thoughtSignature"],
            "skip_thought_signature_validator");
  EXPECT_FALSE((*newer)["contents"][1]["parts"][1].contains("thoughtSignature"));
}

TEST_F(GeminiWriter, GivesSignaturesBackByteForByteAndDropsThoseOfOthers) {
  say(Role::User, {{Text{"?"}}});
  Thinking own{.text = "hm", .signature = {Dialect::Gemini, "CqM/+=="}};
  Thinking others{.text = "hm", .signature = {Dialect::Messages, "EqQB"}};
  say(Role::Assistant, {{own}, {others}, {Text{"Yes."}}});

  const auto body = write();

  ASSERT_TRUE(body);
  EXPECT_EQ((*body)["contents"][1]["parts"],
            Json::parse(R"([{"thought":true,"text":"hm","thoughtSignature":"CqM/+=="},
                            {"text":"Yes."}])"));
  EXPECT_THAT(dropped, ElementsAre("reasoning"));
}

TEST_F(GeminiWriter, BeginsWithAUserWhereACallWouldBeFirst) {
  say(Role::Assistant, {{call("a", "f", "{}")}});

  const auto body = write();

  ASSERT_TRUE(body);
  EXPECT_EQ((*body)["contents"][0]["role"], "user");
  EXPECT_EQ((*body)["contents"][1]["role"], "model");
}

TEST_F(GeminiWriter, PutsImagesOfResultsWhereTheModelTakesThem) {
  say(Role::User, {{Text{"?"}}});
  say(Role::Assistant, {{call("a", "f", "{}")}});
  Media image;
  image.media_type = "image/png";
  image.data = "AAAA";
  say(Role::Tool, {{result("a", {{Text{"see"}}, {image}})}});

  const auto within = write("gemini-3-flash-preview");
  const auto behind = write("gemini-2.5-flash");

  ASSERT_TRUE(within && behind);
  const Json data = Json::parse(R"({"inlineData":{"mimeType":"image/png","data":"AAAA"}})");
  EXPECT_EQ((*within)["contents"][2]["parts"][0]["functionResponse"]["parts"][0], data);
  EXPECT_EQ((*behind)["contents"][2]["parts"][1], data);
}

TEST_F(GeminiWriter, TellsWhatIsBehindAnAddress) {
  Media image;
  image.source = MediaSource::Url;
  image.data = "https://example.com/cat.PNG?size=2";
  say(Role::User, {{image}});

  const auto body = write();

  ASSERT_TRUE(body);
  EXPECT_EQ((*body)["contents"][0]["parts"][0]["fileData"], Json::parse(R"({"mimeType":"image/png",
                            "fileUri":"https://example.com/cat.PNG?size=2"})"));
}

TEST_F(GeminiWriter, RefusesFilesThatAnotherProviderKeeps) {
  Media file;
  file.source = MediaSource::FileId;
  file.of = Dialect::Messages;
  file.data = "file_1";
  say(Role::User, {{file}});

  const auto body = write();

  ASSERT_FALSE(body);
  EXPECT_EQ(body.error()->code, "unsupported_parameter");
}

TEST_F(GeminiWriter, DeclaresToolsWithTheirJsonSchemas) {
  say(Role::User, {{Text{"?"}}});
  std::vector<Tool> tools(3);
  tools[0].name = "f";
  tools[0].description = "does";
  tools[0].parameters = R"({"type":"object","additionalProperties":false})";
  tools[1].name = "shell";
  tools[1].kind = ToolKind::Custom;
  tools[2].kind = ToolKind::BuiltIn;
  tools[2].of = Dialect::Responses;
  tools[2].type = "web_search";
  conversation.tools = tools;
  conversation.tool_choice.kind = ToolChoice::Kind::Named;
  conversation.tool_choice.name = "f";

  const auto body = write();

  ASSERT_TRUE(body);
  const Json& declared = (*body)["tools"][0]["functionDeclarations"];
  EXPECT_EQ(declared[0]["parametersJsonSchema"],
            Json::parse(R"({"type":"object","additionalProperties":false})"));
  EXPECT_EQ(declared[1]["parametersJsonSchema"]["required"], Json{"input"});
  EXPECT_EQ((*body)["toolConfig"]["functionCallingConfig"],
            Json::parse(R"({"mode":"ANY","allowedFunctionNames":["f"]})"));
  EXPECT_THAT(dropped, ElementsAre("web_search"));
}

TEST_F(GeminiWriter, ChecksCallsWhereOnlySomeFunctionsAreAllowed) {
  say(Role::User, {{Text{"?"}}});
  std::vector<Tool> tools(2);
  tools[0].name = "f";
  tools[1].name = "g";
  const std::vector<std::string_view> allowed{"g"};
  conversation.tools = tools;
  conversation.tool_choice.kind = ToolChoice::Kind::Auto;
  conversation.tool_choice.allowed = allowed;

  const auto body = write();

  ASSERT_TRUE(body);
  EXPECT_EQ((*body)["toolConfig"]["functionCallingConfig"],
            Json::parse(R"({"mode":"VALIDATED","allowedFunctionNames":["g"]})"));
}

TEST_F(GeminiWriter, AsksForThoughtsAsEachModelTakesIt) {
  say(Role::User, {{Text{"?"}}});
  conversation.reasoning.kind = Reasoning::Kind::Effort;
  conversation.reasoning.effort = "high";
  const auto thinking = [&](std::string_view model) {
    const auto body = write(model);
    return body && body->contains("generationConfig")
               ? (*body)["generationConfig"].value("thinkingConfig", Json())
               : Json();
  };

  EXPECT_EQ(thinking("gemini-2.5-flash"), Json({{"thinkingBudget", 16384}}));
  EXPECT_EQ(thinking("gemini-3-pro-preview"), Json({{"thinkingLevel", "high"}}));
  EXPECT_EQ(thinking("gemini-flash-latest"), Json({{"thinkingLevel", "high"}}));
  EXPECT_EQ(thinking("gemini-2.0-flash"), Json());
  EXPECT_THAT(dropped, ElementsAre("reasoning"));

  conversation.reasoning.kind = Reasoning::Kind::Off;
  EXPECT_EQ(thinking("gemini-2.5-flash"), Json({{"thinkingBudget", 0}}));
  EXPECT_EQ(thinking("gemini-2.5-pro"), Json({{"thinkingBudget", 128}}));
  EXPECT_THAT(approximated, ElementsAre("reasoning"));
  EXPECT_EQ(thinking("gemini-3-flash-preview"), Json({{"thinkingLevel", "minimal"}}));
}

TEST_F(GeminiWriter, ShowsThoughtsToWhoeverAsksForThemAndNotForAnEffort) {
  say(Role::User, {{Text{"?"}}});
  Reasoning& reasoning = conversation.reasoning;
  const auto shown = [&] {
    return (*write("gemini-2.5-flash"))["generationConfig"]["thinkingConfig"].value(
        "includeThoughts", false);
  };

  reasoning = {.kind = Reasoning::Kind::Effort, .effort = "low"};
  EXPECT_FALSE(shown());
  reasoning.summary = "auto";
  EXPECT_TRUE(shown());
  reasoning = {.kind = Reasoning::Kind::Budget, .budget = 2000};
  EXPECT_TRUE(shown());
  reasoning.shown = false;
  EXPECT_FALSE(shown());
}

TEST_F(GeminiWriter, AsksForJsonOfASchema) {
  say(Role::User, {{Text{"?"}}});
  conversation.format.kind = OutputFormat::Kind::JsonSchema;
  conversation.format.schema = R"({"type":"object","$defs":{}})";

  const auto body = write();

  ASSERT_TRUE(body);
  EXPECT_EQ((*body)["generationConfig"], Json::parse(R"({"responseMimeType":"application/json",
      "responseJsonSchema":{"type":"object","$defs":{}}})"));
}

TEST_F(GeminiWriter, KeepsNumbersAsTheyWereWritten) {
  say(Role::User, {{Text{"?"}}});
  conversation.temperature = "0.70";
  conversation.seed = "12345678901234567890";
  Losses losses(policy, arena_);
  conversation.turns = turns;

  const auto body = gemini_dialect().write(conversation, {}, losses, arena_);

  ASSERT_TRUE(body);
  EXPECT_NE(body->find(R"("temperature":0.70)"), std::string_view::npos);
  EXPECT_NE(body->find(R"("seed":12345678901234567890)"), std::string_view::npos);
}

TEST_F(GeminiWriter, NamesEveryHintThatItCannotTell) {
  say(Role::User, {{Text{"?"}}});
  conversation.user = "u";
  conversation.store = true;
  conversation.logit_bias = "{}";
  conversation.tool_choice.parallel = false;
  const std::vector<Extra> extras{{Dialect::Responses, "truncation", "\"auto\""}};
  conversation.extras = extras;

  ASSERT_TRUE(write());
  EXPECT_THAT(dropped, testing::UnorderedElementsAre("user", "store", "logit_bias",
                                                     "parallel_tool_calls", "truncation"));

  policy.which = DropPolicy::Which::None;
  EXPECT_FALSE(write());
}

}  // namespace
}  // namespace sluice::dialect
