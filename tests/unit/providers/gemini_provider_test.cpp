// How Google is asked: Gemini at AI Studio and at Vertex, Claude at Vertex.
#include "dialect/caller_request.h"
#include "dialect/translate.h"
#include "providers/gemini/provider.h"
#include "providers/vertex/provider.h"
#include "support/fake_clock.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace sluice::providers {
namespace {

using Json = nlohmann::json;

std::string recorded(std::string_view folder, std::string_view name) {
  const auto path = std::filesystem::path(SLUICE_SOURCE_DIR) / "providers" / folder /
                    "transcripts" / name / "response.json";
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class GoogleTest : public testing::Test {
 protected:
  GoogleTest() : context_(arena_, draft_, clock_) {}

  // The call that asks this.
  UpstreamRequest ask(const Provider& provider, Operation operation, std::string_view body) {
    request.operation = operation;
    request.content_type = "application/json";
    body_ = body;
    json::Reader reader;
    const auto read = dialect::read_caller_request(body_, {}, reader, arena_, request);
    EXPECT_TRUE(read) << read.error()->message;
    request.conversation = nullptr;
    if (dialect::differs(request, provider.dialect(request, target))) {
      const auto said = dialect::read_conversation(context_, request);
      EXPECT_TRUE(said) << said.error()->message;
    }
    auto call = provider.encode(context_, request, target);
    if (!call) {
      ADD_FAILURE() << call.error()->message;
      return {};
    }
    return std::move(*call);
  }
  static std::string text_of(const UpstreamRequest& call) {
    std::string text;
    for (const std::string_view piece : call.pieces) text += piece;
    EXPECT_EQ(text.size(), call.size);
    return text;
  }

  Arena arena_;
  Arena draft_;
  FakeClock clock_;
  Context context_;
  std::string body_;
  Request request;
  Target target;
};

class AskingGemini : public GoogleTest {
 protected:
  AskingGemini() {
    target.model = "gemini-2.5-flash";
    target.base_path = "/v1beta";
  }
  GeminiProvider gemini;
};

TEST_F(AskingGemini, PutsModelAndJobInThePath) {
  const std::string_view body = R"({"contents":[{"parts":[{"text":"Hi"}]}]})";
  EXPECT_EQ(ask(gemini, Operation::GenerateContent, body).path,
            "/v1beta/models/gemini-2.5-flash:generateContent");
  EXPECT_EQ(ask(gemini, Operation::CountContent, body).path,
            "/v1beta/models/gemini-2.5-flash:countTokens");
  request.stream = true;
  EXPECT_EQ(ask(gemini, Operation::GenerateContent, body).path,
            "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
  request.stream_array = true;
  EXPECT_EQ(ask(gemini, Operation::GenerateContent, body).path,
            "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
}

TEST_F(AskingGemini, TakesABaseWithoutItsVersionAndNamesWithTheirPrefix) {
  target.base_path = "";
  target.model = "models/tuned model/1";

  EXPECT_EQ(ask(gemini, Operation::GenerateContent, "{}").path,
            "/v1beta/models/tuned%20model%2F1:generateContent");
}

TEST_F(AskingGemini, PassesABodyOfItsOwnDialectAsItCame) {
  const std::string_view body = R"({ "contents" : [ ], "somethingNew": 1.50 })";

  EXPECT_EQ(text_of(ask(gemini, Operation::GenerateContent, body)), body);
}

TEST_F(AskingGemini, TakesOutWhatOthersSealed) {
  const UpstreamRequest call = ask(gemini, Operation::GenerateContent,
                                   R"({"contents":[{"role":"model","parts":[
      {"text":"hm","thought":true,"thoughtSignature":"c2x1aWNlOm1lc3NhZ2VzOkVxUUI="},
      {"text":"Yes"}]}]})");

  EXPECT_EQ(Json::parse(text_of(call))["contents"][0]["parts"], Json::parse(R"([{"text":"Yes"}])"));
}

TEST_F(AskingGemini, TranslatesWhatAClaudeCallerCounts) {
  const UpstreamRequest call =
      ask(gemini, Operation::CountTokens,
          R"({"model":"x","messages":[{"role":"user","content":"Hi"}],"system":"Be brief."})");

  EXPECT_EQ(call.path, "/v1beta/models/gemini-2.5-flash:countTokens");
  const Json body = Json::parse(text_of(call))["generateContentRequest"];
  EXPECT_EQ(body["model"], "models/gemini-2.5-flash");
  EXPECT_EQ(body["contents"][0]["parts"][0]["text"], "Hi");
  EXPECT_EQ(body["systemInstruction"]["parts"][0]["text"], "Be brief.");
}

TEST_F(AskingGemini, NamesTheModelOfEachEmbedding) {
  const UpstreamRequest call =
      ask(gemini, Operation::BatchEmbedContent,
          R"({"requests":[{"model":"models/other","content":{"parts":[{"text":"a"}]}}]})");

  EXPECT_EQ(call.path, "/v1beta/models/gemini-2.5-flash:batchEmbedContents");
  EXPECT_EQ(Json::parse(text_of(call))["requests"][0]["model"], "models/gemini-2.5-flash");
}

TEST_F(AskingGemini, KnowsThatAKeyWasRefused) {
  const ApiError error =
      gemini.explain(400, "application/json", recorded("gemini", "generate-error-400-ccbf1b"));

  EXPECT_EQ(error.code, "upstream_auth");
  EXPECT_EQ(error.retry, Retry::OtherTarget);
  EXPECT_EQ(error.message.find("API key"), std::string::npos);
}

