#include "unit/dialect/openai_chat_support.h"

#include <gmock/gmock.h>

namespace sluice::dialect::chat_test {
namespace {

using testing::Contains;
using testing::IsEmpty;

// A conversation made by hand, as another dialect's caller may have asked it.
class WritingAChat : public testing::Test {
 protected:
  WritingAChat() { asking_.wanted.quirks = &quirks_; }

  Part text(std::string_view said) { return {.what = Text{said}}; }
  void turn(Role role, std::vector<Part> parts) {
    const std::span<Part> kept = asking_.arena.array<Part>(parts.size());
    std::uninitialized_copy(parts.begin(), parts.end(), kept.begin());
    turns_.push_back({.role = role, .parts = kept});
    asking_.conversation.turns = turns_;
  }
  void tool(const Tool& tool) {
    tools_.push_back(tool);
    asking_.conversation.tools = tools_;
  }
  Json message(std::size_t i) { return asking_.write()["messages"][i]; }

  Asking asking_;
  Quirks quirks_;
  std::vector<Turn> turns_;
  std::vector<Tool> tools_;
};

TEST_F(WritingAChat, PutsResultsRightBehindTheirCalls) {
  const std::vector<Part> seen = {
      text("42"), {.what = Media{.source = MediaSource::Url, .data = "https://a/b.png"}}};
  turn(Role::Assistant, {{.what = ToolCall{.id = "a", .name = "f"}}});
  turn(Role::User, {text("and now?"), {.what = ToolResult{.call_id = "a", .parts = seen}}});

  const Json messages = asking_.write()["messages"];
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[0]["content"], nullptr);
  EXPECT_EQ(messages[0]["tool_calls"][0]["function"]["arguments"], "{}");
  EXPECT_EQ(messages[1], Json({{"role", "tool"}, {"tool_call_id", "a"}, {"content", "42"}}));
  EXPECT_EQ(messages[2]["role"], "user");
  EXPECT_EQ(messages[2]["content"][0]["type"], "image_url");
  EXPECT_EQ(messages[2]["content"][1]["text"], "and now?");
  EXPECT_THAT(asking_.approximated, Contains("messages.content.tool_result"));
}

TEST_F(WritingAChat, TellsDevelopersWhereTheyAreKnown) {
  turn(Role::Developer, {text("a")});
  EXPECT_EQ(message(0)["role"], "system");
  quirks_.developer_role = true;
  EXPECT_EQ(message(0)["role"], "developer");
}

TEST_F(WritingAChat, NamesTheLimitAsTheTargetDoes) {
  turn(Role::User, {text("a")});
  asking_.conversation.max_tokens = 7;
  EXPECT_EQ(asking_.write()["max_tokens"], 7);
  quirks_.completion_tokens = true;
  EXPECT_EQ(asking_.write()["max_completion_tokens"], 7);
}

TEST_F(WritingAChat, AsksForThoughtsAsTheTargetTakesThem) {
  using Thoughts = Quirks::Thoughts;
  turn(Role::User, {text("a")});
  asking_.conversation.reasoning = {.kind = Reasoning::Kind::Budget, .budget = 4000};
  EXPECT_EQ(asking_.write()["reasoning_effort"], "low");
  EXPECT_THAT(asking_.approximated, Contains("reasoning.budget"));
  quirks_.thoughts = Thoughts::Object;
  EXPECT_EQ(asking_.write()["reasoning"], Json({{"max_tokens", 4000}}));
  quirks_.thoughts = Thoughts::Switch;
  EXPECT_EQ(asking_.write()["thinking"], Json({{"type", "enabled"}}));
  quirks_.thoughts = Thoughts::EnableThinking;
  EXPECT_EQ(asking_.write()["thinking_budget"], 4000);
  quirks_.thoughts = Thoughts::None;
  EXPECT_FALSE(asking_.write().contains("reasoning_effort"));
  EXPECT_THAT(asking_.dropped, Contains("reasoning"));

  quirks_.thoughts = Thoughts::Switch;
  asking_.conversation.reasoning = {.kind = Reasoning::Kind::Off};
  EXPECT_EQ(asking_.write()["thinking"], Json({{"type", "disabled"}}));
}

TEST_F(WritingAChat, SaysNothingOfThoughtsToAModelThatHasNone) {
  const ModelFacts facts{.id = "m", .abilities = {}};
  asking_.wanted.facts = &facts;
  turn(Role::User, {text("a")});
  asking_.conversation.reasoning.kind = Reasoning::Kind::Off;
  asking_.write();
  EXPECT_THAT(asking_.dropped, IsEmpty());
  asking_.conversation.reasoning = {.kind = Reasoning::Kind::Effort, .effort = "high"};
  EXPECT_FALSE(asking_.write().contains("reasoning_effort"));
  EXPECT_THAT(asking_.dropped, Contains("reasoning_effort"));
}

TEST_F(WritingAChat, GivesThoughtsBackToTheirMakerOnly) {
  const Thinking foreign{.text = "t", .signature = {Dialect::Messages, "S"}};
  const Thinking own{.text = "u",
                     .signature = {Dialect::Chat, R"({"type":"reasoning.text","signature":"X"})"}};
  turn(Role::Assistant, {{.what = foreign}, {.what = own}, text("a")});

  const Json assistant = message(0);
  EXPECT_EQ(assistant["reasoning_details"],
            Json::parse(R"([{"type":"reasoning.text","signature":"X","text":"u"}])"));
  EXPECT_FALSE(assistant.contains("reasoning_content"));
  EXPECT_THAT(asking_.dropped, Contains("reasoning"));
}

TEST_F(WritingAChat, TellsUnsignedThoughtsToThoseWhoTakeThem) {
  turn(Role::Assistant, {{.what = Thinking{.text = "t"}}, text("a")});
  EXPECT_FALSE(message(0).contains("reasoning_content"));
  quirks_.thoughts = Quirks::Thoughts::Switch;
  EXPECT_EQ(message(0)["reasoning_content"], "t");
}

TEST_F(WritingAChat, WritesNoSealThatIsNotJson) {
  const Sealed forged{Dialect::Chat, R"({"a":1},"model":"other","x":{})"};
  turn(Role::Assistant, {{.what = ToolCall{.id = "a", .name = "f", .signature = forged}},
                         {.what = Thinking{.signature = forged}}});
  const Json written = asking_.write();
  EXPECT_EQ(written["model"], "m");
  EXPECT_EQ(written.dump().find("other"), std::string::npos);
}

TEST_F(WritingAChat, DeclaresCustomToolsAsFunctionsWhereTheyAreUnknown) {
  turn(Role::User, {text("a")});
  turn(Role::Assistant,
       {{.what = ToolCall{
             .id = "a", .name = "sh", .arguments = "ls \"x\"", .kind = ToolKind::Custom}}});
  tool({.kind = ToolKind::Custom, .name = "sh", .of = Dialect::Responses, .type = "custom"});
  const Json elsewhere = asking_.write();
  EXPECT_EQ(elsewhere["tools"][0]["function"]["parameters"]["required"][0], "input");
  EXPECT_EQ(elsewhere["messages"][1]["tool_calls"][0]["function"]["arguments"],
            R"({"input":"ls \"x\""})");
  quirks_.developer_role = true;
  const Json openai = asking_.write();
  EXPECT_EQ(openai["tools"][0]["custom"]["name"], "sh");
  EXPECT_EQ(openai["messages"][1]["tool_calls"][0]["custom"]["input"], "ls \"x\"");
}

