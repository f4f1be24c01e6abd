// What Converse is asked: read, and written again.
#include "dialect/converse_request.h"

#include "dialect/anthropic_messages.h"
#include "dialect/openai_chat.h"
#include "unit/dialect/converse_support.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace sluice::dialect {
namespace {

using testing::Contains;
using testing::IsEmpty;

constexpr std::string_view kNova = "us.amazon.nova-2-lite-v1:0";

// ---- Recorded

// What may be left out, or be told otherwise, without meaning anything else.
Json normalised(Json request) {
  if (request.contains("system") && request["system"].empty()) request.erase("system");
  if (!request.contains("inferenceConfig")) request["inferenceConfig"] = Json::object();
  Json messages = Json::array();
  for (Json& message : request["messages"]) {
    for (Json& block : message["content"]) {
      // A result that is no error is a success.
      if (block.contains("toolResult") && block["toolResult"].value("status", "") == "success" &&
          !block["toolResult"].contains("type")) {
        block["toolResult"].erase("status");
      }
    }
    // Two turns of one side are one.
    if (!messages.empty() && messages.back()["role"] == message["role"]) {
      for (Json& block : message["content"]) messages.back()["content"].push_back(block);
    } else {
      messages.push_back(message);
    }
  }
  request["messages"] = messages;
  return request;
}

TEST(ConverseRequest, IsWrittenAsItWasRecorded) {
  namespace files = std::filesystem;
  std::size_t cases = 0;
  for (const auto& folder : files::directory_iterator(files::path(SLUICE_SOURCE_DIR) /
                                                      "providers/bedrock/transcripts")) {
    if (!folder.path().filename().string().starts_with("converse")) continue;
    std::ifstream file(folder.path() / "request.json");
    if (!file) continue;
    SCOPED_TRACE(folder.path().filename());
    std::ostringstream text;
    text << file.rdbuf();
    const Json meta = Json::parse(std::ifstream(folder.path() / "meta.json"));
    Asked asked(text.str());
    const Json written = asked.put(meta["model"].get<std::string>());
    EXPECT_EQ(written, normalised(Json::parse(text.str()))) << asked.error.message;
    EXPECT_THAT(asked.dropped, IsEmpty());
    ++cases;
  }
  EXPECT_GT(cases, 15U);
}

// ---- Read

TEST(ConverseRequest, MarksThePartBeforeACachePoint) {
  Asked asked(R"({"messages":[{"role":"user","content":[{"text":"long"},
                {"cachePoint":{"type":"default","ttl":"1h"}},{"text":"short"}]}]})");
  const auto parts = asked.conversation.turns[0].parts;
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_TRUE(parts[0].cache.set);
  EXPECT_EQ(parts[0].cache.ttl, "1h");
  EXPECT_FALSE(parts[1].cache.set);
  EXPECT_EQ(asked.put()["messages"][0]["content"][1],
            Json::parse(R"({"cachePoint":{"type":"default","ttl":"1h"}})"));
}

TEST(ConverseRequest, NamesTheFieldAtFault) {
  const std::pair<const char*, const char*> bad[] = {
      {R"({"messages":{}})", "messages"},
      {R"({"messages":[{"role":"tool","content":[]}]})", "messages[0].role"},
      {R"({"messages":[{"role":"user","content":"hi"}]})", "messages[0].content"},
      {R"({"messages":[{"role":"user","content":[{"text":1}]}]})", "messages[0].content[0].text"},
      {R"({"messages":[{"role":"user","content":[{"text":"a","image":{}}]}]})",
       "messages[0].content[0]"},
      {R"({"messages":[],"inferenceConfig":{"topP":"1"}})", "inferenceConfig.topP"},
      {R"({"messages":[],"toolConfig":{"tools":[{"toolSpec":{}}]}})",
       "toolConfig.tools[0].toolSpec.name"},
  };
  for (const auto& [body, param] : bad) {
    const Asked asked(body);
    EXPECT_EQ(asked.error.code, "invalid_request") << body;
    EXPECT_EQ(asked.error.param, param);
  }
}

