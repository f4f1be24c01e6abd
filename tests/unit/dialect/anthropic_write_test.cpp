// What conversations of other dialects become in Anthropic's words.
#include "dialect/anthropic_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <list>
#include <string>
#include <vector>

namespace sluice::dialect {
namespace {

using Json = nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class AnthropicWriter : public testing::Test {
 protected:
  AnthropicWriter() { conversation_.turns = turns_; }

  Json write(std::string_view model = "claude-sonnet-4-5") {
    Losses losses({}, arena_);
    const auto written =
        write_messages(conversation_, {.model = model, .facts = facts_}, losses, arena_);
    dropped_ = {losses.dropped().begin(), losses.dropped().end()};
    approximated_ = {losses.approximated().begin(), losses.approximated().end()};
    if (!written) {
      refused_ = written.error()->param;
      return {};
    }
    return Json::parse(*written);
  }

  void set_turns(std::vector<Turn> turns) {
    turns_ = std::move(turns);
    conversation_.turns = turns_;
  }
  std::span<const Part> parts(std::vector<Part> parts) {
    kept_.push_back(std::move(parts));
    return kept_.back();
  }
  std::span<const Part> text(std::string_view text) {
    return parts({{.what = Text{.text = text}}});
  }

  Arena arena_;
  std::list<std::vector<Part>> kept_;
  std::vector<Turn> turns_ = {{.role = Role::User, .parts = text("Hi")}};
  Conversation conversation_;
  const ModelFacts* facts_ = nullptr;
  std::vector<std::string> dropped_;
  std::vector<std::string> approximated_;
  std::string refused_;
};

// ---- Turns

TEST_F(AnthropicWriter, PutsLeadingInstructionsIntoSystem) {
  set_turns({{.role = Role::System, .parts = text("Be brief.")},
             {.role = Role::Developer, .parts = text("Be kind.")},
             {.role = Role::User, .parts = text("Hi")}});

  const Json body = write();

  EXPECT_EQ(body["system"], Json::parse(R"([{"type":"text","text":"Be brief."},
                                            {"type":"text","text":"Be kind."}])"));
  EXPECT_EQ(body["messages"].size(), 1);
}

TEST_F(AnthropicWriter, TellsInstructionsInMidConversationAsTheUsersWords) {
  set_turns({{.role = Role::User, .parts = text("Hi")},
             {.role = Role::System, .parts = text("Be brief.")}});

  const Json body = write();

  EXPECT_EQ(body["messages"][0]["content"].size(), 2);
  EXPECT_THAT(approximated_, Contains("messages.role"));
}

TEST_F(AnthropicWriter, KeepsInstructionsInMidConversationWhereTheModelTakesThem) {
  set_turns({{.role = Role::User, .parts = text("Hi")},
             {.role = Role::System, .parts = text("Be brief.")}});

  EXPECT_EQ(write("claude-opus-4-8")["messages"][1]["role"], "system");
  EXPECT_THAT(approximated_, IsEmpty());
}

TEST_F(AnthropicWriter, AnswersInstructionsAloneAsTheUsersWords) {
  set_turns({{.role = Role::System, .parts = text("Write a poem.")}});

  const Json body = write();

  EXPECT_FALSE(body.contains("system"));
  EXPECT_EQ(body["messages"][0]["role"], "user");
}

TEST_F(AnthropicWriter, BeginsWithAUsersTurn) {
  set_turns({{.role = Role::Assistant, .parts = text("Hello.")},
             {.role = Role::User, .parts = text("Hi")}});

  EXPECT_EQ(write()["messages"][0]["role"], "user");
  EXPECT_THAT(approximated_, Contains("messages"));
}

TEST_F(AnthropicWriter, LeavesOutTextsOfWhiteSpace) {
  set_turns({{.role = Role::User,
              .parts = parts({{.what = Text{.text = " \n"}}, {.what = Text{.text = "Hi"}}})},
             {.role = Role::Assistant, .parts = text("")},
             {.role = Role::User, .parts = text("Still there?")}});

  const Json body = write();

  EXPECT_EQ(body["messages"], Json::parse(R"([{"role":"user","content":[
      {"type":"text","text":"Hi"},{"type":"text","text":"Still there?"}]}])"));
}