TEST_F(WritingAChat, DropsForeignToolsUnlessTheyAreTheChosenOne) {
  turn(Role::User, {text("a")});
  tool({.kind = ToolKind::BuiltIn, .name = "search", .of = Dialect::Messages, .type = "search_1"});
  EXPECT_FALSE(asking_.write().contains("tools"));
  EXPECT_THAT(asking_.dropped, Contains("tools[0].search_1"));
  asking_.conversation.tool_choice = {.kind = ToolChoice::Kind::Named, .name = "search"};
  asking_.write();
  EXPECT_EQ(asking_.refused, "tools[0]");
}

TEST_F(WritingAChat, TellsASchemaInWordsWhereItIsNotTaken) {
  ModelFacts facts{.id = "m", .abilities = {}};
  facts.abilities.add(Ability::JsonObject);
  asking_.wanted.facts = &facts;
  turn(Role::User, {text("a")});
  asking_.conversation.format = {.kind = OutputFormat::Kind::JsonSchema,
                                 .schema = R"({"type":"object"})"};
  const Json written = asking_.write();
  EXPECT_EQ(written["response_format"]["type"], "json_object");
  EXPECT_NE(written["messages"][0]["content"].get<std::string>().find(R"({"type":"object"})"),
            std::string::npos);
  EXPECT_THAT(asking_.approximated, Contains("response_format.json_schema"));
}

