// Embeddings of more texts than a provider takes at once, and where each is asked.
#include "dialect/caller_request.h"
#include "dialect/translate.h"
#include "providers/gemini/provider.h"
#include "providers/ollama/provider.h"
#include "providers/openai/provider.h"
#include "providers/vertex/provider.h"
#include "support/fake_clock.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace sluice::providers {
namespace {

using Json = nlohmann::json;

class AskingForManyVectors : public testing::Test {
 protected:
  AskingForManyVectors() : context_(arena_, draft_, clock_) {
    target.kind = &kind;
    target.base_path = "/v1";
  }

  void caller_asks(Operation operation, std::string_view body) {
    request.operation = operation;
    request.content_type = "application/json";
    body_ = body;
    json::Reader reader;
    ASSERT_TRUE(dialect::read_caller_request(body_, {}, reader, arena_, request));
  }
  Json encoded(const Provider& provider) {
    const auto call = provider.encode(context_, request, target);
    if (!call) {
      ADD_FAILURE() << call.error()->message;
      return nullptr;
    }
    path = call->path;
    return Json::parse(text_of(*call));
  }
  // All calls of a plan, answered so; then the whole answer.
  Json follow(Plan& plan, const std::vector<std::string>& answers) {
    calls.clear();
    std::string_view last;
    for (std::size_t i = 0;; ++i) {
      auto step = plan.next(context_, last);
      if (!step) {
        failure = step.error()->code;
        return nullptr;
      }
      if (!step->call) return Json::parse(step->body);
      calls.push_back(Json::parse(text_of(*step->call)));
      last = answers.at(i);
    }
  }
  static std::string text_of(const UpstreamRequest& call) {
    std::string text;
    for (const std::string_view piece : call.pieces) text += piece;
    return text;
  }

  Arena arena_;
  Arena draft_;
  FakeClock clock_;
  Context context_;
  std::string body_;
  ProviderKind kind;
  Request request;
  Target target;
  std::string path;
  std::vector<Json> calls;
  std::string failure;
};

TEST_F(AskingForManyVectors, CutsThemForGemini) {
  const GeminiProvider gemini;
  kind.quirks.most_embeddings = 2;
  target.model = "gemini-embedding-001";
  caller_asks(Operation::Embeddings, R"({"model":"x","input":["a","b","c"]})");
  const auto plan = gemini.plan(context_, request, target);
  ASSERT_TRUE(plan);

  const Json whole =
      follow(*plan, {R"({"embeddings":[{"values":[1]},{"values":[2]}],
                        "usageMetadata":{"promptTokenCount":5}})",
                     R"({"embeddings":[{"values":[3]}],"usageMetadata":{"promptTokenCount":2}})"});

  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0]["requests"].size(), 2U);
  EXPECT_EQ(calls[1]["requests"][0]["content"]["parts"][0]["text"], "c");
  EXPECT_EQ(whole["data"][2], Json::parse(R"({"object":"embedding","index":2,"embedding":[3]})"));
  EXPECT_EQ(whole["usage"]["total_tokens"], 7);
}

TEST_F(AskingForManyVectors, MakesOneCallWhereItIsEnough) {
  const GeminiProvider gemini;
  kind.quirks.most_embeddings = 2;
  caller_asks(Operation::Embeddings, R"({"model":"x","input":["a","b"]})");

  EXPECT_FALSE(gemini.plan(context_, request, target));
}

TEST_F(AskingForManyVectors, FailsWhenAProviderLeavesOneOut) {
  const GeminiProvider gemini;
  kind.quirks.most_embeddings = 2;
  caller_asks(Operation::Embeddings, R"({"model":"x","input":["a","b","c"]})");
  const auto plan = gemini.plan(context_, request, target);
  ASSERT_TRUE(plan);

  EXPECT_TRUE(follow(*plan, {R"({"embeddings":[{"values":[1]}]})"}).is_null());
  EXPECT_EQ(failure, "upstream_bad_response");
}

TEST_F(AskingForManyVectors, AsksVertexForItsNewestOnesOneByOne) {
  const VertexProvider vertex("p", "global");
  target.model = "gemini-embedding-2";
  caller_asks(Operation::BatchEmbedContent,
              R"({"requests":[{"content":{"parts":[{"text":"a"}]}}]})");
  EXPECT_EQ(encoded(vertex), Json::parse(R"({"content":{"parts":[{"text":"a"}]}})"));
  EXPECT_EQ(path,
            "/v1/projects/p/locations/global/publishers/google/models/"
            "gemini-embedding-2:embedContent");
  const auto plan = vertex.plan(context_, request, target);
  ASSERT_TRUE(plan);

  EXPECT_EQ(follow(*plan, {R"({"embedding":{"values":[1]}})"}),
            Json::parse(R"({"embeddings":[{"values":[1]}]})"));
}