TEST_F(AnthropicWriter, CutsTheWhiteSpaceBehindWordsToGoOnFrom) {
  set_turns({{.role = Role::User, .parts = text("Name?")},
             {.role = Role::Assistant, .parts = text("It is \n")}});

  EXPECT_EQ(write()["messages"][1]["content"][0]["text"], "It is");
}

TEST_F(AnthropicWriter, PutsResultsOfToolsFirstInOneUsersTurn) {
  set_turns({{.role = Role::User, .parts = text("Weather?")},
             {.role = Role::Assistant,
              .parts = parts({{.what = ToolCall{.id = "call_1", .name = "w", .arguments = ""}}})},
             {.role = Role::Developer, .parts = text("Use Celsius.")},
             {.role = Role::Tool,
              .parts = parts({{.what = ToolResult{.call_id = "call_1", .parts = text("12")}}})},
             {.role = Role::User, .parts = text("Well?")}});

  const Json messages = write()["messages"];

  EXPECT_EQ(messages[1]["content"][0],
            Json::parse(R"({"type":"tool_use","id":"call_1","name":"w","input":{}})"));
  EXPECT_EQ(messages[2]["content"][0]["type"], "tool_result");
  EXPECT_EQ(messages[2]["content"].size(), 3);
}

TEST_F(AnthropicWriter, MakesIdsOfCallsFit) {
  set_turns({{.role = Role::User, .parts = text("Hi")},
             {.role = Role::Assistant,
              .parts = parts({{.what = ToolCall{.id = "a.b|c", .name = "w", .arguments = "{}"}}})},
             {.role = Role::Tool, .parts = parts({{.what = ToolResult{.call_id = "a.b|c"}}})}});

  const Json messages = write()["messages"];

  EXPECT_EQ(messages[1]["content"][0]["id"], "a_b_c");
  EXPECT_EQ(messages[2]["content"][0]["tool_use_id"], "a_b_c");
}

TEST_F(AnthropicWriter, WrapsArgumentsThatAreNoObject) {
  set_turns(
      {{.role = Role::User, .parts = text("Hi")},
       {.role = Role::Assistant,
        .parts = parts({{.what = ToolCall{.id = "1", .name = "w", .arguments = "{\"a\":"}}})}});

  EXPECT_EQ(write()["messages"][1]["content"][0]["input"]["arguments"], "{\"a\":");
  EXPECT_THAT(approximated_, ElementsAre("tool_calls.arguments"));
}

TEST_F(AnthropicWriter, DropsThoughtsThatOthersSealed) {
  set_turns({{.role = Role::User, .parts = text("Hi")},
             {.role = Role::Assistant,
              .parts = parts({{.what = Thinking{.text = "Hm", .signature = {Dialect::Gemini, "x"}}},
                              {.what = Text{.text = "Hello"}}})},
             {.role = Role::User, .parts = text("Well?")}});

  EXPECT_EQ(write()["messages"][1]["content"].size(), 1);
  EXPECT_THAT(dropped_, ElementsAre("reasoning"));
}

// ---- Media

TEST_F(AnthropicWriter, TakesImagesOutOfDataUrls) {
  set_turns({{.role = Role::User,
              .parts = parts({{.what = Media{.source = MediaSource::Url,
                                             .data = "data:image/png;base64,iVBORw0="}}})}});

  EXPECT_EQ(write()["messages"][0]["content"][0]["source"],
            Json::parse(R"({"type":"base64","media_type":"image/png","data":"iVBORw0="})"));
}

TEST_F(AnthropicWriter, RefusesWhatItCannotHear) {
  set_turns({{.role = Role::User,
              .parts = parts({{.what = Media{.kind = MediaKind::Audio, .data = "AAAA"}}})}});

  write();

  EXPECT_EQ(refused_, "messages.content.input_audio");
}

// ---- Tokens and thoughts

TEST_F(AnthropicWriter, AlwaysLimitsTheAnswer) {
  const ModelFacts facts{.id = "m", .most_output = 4000, .abilities = {}};

  EXPECT_EQ(write("claude-3-haiku-20240307")["max_tokens"], 4096);
  facts_ = &facts;
  EXPECT_EQ(write()["max_tokens"], 4000);
  conversation_.max_tokens = 9000;
  EXPECT_EQ(write()["max_tokens"], 4000);
  EXPECT_THAT(approximated_, ElementsAre("max_tokens"));
}