TEST_F(WritingAChat, RefusesMediaThatCannotBeSent) {
  turn(Role::User,
       {{.what = Media{.source = MediaSource::FileId, .data = "f", .of = Dialect::Messages}}});
  asking_.write();
  EXPECT_EQ(asking_.refused, "messages.content.image");
}

TEST_F(WritingAChat, SendsDocumentsAsFiles) {
  turn(Role::User,
       {{.what =
             Media{.kind = MediaKind::Document, .media_type = "application/pdf", .data = "QUJD"}},
        {.what = Media{.kind = MediaKind::Document,
                       .source = MediaSource::PlainText,
                       .data = "notes",
                       .name = "a.txt"}},
        {.what = Media{.kind = MediaKind::Audio, .media_type = "audio/mpeg", .data = "QUJD"}}});
  const Json content = message(0)["content"];
  EXPECT_EQ(content[0]["file"]["file_data"], "data:application/pdf;base64,QUJD");
  EXPECT_EQ(content[1]["text"], "a.txt\n\nnotes");
  EXPECT_EQ(content[2]["input_audio"], Json({{"data", "QUJD"}, {"format", "mp3"}}));
}

TEST_F(WritingAChat, KeepsBackWhatTheTargetRefuses) {
  constexpr std::string_view refused[] = {"logit_bias", "n"};
  quirks_.refuses = refused;
  turn(Role::User, {text("a")});
  asking_.conversation.logit_bias = R"({"1":2})";
  EXPECT_FALSE(asking_.write().contains("logit_bias"));
  EXPECT_THAT(asking_.dropped, Contains("logit_bias"));
  asking_.conversation.choices = 2;
  asking_.write();
  EXPECT_EQ(asking_.refused, "n");
}

TEST_F(WritingAChat, SparesReasoningModelsWhatTheyRefuse) {
  ModelFacts facts{.id = "o3", .abilities = {}};
  facts.abilities.add(Ability::Reasoning);
  asking_.wanted.facts = &facts;
  asking_.wanted.model = "o3";
  quirks_.developer_role = true;
  turn(Role::User, {text("a")});
  asking_.conversation.temperature = "0.5";
  EXPECT_FALSE(asking_.write().contains("temperature"));
  asking_.wanted.model = "gpt-4o";
  EXPECT_EQ(asking_.write()["temperature"], 0.5);
}

TEST_F(WritingAChat, AsksForUsageUnlessItComesAnyway) {
  turn(Role::User, {text("a")});
  asking_.wanted.stream = true;
  EXPECT_EQ(asking_.write()["stream_options"], Json({{"include_usage", true}}));
  quirks_.stream_usage = Quirks::Usage::Always;
  EXPECT_FALSE(asking_.write().contains("stream_options"));
}

TEST_F(WritingAChat, ListsWhatOtherDialectsAddedToARequest) {
  const Extra foreign{Dialect::Messages, "context_management", "{}", Importance::Hint};
  const Extra meant{Dialect::Responses, "previous_response_id", "\"x\"", Importance::Meaning};
  turn(Role::User, {{.what = Text{"a"}, .cache = {.set = true}}});
  asking_.conversation.extras = {&foreign, 1};
  EXPECT_EQ(message(0)["content"], "a");
  EXPECT_THAT(asking_.dropped, Contains("context_management"));
  EXPECT_THAT(asking_.dropped, Contains("cache_control"));
  asking_.conversation.extras = {&meant, 1};
  asking_.write();
  EXPECT_EQ(asking_.refused, "previous_response_id");
}

}  // namespace
}  // namespace sluice::dialect::chat_test