TEST(ConverseRequest, GivesThePoliciesTheirLimit) {
  const std::string body = R"({"inferenceConfig":{"maxTokens":7},"messages":[]})";
  json::Reader reader;
  Arena arena;
  Request request;
  request.operation = Operation::Converse;
  ASSERT_TRUE(read_converse_request(body, {}, reader, arena, request));
  EXPECT_EQ(request.max_tokens, 7);
  EXPECT_FALSE(read_converse_request(R"({"system":[],"system":[]})", {}, reader, arena, request));
}

TEST(ConverseRequest, IsToldToOthersInTheirWords) {
  Asked asked(R"({"system":[{"text":"Be brief."}],"messages":[
      {"role":"user","content":[{"text":"Hi"},
       {"image":{"format":"png","source":{"bytes":"iVBO"}}}]},
      {"role":"assistant","content":[{"toolUse":{"toolUseId":"t1","name":"f","input":{"a":1}}}]},
      {"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":[{"json":{"b":2}}]}}]}],
      "toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object"}}}}],
                    "toolChoice":{"any":{}}},
      "inferenceConfig":{"maxTokens":9,"stopSequences":["x"]}})");
  const Json chat = asked.put(chat_dialect(), "gpt-4o");
  EXPECT_EQ(chat["messages"][0]["content"], "Be brief.");
  EXPECT_EQ(chat["messages"][1]["content"][1]["image_url"]["url"], "data:image/png;base64,iVBO");
  EXPECT_EQ(chat["messages"][2]["tool_calls"][0]["function"]["arguments"], R"({"a":1})");
  EXPECT_EQ(chat["messages"][3]["content"], R"({"b":2})");
  EXPECT_EQ(chat["tool_choice"], "required");
  EXPECT_EQ(chat["stop"], Json::array({"x"}));
}

TEST(ConverseRequest, DoesNotLeaveOutAGuardrailSilently) {
  Asked asked(R"({"messages":[{"role":"user","content":[{"text":"Hi"}]}],
                  "guardrailConfig":{"guardrailIdentifier":"g","guardrailVersion":"1"}})");
  EXPECT_EQ(asked.put(chat_dialect(), "gpt-4o"), nullptr);
  EXPECT_EQ(asked.error.param, "guardrailConfig");
}

// ---- Written

TEST(ConverseRequest, PutsAnEffortWhereTheModelHasIt) {
  const std::string body = R"({"model":"m","reasoning_effort":"high","max_completion_tokens":40000,
                               "messages":[{"role":"user","content":"Hi"}]})";
  Asked asked(body, chat_dialect());
  EXPECT_EQ(asked.put("anthropic.claude-sonnet-4-5-v1:0")["additionalModelRequestFields"],
            Json::parse(R"({"thinking":{"type":"enabled","budget_tokens":16384}})"));
  EXPECT_EQ(asked.put("us.anthropic.claude-opus-4-7-v1:0")["additionalModelRequestFields"],
            Json::parse(R"({"thinking":{"type":"adaptive"},"output_config":{"effort":"high"}})"));
  EXPECT_EQ(asked.put(kNova)["additionalModelRequestFields"],
            Json::parse(R"({"reasoningConfig":{"type":"enabled","maxReasoningEffort":"high"}})"));
  EXPECT_EQ(asked.put("openai.gpt-oss-20b-1:0")["additionalModelRequestFields"],
            Json::parse(R"({"reasoning_effort":"high"})"));
  EXPECT_FALSE(asked.put("meta.llama3-70b-instruct-v1:0").contains("additionalModelRequestFields"));
  EXPECT_THAT(asked.dropped, Contains("reasoning"));
}