TEST_F(AnthropicWriter, MakesABudgetOfAnEffort) {
  conversation_.reasoning = {.kind = Reasoning::Kind::Effort, .effort = "low"};

  const Json body = write("claude-sonnet-4-5");

  EXPECT_EQ(body["thinking"], Json::parse(R"({"type":"enabled","budget_tokens":4096})"));
  EXPECT_GT(body["max_tokens"], 4096);
  EXPECT_FALSE(body.contains("output_config"));
}

TEST_F(AnthropicWriter, FitsTheBudgetIntoTheLimit) {
  conversation_.reasoning = {.kind = Reasoning::Kind::Effort, .effort = "high"};
  conversation_.max_tokens = 3000;
  EXPECT_EQ(write()["thinking"]["budget_tokens"], 1500);

  conversation_.max_tokens = 500;
  EXPECT_FALSE(write().contains("thinking"));
  EXPECT_THAT(dropped_, ElementsAre("reasoning"));
}

TEST_F(AnthropicWriter, TellsNewerModelsTheEffortItself) {
  conversation_.reasoning = {.kind = Reasoning::Kind::Effort, .effort = "xhigh"};

  const Json newest = write("claude-opus-4-7");
  EXPECT_EQ(newest["thinking"]["type"], "adaptive");
  EXPECT_EQ(newest["output_config"]["effort"], "xhigh");

  EXPECT_EQ(write("claude-opus-4-6")["output_config"]["effort"], "max");
  EXPECT_THAT(approximated_, ElementsAre("reasoning.effort"));
}

TEST_F(AnthropicWriter, TurnsBudgetsIntoEffortsWhereThereAreNone) {
  conversation_.reasoning = {.kind = Reasoning::Kind::Budget, .budget = 4000};

  const Json body = write("claude-sonnet-5");

  EXPECT_EQ(body["thinking"], Json::parse(R"({"type":"adaptive"})"));
  EXPECT_EQ(body["output_config"]["effort"], "low");
}

TEST_F(AnthropicWriter, DropsThoughtsOfModelsThatDoNotThink) {
  conversation_.reasoning = {.kind = Reasoning::Kind::Effort, .effort = "high"};

  EXPECT_FALSE(write("claude-3-5-haiku-20241022").contains("thinking"));
  EXPECT_THAT(dropped_, ElementsAre("reasoning"));
}

TEST_F(AnthropicWriter, TurnsThoughtsOffWhenNoneAreWished) {
  conversation_.reasoning = {.kind = Reasoning::Kind::Effort, .effort = "none"};

  EXPECT_EQ(write("claude-sonnet-5")["thinking"]["type"], "disabled");
}

// ---- Sampling

TEST_F(AnthropicWriter, DropsSamplingWhereTheModelRefusesIt) {
  conversation_.temperature = "0.2";
  conversation_.top_p = "0.9";
  conversation_.top_k = "5";

  write("claude-opus-4-7");
  EXPECT_THAT(dropped_, ElementsAre("temperature", "top_p", "top_k"));
  write("claude-sonnet-4-5");
  EXPECT_THAT(dropped_, ElementsAre("top_p"));
  write("claude-3-5-haiku-20241022");
  EXPECT_THAT(dropped_, IsEmpty());
}

TEST_F(AnthropicWriter, BringsTheTemperatureIntoItsRange) {
  conversation_.temperature = "1.7";

  EXPECT_EQ(write()["temperature"], 1);
}

TEST_F(AnthropicWriter, KeepsTheDigitsOfNumbers) {
  conversation_.temperature = "0.30000000000000000001";
  Losses losses({}, arena_);

  const auto written = write_messages(conversation_, {.model = "m"}, losses, arena_);

  EXPECT_THAT(std::string(*written), testing::HasSubstr("0.30000000000000000001"));
}

// ---- What has no place

TEST_F(AnthropicWriter, DropsHintsAndRefusesMeaning) {
  conversation_.seed = "1";
  conversation_.frequency_penalty = "0.5";
  conversation_.presence_penalty = "0";
  conversation_.verbosity = "low";
  conversation_.store = false;
  write();
  EXPECT_THAT(dropped_, ElementsAre("frequency_penalty", "seed", "verbosity"));

  conversation_.choices = 2;
  write();
  EXPECT_EQ(refused_, "n");
}