TEST_F(AskingGemini, TellsWhenToTryAgain) {
  const ApiError error =
      gemini.explain(429, "application/json", recorded("gemini", "generate-error-429-9999c5"));

  EXPECT_EQ(error.code, "upstream_rate_limited");
  EXPECT_EQ(error.retry_after, std::chrono::seconds(48));
  EXPECT_EQ(error.upstream->family, Family::Gemini);
  EXPECT_EQ(Json::parse(error.upstream->body)["error"]["status"], "RESOURCE_EXHAUSTED");
}

TEST_F(AskingGemini, KnowsThatAConversationIsTooLong) {
  const ApiError error = gemini.explain(
      400, "application/json",
      R"([{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"The input token count (1048577) exceeds the maximum number of tokens allowed (1048576)."}}])");

  EXPECT_EQ(error.code, "context_length_exceeded");
  EXPECT_EQ(error.retry, Retry::Never);
  EXPECT_EQ(Json::parse(error.upstream->body)["error"]["code"], 400);
}

class AskingVertex : public GoogleTest {
 protected:
  AskingVertex() { target.base_path = "/v1"; }
  VertexProvider vertex{"acme", "global"};
};

TEST_F(AskingVertex, AsksGeminiBelowItsProject) {
  target.model = "gemini-2.5-pro";
  request.stream = true;

  const UpstreamRequest call = ask(vertex, Operation::GenerateContent, R"({"contents":[]})");

  EXPECT_EQ(vertex.dialect(request, target), Dialect::Gemini);
  EXPECT_EQ(call.path,
            "/v1/projects/acme/locations/global/publishers/google/models/"
            "gemini-2.5-pro:streamGenerateContent?alt=sse");
}

TEST_F(AskingVertex, AsksClaudeInHisOwnDialectWithoutNamingHim) {
  target.model = "claude-sonnet-4-5@20250929";

  const UpstreamRequest call =
      ask(vertex, Operation::Messages,
          R"({"model":"claude-sonnet","max_tokens":5,"stream":true,"messages":[]})");

  EXPECT_EQ(vertex.dialect(request, target), Dialect::Messages);
  EXPECT_EQ(call.path,
            "/v1/projects/acme/locations/global/publishers/anthropic/models/"
            "claude-sonnet-4-5@20250929:streamRawPredict");
  EXPECT_EQ(Json::parse(text_of(call)),
            Json::parse(R"({"anthropic_version":"vertex-2023-10-16","max_tokens":5,"stream":true,
                            "messages":[]})"));
}

TEST_F(AskingVertex, TranslatesForClaude) {
  target.model = "publishers/anthropic/models/claude-haiku-4-5";

  const UpstreamRequest call =
      ask(vertex, Operation::GenerateContent, R"({"contents":[{"parts":[{"text":"Hi"}]}]})");

  EXPECT_EQ(call.path,
            "/v1/projects/acme/locations/global/publishers/anthropic/models/"
            "claude-haiku-4-5:rawPredict");
  const Json body = Json::parse(text_of(call));
  EXPECT_FALSE(body.contains("model"));
  EXPECT_EQ(body["anthropic_version"], "vertex-2023-10-16");
  EXPECT_EQ(body["messages"][0]["role"], "user");
}

TEST_F(AskingVertex, CountsForClaudeWithHisName) {
  target.model = "claude-haiku-4-5";

  const UpstreamRequest call =
      ask(vertex, Operation::CountTokens, R"({"model":"x","messages":[]})");

  EXPECT_EQ(call.path,
            "/v1/projects/acme/locations/global/publishers/anthropic/models/"
            "count-tokens:rawPredict");
  EXPECT_EQ(Json::parse(text_of(call))["model"], "claude-haiku-4-5");
}

TEST_F(AskingVertex, CountsAConversationAlone) {
  target.model = "gemini-2.5-pro";

  const UpstreamRequest call =
      ask(vertex, Operation::CountContent,
          R"({"generateContentRequest":{"model":"models/x","contents":[],"safetySettings":[]}})");

  EXPECT_EQ(text_of(call), R"({"contents":[]})");
}

TEST_F(AskingVertex, AsksOthersLikeOpenAi) {
  target.model = "meta/llama-4-maverick";

  const UpstreamRequest call = ask(vertex, Operation::Chat, R"({"model":"llama","messages":[]})");

  EXPECT_EQ(vertex.dialect(request, target), Dialect::Chat);
  EXPECT_EQ(call.path, "/v1/projects/acme/locations/global/endpoints/openapi/chat/completions");
  EXPECT_EQ(Json::parse(text_of(call))["model"], "meta/llama-4-maverick");
}

TEST_F(AskingVertex, ExplainsInWhoseeverWordsItRefused) {
  const ApiError googles =
      vertex.explain(404, "application/json", recorded("vertex", "generate-error-404-b45672"));
  EXPECT_EQ(googles.code, "not_found");
  EXPECT_EQ(googles.upstream->family, Family::Gemini);

  const ApiError claudes = vertex.explain(
      400, "application/json",
      R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 2 > 1"}})");
  EXPECT_EQ(claudes.code, "context_length_exceeded");
  EXPECT_EQ(claudes.upstream->family, Family::Anthropic);
}

}  // namespace
}  // namespace sluice::providers
