// How Bedrock, Cohere and Ollama are asked, and what their refusals mean.
#include "dialect/caller_request.h"
#include "dialect/translate.h"
#include "providers/bedrock/provider.h"
#include "providers/cohere/provider.h"
#include "providers/ollama/provider.h"
#include "providers/replicate/provider.h"
#include "support/fake_clock.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace sluice::providers {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kChat = R"({"model":"m","messages":[{"role":"user","content":"Hi"}]})";
constexpr std::string_view kMessages =
    R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"Hi"}]})";
constexpr std::string_view kConverse =
    R"({ "messages": [{"role":"user","content":[{"text":"Hi"}]}]})";

class NativeApi : public testing::Test {
 protected:
  NativeApi() : context_(arena_, draft_, clock_) {}

  UpstreamRequest ask(const Provider& provider, Operation operation, std::string_view body) {
    request.operation = operation;
    body_ = body;
    json::Reader reader;
    const auto read = dialect::read_caller_request(body_, {}, reader, arena_, request);
    EXPECT_TRUE(read) << read.error()->message;
    request.conversation = nullptr;
    const bool differs = dialect::differs(request, provider.dialect(request, target));
    if (differs && request.traits().is_conversation())
      EXPECT_TRUE(dialect::read_conversation(context_, request));
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

// Told to be in another dialect than the question, it is answered here.
TEST_F(NativeApi, LeavesTheCountingOfTokensToTheGateway) {
  const BedrockProvider bedrock;
  const CohereProvider cohere;
  const ReplicateProvider replicate;
  for (const Operation operation : {Operation::CountTokens, Operation::CountContent}) {
    request.operation = operation;
    for (const Provider* provider :
         {static_cast<const Provider*>(&bedrock), static_cast<const Provider*>(&cohere),
          static_cast<const Provider*>(&replicate)}) {
      EXPECT_TRUE(dialect::differs(request, provider->dialect(request, target)));
    }
  }
}

// ---- Bedrock

class AskingBedrock : public NativeApi {
 protected:
  AskingBedrock() { target.model = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"; }
  BedrockProvider bedrock;
};

TEST_F(AskingBedrock, NamesTheModelInThePath) {
  const auto call = ask(bedrock, Operation::Chat, kChat);
  EXPECT_EQ(call.path, "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse");
  const Json body = Json::parse(text_of(call));
  EXPECT_EQ(body["messages"][0]["content"][0]["text"], "Hi");
  EXPECT_FALSE(body.contains("model"));
}

TEST_F(AskingBedrock, EscapesArns) {
  target.model = "arn:aws:bedrock:us-east-1:1:inference-profile/x";
  EXPECT_EQ(ask(bedrock, Operation::Chat, kChat).path,
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fx/converse");
}

TEST_F(AskingBedrock, PassesItsOwnCallersBodiesAsTheyCame) {
  request.stream = true;
  const auto call = ask(bedrock, Operation::Converse, kConverse);
  EXPECT_TRUE(call.path.ends_with("/converse-stream"));
  EXPECT_EQ(text_of(call), kConverse);
}

TEST_F(AskingBedrock, DoesNotPassSealsOfOthers) {
  const auto call = ask(bedrock, Operation::Converse,
                        R"({"messages":[{"role":"user","content":[{"text":"Hi"}]},
      {"role":"assistant","content":[{"text":"Hello"},{"reasoningContent":
       {"redactedContent":"c2x1aWNlOnJlc3BvbnNlczpnQUFB"}}]},
      {"role":"user","content":[{"text":"Go on"}]}]})");
  EXPECT_EQ(text_of(call).find("c2x1aWNlO"), std::string::npos);
}

TEST_F(AskingBedrock, EmbedsTextByText) {
  target.model = "amazon.titan-embed-text-v2:0";
  const std::string_view body = R"({"model":"m","input":["a","b"]})";
  EXPECT_EQ(ask(bedrock, Operation::Embeddings, body).path,
            "/model/amazon.titan-embed-text-v2%3A0/invoke");
  const auto plan = bedrock.plan(context_, request, target);
  ASSERT_TRUE(plan);
  const auto first = plan->next(context_, "");
  EXPECT_EQ(Json::parse(text_of(*first->call))["inputText"], "a");
  const auto second = plan->next(context_, R"({"embedding":[1.5],"inputTextTokenCount":2})");
  EXPECT_EQ(Json::parse(text_of(*second->call))["inputText"], "b");
  const auto end = plan->next(context_, R"({"embedding":[2.5],"inputTextTokenCount":3})");
  ASSERT_FALSE(end->call);
  const Json answer = Json::parse(end->body);
  EXPECT_EQ(answer["data"][1]["embedding"], Json::parse("[2.5]"));
  EXPECT_EQ(answer["usage"]["prompt_tokens"], 5);
}

TEST_F(AskingBedrock, SaysWhatARefusalMeans) {
  struct Row {
    int status;
    const char* message;
    std::string_view code;
  };
  const Row rows[] = {
      {429, "Too many requests, please wait before trying again.", "upstream_rate_limited"},
      {429, "The model is not ready for inference.", "upstream_overloaded"},
      {400, "Input is too long for requested model.", "context_length_exceeded"},
      {400, "The provided model identifier is invalid.", "not_found"},
      {403, "The security token included in the request is invalid.", "upstream_auth"},
      {408, "Model has timed out in processing the request.", "upstream_timeout"},
      {424, "The model failed.", "upstream_error"},
      {503, "Bedrock is unable to process your request.", "upstream_overloaded"},
  };
  for (const Row& row : rows) {
    const std::string body = Json{{"message", row.message}}.dump();
    const ApiError error = bedrock.explain(row.status, "application/json", body);
    EXPECT_EQ(error.code, row.code) << row.message;
    EXPECT_EQ(error.upstream->status, row.status);
  }
}

// ---- Cohere

class AskingCohere : public NativeApi {
 protected:
  AskingCohere() {
    target.model = "command-a-03-2025";
    target.base_path = "/v2";
  }
  CohereProvider cohere;
};

TEST_F(AskingCohere, AsksEachOperationAtItsPath) {
  const auto call = ask(cohere, Operation::Chat, kChat);
  EXPECT_EQ(call.path, "/v2/chat");
  EXPECT_EQ(Json::parse(text_of(call))["model"], "command-a-03-2025");
  EXPECT_EQ(ask(cohere, Operation::Embeddings, R"({"model":"m","input":"a"})").path, "/v2/embed");
  EXPECT_EQ(ask(cohere, Operation::Rerank, R"({"model":"m","query":"q","documents":["a"]})").path,
            "/v2/rerank");
  target.base_path = "";
  EXPECT_EQ(ask(cohere, Operation::Chat, kChat).path, "/v2/chat");
}

TEST_F(AskingCohere, SaysWhatARefusalMeans) {
  const auto code = [&](int status, std::string_view body) {
    return cohere.explain(status, "application/json", body).code;
  };
  EXPECT_EQ(code(401, R"({"message":"invalid api token"})"), "upstream_auth");
  EXPECT_EQ(code(498, R"({"message":"blocked"})"), "upstream_auth");
  EXPECT_EQ(code(429, R"({"message":"trial limit"})"), "upstream_rate_limited");
  EXPECT_EQ(code(404, R"({"message":"model 'x' not found"})"), "not_found");
  EXPECT_EQ(code(400, R"({"message":"too many tokens: size limit exceeded by 9 tokens"})"),
            "context_length_exceeded");
}

// ---- Ollama

class AskingOllama : public NativeApi {
 protected:
  AskingOllama() { target.model = "qwen3:8b"; }
  OllamaProvider ollama;
};

TEST_F(AskingOllama, PassesWhatIsLikeOpenAi) {
  const auto call = ask(ollama, Operation::Chat, kChat);
  EXPECT_EQ(call.path, "/v1/chat/completions");
  EXPECT_EQ(Json::parse(text_of(call))["model"], "qwen3:8b");
  EXPECT_EQ(ollama.dialect(request, target), Dialect::Chat);
}

TEST_F(AskingOllama, TellsOthersInItsOwnWords) {
  for (const std::string_view base : {"", "/v1"}) {
    target.base_path = base;
    const auto call = ask(ollama, Operation::Messages, kMessages);
    EXPECT_EQ(call.path, "/api/chat");
    EXPECT_EQ(Json::parse(text_of(call))["options"]["num_predict"], 5);
    EXPECT_EQ(ollama.dialect(request, target), Dialect::Ollama);
  }
}

TEST_F(AskingOllama, SaysWhatARefusalMeans) {
  const ApiError missing =
      ollama.explain(404, "application/json", R"({"error":"model not found"})");
  EXPECT_EQ(missing.code, "not_found");
  EXPECT_EQ(missing.message, "model not found");
  const ApiError like_openai = ollama.explain(
      400, "application/json", R"({"error":{"message":"bad","type":"invalid_request_error"}})");
  EXPECT_EQ(like_openai.message, "bad");
}

}  // namespace
}  // namespace sluice::providers