TEST(ConverseRequest, DeclaresToolsThatWereCalled) {
  Asked asked(R"({"model":"m","messages":[{"role":"user","content":"Hi"},
      {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function",
        "function":{"name":"f","arguments":"{}"}}]},
      {"role":"tool","tool_call_id":"a","content":"done"}]})",
              chat_dialect());
  const Json body = asked.put();
  EXPECT_EQ(body["toolConfig"]["tools"][0]["toolSpec"]["name"], "f");
  EXPECT_EQ(body["messages"].size(), 3U);
  EXPECT_EQ(body["messages"][2]["role"], "user");
  EXPECT_THAT(asked.approximated, Contains("tools"));
}

TEST(ConverseRequest, LeavesToolsOutWhenNoneMayBeCalled) {
  Asked asked(R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"tool_choice":"none",
      "tools":[{"type":"function","function":{"name":"f"}}]})",
              chat_dialect());
  EXPECT_FALSE(asked.put().contains("toolConfig"));
}

TEST(ConverseRequest, RefusesWhatItCannotFetch) {
  Asked asked(R"({"model":"m","messages":[{"role":"user","content":[
      {"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]})",
              chat_dialect());
  EXPECT_EQ(asked.put(), nullptr);
  EXPECT_EQ(asked.error.param, "messages.content.image");
}

TEST(ConverseRequest, GivesDocumentsNamesThatTheApiTakes) {
  Asked asked(R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":[
      {"type":"document","title":"a/b.pdf","source":{"type":"base64",
       "media_type":"application/pdf","data":"JVBE"}},
      {"type":"document","title":"a/b.pdf","source":{"type":"text","media_type":"text/plain",
       "data":"words"}}]}]})",
              anthropic_messages_dialect());
  const Json content = asked.put()["messages"][0]["content"];
  EXPECT_EQ(content[0]["document"]["name"], "a-b-pdf");
  EXPECT_EQ(content[0]["document"]["format"], "pdf");
  EXPECT_EQ(content[1]["document"]["name"], "a-b-pdf 2");
  EXPECT_EQ(content[1]["document"]["source"]["text"], "words");
  EXPECT_EQ(content[2]["text"], ".");  // Documents want words beside them.
}

TEST(ConverseRequest, TellsASchemaWhereTheModelTakesOne) {
  const std::string body = R"({"model":"m","messages":[{"role":"user","content":"Hi"}],
      "response_format":{"type":"json_schema","json_schema":{"name":"n",
        "schema":{"type":"object","properties":{"a":{"type":"string"}}}}}})";
  Asked asked(body, chat_dialect());
  const Json structure = asked.put()["outputConfig"]["textFormat"]["structure"];
  EXPECT_EQ(Json::parse(structure["jsonSchema"]["schema"].get<std::string>())["properties"]["a"],
            Json::parse(R"({"type":"string"})"));
  const Json older = asked.put("anthropic.claude-3-5-sonnet-20240620-v1:0");
  EXPECT_FALSE(older.contains("outputConfig"));
  EXPECT_THAT(older["system"][0]["text"].get<std::string>(), testing::HasSubstr("JSON Schema"));
  EXPECT_THAT(asked.approximated, Contains("response_format"));
}

TEST(ConverseRequest, SendsSealedThoughtsBackToTheirMakerAlone) {
  const std::string own = R"({"messages":[{"role":"user","content":[{"text":"Hi"}]},
      {"role":"assistant","content":[{"reasoningContent":{"reasoningText":
        {"text":"Hm","signature":"SIG=="}}},{"text":"Hello"}]},
      {"role":"user","content":[{"text":"Go on"}]}]})";
  Asked asked(own);
  EXPECT_EQ(asked.put()["messages"], Json::parse(own)["messages"]);
  EXPECT_FALSE(converse_holds_foreign_seals(own));

  std::string theirs = own;
  theirs.replace(theirs.find("SIG=="), 5, "sluice:gemini:SIG==");
  EXPECT_TRUE(converse_holds_foreign_seals(theirs));
  Asked foreign(theirs);
  EXPECT_EQ(foreign.put()["messages"][1]["content"], Json::parse(R"([{"text":"Hello"}])"));
  EXPECT_THAT(foreign.dropped, Contains("reasoning"));
}

}  // namespace
}  // namespace sluice::dialect