TEST_F(AskingForManyVectors, PassesASingleOneToVertexAsItCame) {
  const VertexProvider vertex("p", "global");
  target.model = "gemini-embedding-2";
  caller_asks(Operation::EmbedContent, R"({ "content" : {"parts":[{"text":"a"}]}, "new": 1.50 })");

  const auto call = vertex.encode(context_, request, target);

  ASSERT_TRUE(call);
  EXPECT_EQ(text_of(*call), body_);
  EXPECT_FALSE(vertex.plan(context_, request, target));
}

TEST_F(AskingForManyVectors, PredictsThemByVertexsOlderModels) {
  const VertexProvider vertex("p", "us-central1");
  target.model = "text-embedding-005";
  caller_asks(Operation::EmbedContent,
              R"({"content":{"parts":[{"text":"a"}]},"outputDimensionality":64})");

  EXPECT_EQ(vertex.dialect(request, target), Dialect::Predict);
  EXPECT_EQ(encoded(vertex), Json::parse(R"({"instances":[{"content":"a"}],
                                            "parameters":{"outputDimensionality":64}})"));
  EXPECT_TRUE(path.ends_with("text-embedding-005:predict")) << path;
}

TEST_F(AskingForManyVectors, SpeaksToVoyageAndJinaInTheirWords) {
  const OpenAiProvider openai;
  caller_asks(Operation::Embeddings, R"({"model":"x","input":["a"],"dimensions":512})");
  EXPECT_EQ(openai.dialect(request, target), Dialect::OpenAi);
  kind.type = "jina";
  EXPECT_EQ(openai.dialect(request, target), Dialect::Jina);
  kind.api = Api::Voyage;
  target.model = "voyage-3.5";
  EXPECT_EQ(encoded(openai),
            Json::parse(R"({"model":"voyage-3.5","input":["a"],"output_dimension":512})"));
  EXPECT_EQ(path, "/v1/embeddings");
}

TEST_F(AskingForManyVectors, CutsABatchOfGeminisForOpenAi) {
  const OpenAiProvider openai;
  kind.quirks.most_embeddings = 1;
  target.model = "text-embedding-3-small";
  caller_asks(Operation::BatchEmbedContent,
              R"({"requests":[{"content":{"parts":[{"text":"a"}]}},
                              {"content":{"parts":[{"text":"b"}]}}]})");
  const auto plan = openai.plan(context_, request, target);
  ASSERT_TRUE(plan);

  const Json whole =
      follow(*plan, {R"({"data":[{"index":0,"embedding":[1]}],"usage":{"total_tokens":1}})",
                     R"({"data":[{"index":0,"embedding":[2]}],"usage":{"total_tokens":1}})"});

  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[1]["input"], Json::parse(R"(["b"])"));
  EXPECT_EQ(whole["data"][1]["index"], 1);
  EXPECT_EQ(whole["usage"]["total_tokens"], 2);
}

TEST_F(AskingForManyVectors, AsksOllamaAsItsCallerAsks) {
  const OllamaProvider ollama;
  target.model = "all-minilm";
  target.base_path = "";
  caller_asks(Operation::Embeddings, R"({"model":"x","input":"a"})");
  EXPECT_EQ(encoded(ollama), Json::parse(R"({"model":"all-minilm","input":"a"})"));
  EXPECT_EQ(path, "/v1/embeddings");

  caller_asks(Operation::EmbedContent, R"({"content":{"parts":[{"text":"a"}]}})");
  EXPECT_EQ(encoded(ollama), Json::parse(R"({"model":"all-minilm","input":["a"]})"));
  EXPECT_EQ(path, "/api/embed");
}

TEST_F(AskingForManyVectors, FindsRankingsBesideWhatIsLikeOpenAi) {
  const OpenAiProvider openai;
  kind.api = Api::HuggingFaceTgi;
  caller_asks(Operation::Rerank, R"({"model":"x","query":"q","documents":["a"]})");

  EXPECT_EQ(encoded(openai), Json::parse(R"({"query":"q","texts":["a"]})"));
  EXPECT_EQ(path, "/rerank");
}

}  // namespace
}  // namespace sluice::providers