TEST_F(AnthropicWriter, TellsWhoAsks) {
  conversation_.safety_identifier = "hash";
  EXPECT_EQ(write()["metadata"]["user_id"], "hash");
  conversation_.user = "u1";
  EXPECT_EQ(write()["metadata"]["user_id"], "u1");
}

// ---- The form of the answer

TEST_F(AnthropicWriter, ClosesTheObjectsOfSchemas) {
  conversation_.format = {.kind = OutputFormat::Kind::JsonSchema,
                          .schema = R"({"type":"object","properties":{"n":{"type":"integer",
                                        "minimum":1},"o":{"type":"object"}}})"};

  const Json schema = write()["output_config"]["format"]["schema"];

  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(schema["properties"]["o"]["additionalProperties"], false);
  EXPECT_FALSE(schema["properties"]["n"].contains("minimum"));
  EXPECT_THAT(approximated_, ElementsAre("response_format.json_schema.schema"));
}

TEST_F(AnthropicWriter, AsksForJsonInWordsWhereItMust) {
  conversation_.format.kind = OutputFormat::Kind::JsonObject;
  EXPECT_THAT(write()["system"][0]["text"].get<std::string>(), testing::HasSubstr("JSON object"));

  conversation_.format = {.kind = OutputFormat::Kind::JsonSchema, .schema = R"({"x":1})"};
  const Json body = write("claude-3-7-sonnet-20250219");
  EXPECT_THAT(body["system"][0]["text"].get<std::string>(), testing::HasSubstr(R"({"x":1})"));
  EXPECT_FALSE(body.contains("output_config"));
}

// ---- Tools

class AnthropicToolWriter : public AnthropicWriter {
 protected:
  AnthropicToolWriter() { conversation_.tools = tools_; }
  std::vector<Tool> tools_ = {
      {.name = "f", .description = "d", .parameters = R"({"properties":{"a":{}}})", .strict = true},
      {.kind = ToolKind::Custom, .name = "patch"},
      {.kind = ToolKind::BuiltIn, .of = Dialect::Responses, .type = "web_search"}};
};

TEST_F(AnthropicToolWriter, DeclaresWhatCanBeDeclared) {
  const Json tools = write()["tools"];

  ASSERT_EQ(tools.size(), 2);
  EXPECT_EQ(tools[0]["input_schema"]["type"], "object");
  EXPECT_EQ(tools[0]["strict"], true);
  EXPECT_TRUE(tools[1]["input_schema"]["properties"].contains("input"));
  EXPECT_THAT(dropped_, ElementsAre("tools.web_search"));
}

TEST_F(AnthropicToolWriter, RefusesAForeignToolThatMustBeUsed) {
  conversation_.tool_choice = {.kind = ToolChoice::Kind::Named, .name = "web_search"};

  write();

  EXPECT_EQ(refused_, "tools.web_search");
}

TEST_F(AnthropicToolWriter, TellsTheChoice) {
  conversation_.tool_choice = {.kind = ToolChoice::Kind::Required, .parallel = false};
  EXPECT_EQ(write()["tool_choice"],
            Json::parse(R"({"type":"any","disable_parallel_tool_use":true})"));
  conversation_.tool_choice = {.parallel = false};
  EXPECT_EQ(write()["tool_choice"],
            Json::parse(R"({"type":"auto","disable_parallel_tool_use":true})"));
  const std::string_view allowed[] = {"patch"};
  conversation_.tool_choice = {.kind = ToolChoice::Kind::Auto, .allowed = allowed};
  EXPECT_EQ(write()["tools"].size(), 1);
}

TEST_F(AnthropicToolWriter, ChoosesBetweenThoughtsAndAForcedTool) {
  conversation_.tool_choice.kind = ToolChoice::Kind::Required;
  conversation_.reasoning = {.kind = Reasoning::Kind::Effort, .effort = "high"};

  EXPECT_FALSE(write().contains("thinking"));
  EXPECT_THAT(dropped_, Contains("reasoning"));
}

}  // namespace
}  // namespace sluice::dialect
