// What is read from requests to Anthropic's Messages, and what is refused.
#include "dialect/anthropic_messages.h"
#include "dialect/anthropic_request.h"
#include "dialect/claude_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice::dialect {
namespace {

class AnthropicReader : public testing::Test {
 protected:
  std::string_view refused(std::string text) {
    const auto read = this->read(std::move(text));
    if (read) return "(read)";
    EXPECT_EQ(read.error()->code, "invalid_request");
    refused_ = read.error()->param;
    return refused_;
  }
  Result<void> read(std::string text) {
    text_ = std::move(text);
    conversation_ = {};
    TRY(const json::Value root, reader_.parse(text_));
    return read_messages(root, arena_, conversation_);
  }

  std::string text_;
  std::string refused_;
  Arena arena_;
  json::Reader reader_;
  Conversation conversation_;
};

TEST_F(AnthropicReader, MakesOneTurnOfNeighbours) {
  ASSERT_TRUE(read(R"({"messages":[{"role":"user","content":"a"},
      {"role":"user","content":[{"type":"text","text":"b"}]},{"role":"assistant","content":"c"}]})"));

  ASSERT_EQ(conversation_.turns.size(), 2);
  EXPECT_EQ(conversation_.turns[0].parts.size(), 2);
  EXPECT_EQ(conversation_.turns[1].role, Role::Assistant);
}

TEST_F(AnthropicReader, NamesTheToolOfAResult) {
  ASSERT_TRUE(read(R"({"messages":[
      {"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{"a": 1}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"1","is_error":true}]}]})"));

  EXPECT_EQ(std::get<ToolCall>(conversation_.turns[0].parts[0].what).arguments, R"({"a": 1})");
  const auto& result = std::get<ToolResult>(conversation_.turns[1].parts[0].what);
  EXPECT_EQ(result.name, "f");
  EXPECT_TRUE(result.is_error);
}

TEST_F(AnthropicReader, KeepsWhatOnlyAnthropicHas) {
  ASSERT_TRUE(read(R"({"messages":[{"role":"user","content":[
      {"type":"search_result","source":"s","title":"t","content":[]},
      {"type":"web_search_tool_result","tool_use_id":"x","content":[]}]}],
      "context_management":{"edits":[]},"container":"c1"})"));

  const auto parts = conversation_.turns[0].parts;
  EXPECT_EQ(std::get<Foreign>(parts[0].what).importance, Importance::Meaning);
  EXPECT_EQ(std::get<Foreign>(parts[1].what).importance, Importance::Hint);
  ASSERT_EQ(conversation_.extras.size(), 2);
  EXPECT_EQ(conversation_.extras[0].importance, Importance::Hint);
  EXPECT_EQ(conversation_.extras[1].importance, Importance::Meaning);
}

TEST_F(AnthropicReader, ReadsTheMarksOfTheCache) {
  ASSERT_TRUE(read(R"({"cache_control":{"type":"ephemeral"},"messages":[{"role":"user","content":[
      {"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"1h"}}]}]})"));

  EXPECT_TRUE(conversation_.cache.set);
  EXPECT_EQ(conversation_.turns[0].parts[0].cache.ttl, "1h");
}

TEST_F(AnthropicReader, TellsEffortFromThoughts) {
  ASSERT_TRUE(read(R"({"messages":[],"output_config":{"effort":"low"}})"));
  EXPECT_EQ(conversation_.reasoning.kind, Reasoning::Kind::Effort);
  EXPECT_TRUE(conversation_.reasoning.effort_alone);

  ASSERT_TRUE(read(R"({"messages":[],"output_config":{"effort":"low"},
      "thinking":{"type":"adaptive","display":"omitted"}})"));
  EXPECT_EQ(conversation_.reasoning.kind, Reasoning::Kind::Adaptive);
  EXPECT_EQ(conversation_.reasoning.effort, "low");
  EXPECT_FALSE(conversation_.reasoning.effort_alone);
  EXPECT_EQ(conversation_.reasoning.shown, false);
}

TEST_F(AnthropicReader, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(refused(R"({})"), "messages");
  EXPECT_EQ(refused(R"({"messages":{}})"), "messages");
  EXPECT_EQ(refused(R"({"messages":[{"role":"tool","content":""}]})"), "messages[0].role");
  EXPECT_EQ(refused(R"({"messages":[{"role":"user"}]})"), "messages[0].content");
  EXPECT_EQ(refused(R"({"messages":[{"role":"user","content":[{"text":"x"}]}]})"),
            "messages[0].content[0].type");
  EXPECT_EQ(refused(R"({"messages":[{"role":"user","content":[{"type":"image"}]}]})"),
            "messages[0].content[0].source");
  EXPECT_EQ(refused(R"({"messages":[{"role":"user","content":[{"type":"text","text":1}]}]})"),
            "messages[0].content[0].text");
  EXPECT_EQ(refused(R"({"messages":[],"max_tokens":"5"})"), "max_tokens");
  EXPECT_EQ(refused(R"({"messages":[],"temperature":"hot"})"), "temperature");
  EXPECT_EQ(refused(R"({"messages":[],"tools":[{"input_schema":{}}]})"), "tools[0].name");
  EXPECT_EQ(refused(R"({"messages":[],"tool_choice":{"type":"must"}})"), "tool_choice.type");
  EXPECT_EQ(refused(R"({"messages":[],"thinking":{"type":"enabled"}})"), "thinking.budget_tokens");
  EXPECT_EQ(refused(R"({"messages":[],"output_format":{"type":"xml"}})"), "output_config.format");
}

TEST_F(AnthropicReader, RefusesAFieldThatStandsThereTwice) {
  EXPECT_FALSE(read(R"({"messages":[],"system":"a","system":"b"})"));
}

TEST_F(AnthropicReader, TakesNullForNotGiven) {
  EXPECT_TRUE(read(R"({"messages":[],"system":null,"tools":null,"thinking":null,"top_k":null,
      "metadata":{"user_id":null},"tool_choice":null,"stop_sequences":null})"));
}

// ---- What the policies read

class AnthropicPolicies : public testing::Test {
 protected:
  Result<void> read(std::string_view body) {
    request_ = {};
    return read_messages_request(body, {}, reader_, arena_, request_);
  }
  Arena arena_;
  json::Reader reader_;
  Request request_;
};

TEST_F(AnthropicPolicies, AreReadCheaply) {
  const std::string_view body =
      R"({"model":"claude","stream":true,"max_tokens":9,"metadata":{"user_id":"u"}})";
  ASSERT_TRUE(read(body));

  EXPECT_EQ(request_.model, "claude");
  EXPECT_TRUE(request_.stream);
  EXPECT_EQ(request_.max_tokens, 9);
  EXPECT_EQ(request_.user, "u");
  EXPECT_EQ(
      body.substr(request_.json.model.begin, request_.json.model.end - request_.json.model.begin),
      "\"claude\"");
}

TEST_F(AnthropicPolicies, RefuseWrongTypesAndDoubledFields) {
  EXPECT_EQ(read(R"({"stream":"yes"})").error()->param, "stream");
  EXPECT_EQ(read(R"({"model":1})").error()->param, "model");
  EXPECT_EQ(read(R"({"max_tokens":-1})").error()->param, "max_tokens");
  EXPECT_EQ(read(R"({"metadata":{"user_id":1}})").error()->param, "metadata.user_id");
  EXPECT_FALSE(read(R"({"model":"a","Model":"b"})"));
  EXPECT_FALSE(read("[]"));
}

TEST(ForeignSeals, AreFoundInABody) {
  EXPECT_TRUE(holds_foreign_seals(R"({"signature":"sluice:gemini:x"})"));
  EXPECT_FALSE(holds_foreign_seals(R"({"text":"a sluice: a gate"})"));
}

// ---- Models

TEST(ClaudeModels, TellTheirVersionByTheirName) {
  EXPECT_FALSE(ClaudeModel("deepseek-chat").known());
  EXPECT_FALSE(ClaudeModel("claude-3-5-haiku-20241022").thinks());
  EXPECT_TRUE(ClaudeModel("claude-3-7-sonnet-20250219").thinks());
  EXPECT_FALSE(ClaudeModel("claude-opus-4-20250514").thinks_adaptively());
  EXPECT_TRUE(ClaudeModel("us.anthropic.claude-opus-4-6-v1:0").thinks_adaptively());
  EXPECT_TRUE(ClaudeModel("anthropic/claude-sonnet-4.6").thinks_adaptively());
  EXPECT_FALSE(ClaudeModel("claude-sonnet-4-6").only_adaptively());
  EXPECT_TRUE(ClaudeModel("claude-opus-4-7@20260416").only_adaptively());
  EXPECT_TRUE(ClaudeModel("claude-fable-5").only_adaptively());
  EXPECT_TRUE(ClaudeModel("claude-opus-4-5-20251101").takes_effort("high"));
  EXPECT_FALSE(ClaudeModel("claude-opus-4-5-20251101").takes_effort("max"));
  EXPECT_FALSE(ClaudeModel("claude-sonnet-4-5").takes_effort());
}

}  // namespace
}  // namespace sluice::dialect
