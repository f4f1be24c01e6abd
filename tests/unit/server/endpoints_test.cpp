#include "server/endpoints.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice::server {
namespace {

class Endpoints : public testing::Test {
 protected:
  Endpoint find(std::string_view target, std::string_view lines = {},
                std::string_view method = "POST") {
    text_ = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nhost: h\r\n" +
            std::string(lines) + "\r\n";
    net::http1::HeadError error;
    std::size_t scanned = 0;
    const auto state = net::http1::parse_request_head(text_, {}, head_, error, scanned);
    EXPECT_EQ(state, net::http1::HeadState::Complete) << target << ": " << error.message;
    return find_endpoint(head_, arena_);
  }
  bool missing(std::string_view target) { return find(target).kind == EndpointKind::Missing; }

  std::string text_;
  net::http1::RequestHead head_;
  Arena arena_;
};

TEST_F(Endpoints, AreFoundInAllTheirSpellings) {
  for (const std::string_view path :
       {"/v1/chat/completions", "/chat/completions", "/openai/v1/chat/completions",
        "/openai/chat/completions", "/v1/chat/completions?x=1"}) {
    const Endpoint endpoint = find(path);
    EXPECT_EQ(endpoint.kind, EndpointKind::Operation) << path;
    EXPECT_EQ(endpoint.operation, Operation::Chat);
    EXPECT_EQ(endpoint.family, Family::OpenAi);
    EXPECT_EQ(endpoint.path, "/chat/completions");
  }
}

TEST_F(Endpoints, CoverEveryOperation) {
  EXPECT_EQ(find("/v1/completions").operation, Operation::Completions);
  EXPECT_EQ(find("/v1/responses").operation, Operation::Responses);
  EXPECT_EQ(find("/v1/embeddings").operation, Operation::Embeddings);
  EXPECT_EQ(find("/v1/moderations").operation, Operation::Moderations);
  EXPECT_EQ(find("/v1/images/generations").operation, Operation::Images);
  EXPECT_EQ(find("/v1/images/edits").operation, Operation::ImageEdits);
  EXPECT_EQ(find("/v1/images/variations").operation, Operation::ImageVariations);
  EXPECT_EQ(find("/v1/audio/transcriptions").operation, Operation::Transcriptions);
  EXPECT_EQ(find("/v1/audio/translations").operation, Operation::Translations);
  EXPECT_EQ(find("/v1/audio/speech").operation, Operation::Speech);
  EXPECT_EQ(find("/v1/rerank").operation, Operation::Rerank);
  EXPECT_EQ(find("/v1/realtime?model=m", {}, "GET").operation, Operation::Realtime);
}

TEST_F(Endpoints, OfAnthropicAreItsFamilys) {
  for (const std::string_view path :
       {"/v1/messages", "/messages", "/anthropic/v1/messages?beta=true"}) {
    const Endpoint endpoint = find(path);
    EXPECT_EQ(endpoint.operation, Operation::Messages) << path;
    EXPECT_EQ(endpoint.family, Family::Anthropic);
  }
  EXPECT_EQ(find("/v1/messages/count_tokens").operation, Operation::CountTokens);
  EXPECT_TRUE(missing("/openai/v1/messages"));
}

TEST_F(Endpoints, OfGeminiNameTheModelAndTheVerb) {
  const Endpoint whole = find("/v1beta/models/gemini-2.5-flash:generateContent");
  EXPECT_EQ(whole.operation, Operation::GenerateContent);
  EXPECT_EQ(whole.family, Family::Gemini);
  EXPECT_EQ(whole.model, "gemini-2.5-flash");
  EXPECT_FALSE(whole.stream);

  const Endpoint events = find("/v1beta/models/a/b:c:streamGenerateContent?alt=sse");
  EXPECT_EQ(events.model, "a/b:c");
  EXPECT_TRUE(events.stream);
  EXPECT_FALSE(events.stream_array);
  EXPECT_TRUE(find("/gemini/v1beta/models/m:streamGenerateContent").stream_array);

  EXPECT_EQ(find("/v1/models/m:countTokens").operation, Operation::CountContent);
  EXPECT_EQ(find("/v1beta/models/m:embedContent").operation, Operation::EmbedContent);
  EXPECT_EQ(find("/v1beta/models/m:batchEmbedContents").operation, Operation::BatchEmbedContent);
  EXPECT_EQ(find("/v1beta/models", {}, "GET").kind, EndpointKind::Models);
  EXPECT_EQ(find("/v1beta/models/gemini-pro", {}, "GET").kind, EndpointKind::Model);
  EXPECT_TRUE(missing("/v1beta/models/:generateContent"));
  EXPECT_TRUE(missing("/v1beta/models/%2e%2e:generateContent"));
}

TEST_F(Endpoints, OfStoredResponsesGoOnAsTheyAre) {
  const Endpoint one = find("/v1/responses/resp_1?include=x", {}, "GET");
  EXPECT_EQ(one.operation, Operation::StoredResponse);
  EXPECT_EQ(one.rest, "/responses/resp_1?include=x");
  EXPECT_EQ(one.methods, "GET, DELETE");
  EXPECT_EQ(find("/v1/responses/resp_1/cancel").methods, "POST");
  EXPECT_EQ(find("/v1/responses/resp_1/input_items", {}, "GET").kind, EndpointKind::Operation);
  EXPECT_TRUE(missing("/v1/responses/resp_1/other"));
}

TEST_F(Endpoints, BelowAProviderAreReadWhereTheyAreKnown) {
  const Endpoint converse = find("/providers/bedrock/model/us.anthropic.claude-v1%3A0/converse");
  EXPECT_EQ(converse.operation, Operation::Converse);
  EXPECT_EQ(converse.provider, "bedrock");
  EXPECT_EQ(converse.model, "us.anthropic.claude-v1:0");
  EXPECT_TRUE(find("/providers/bedrock/model/m/converse-stream").stream);
  EXPECT_EQ(find("/providers/bedrock/model/m/invoke").operation, Operation::Raw);

  EXPECT_EQ(find("/providers/claude/v1/messages").operation, Operation::Messages);
  EXPECT_EQ(find("/providers/google/v1beta/models/m:generateContent").model, "m");
  EXPECT_EQ(find("/providers/google/v1beta/files").operation, Operation::Raw);
}

TEST_F(Endpoints, H34TricksWithPathsLeadNowhere) {
  for (const std::string_view path :
       {"//v1/chat/completions", "/v1//chat/completions", "/v1/./chat/completions",
        "/v1/../v1/chat/completions", "/v1/%2e%2e/chat/completions", "/v1/chat%2fcompletions",
        "/v1/%63hat/completions", "/v1/chat/completions/", "/v1/chat/completions;x",
        "/v1/chat/completions%00", "/V1/chat/completions", "/v1/chat/completionsx", "/v1",
        "/v1/v1/chat/completions", "/openai", "/openaiv1/chat/completions"}) {
    EXPECT_TRUE(missing(path)) << path;
  }
}

TEST_F(Endpoints, NameAModelThatIsDecodedOnceAndChecked) {
  EXPECT_EQ(find("/v1/models/gpt-4o").model, "gpt-4o");
  EXPECT_EQ(find("/v1/models/one%2Fsim").model, "one/sim");
  EXPECT_EQ(find("/v1/models/one/sim").model, "one/sim");
  for (const std::string_view path :
       {"/v1/models/", "/v1/models/a//b", "/v1/models/..", "/v1/models/a/../b", "/v1/models/%2e%2e",
        "/v1/models/%252e", "/v1/models/a%00", "/v1/models/a%0d%0a", "/v1/models/a%2",
        "/v1/models/a%", "/v1/models/a%zz", "/v1/models/a/", "/v1/models/a;b",
        "/v1/models/a%3Fb"}) {
    EXPECT_TRUE(missing(path)) << path;
  }
}

TEST_F(Endpoints, ReadAzuresDeploymentsAsModels) {
  const Endpoint endpoint =
      find("/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", "api-key: k\r\n");

  EXPECT_EQ(endpoint.operation, Operation::Chat);
  EXPECT_EQ(endpoint.model, "gpt-4o");
  EXPECT_TRUE(missing("/openai/deployments/gpt-4o"));
  EXPECT_TRUE(missing("/openai/deployments//chat/completions"));
  EXPECT_TRUE(missing("/openai/deployments/../chat/completions"));
  EXPECT_TRUE(missing("/openai/deployments/gpt-4o/models"));
}

TEST_F(Endpoints, TellTheFamilyByPrefixThenPathThenHeaders) {
  EXPECT_EQ(find("/anthropic/v1/models").family, Family::Anthropic);
  EXPECT_EQ(find("/gemini/v1/models", "anthropic-version: 2023-06-01\r\n").family, Family::Gemini);
  EXPECT_EQ(find("/v1beta/models").family, Family::Gemini);
  EXPECT_EQ(find("/v1/messages").family, Family::Anthropic);
  EXPECT_EQ(find("/v1/messages/count_tokens").family, Family::Anthropic);
  EXPECT_EQ(find("/v1/models", "anthropic-version: 2023-06-01\r\n").family, Family::Anthropic);
  EXPECT_EQ(find("/v1/models", "x-goog-api-key: k\r\n").family, Family::Gemini);
  EXPECT_EQ(find("/v1/models?key=k").family, Family::Gemini);
  EXPECT_EQ(find("/v1/models?a=b&key=k").family, Family::Gemini);
  EXPECT_EQ(find("/v1/models?monkey=k").family, Family::OpenAi);
  EXPECT_EQ(find("/nowhere", "anthropic-version: 2023-06-01\r\n").family, Family::Anthropic);
}

TEST_F(Endpoints, AreOpenAisByTheirPathWhateverTheHeadersSay) {
  for (const std::string_view lines :
       {"anthropic-version: 2023-06-01\r\n", "x-goog-api-key: k\r\n"}) {
    const Endpoint endpoint = find("/v1/chat/completions", lines);
    EXPECT_EQ(endpoint.kind, EndpointKind::Operation);
    EXPECT_EQ(endpoint.family, Family::OpenAi);
  }
}

TEST_F(Endpoints, BelowAProviderAreReadOrRaw) {
  const Endpoint known = find("/providers/one/v1/chat/completions?x=1");
  EXPECT_EQ(known.operation, Operation::Chat);
  EXPECT_EQ(known.provider, "one");

  const Endpoint raw = find("/providers/one/v1/files/f%2F1?purpose=x", {}, "DELETE");
  EXPECT_EQ(raw.operation, Operation::Raw);
  EXPECT_EQ(raw.rest, "/v1/files/f%2F1?purpose=x");
  EXPECT_TRUE(allows(raw, "DELETE"));
  EXPECT_FALSE(allows(raw, "OPTIONS"));
  EXPECT_EQ(raw.path, "/providers");
}

TEST_F(Endpoints, BelowAProviderNeverClimbOut) {
  for (const std::string_view path :
       {"/providers/one", "/providers/", "/providers//x", "/providers/one/../x",
        "/providers/one/a/..", "/providers/one/%2e%2E/x", "/providers/one/.%2e/x",
        "/providers/one/..%2fx", "/providers/one/a/%2e", "/providers/one/..;/x",
        "/providers/one/..%5cx", "/providers/o%20ne/x"}) {
    EXPECT_TRUE(missing(path)) << path;
  }
  EXPECT_EQ(find("/providers/one/a..b/...x/.y").operation, Operation::Raw);
}

TEST_F(Endpoints, AnswerOnlyTheirMethods) {
  const Endpoint chat = find("/v1/chat/completions");
  EXPECT_TRUE(allows(chat, "POST"));
  for (const std::string_view method : {"GET", "PO", "POST,", "", ", "}) {
    EXPECT_FALSE(allows(chat, method)) << method;
  }
  const Endpoint models = find("/v1/models");
  EXPECT_TRUE(allows(models, "GET"));
  EXPECT_TRUE(allows(models, "HEAD"));
  EXPECT_FALSE(allows(models, "GET, HEAD"));
}

TEST_F(Endpoints, SayThatWeAreThere) {
  EXPECT_EQ(find("/", {}, "GET").kind, EndpointKind::Home);
  EXPECT_EQ(find("/livez", {}, "GET").kind, EndpointKind::Live);
  EXPECT_EQ(find("/healthz", {}, "GET").kind, EndpointKind::Live);
  EXPECT_EQ(find("/readyz", {}, "GET").kind, EndpointKind::Ready);
  EXPECT_TRUE(missing("/livez/"));
}

TEST_F(Endpoints, AreAllListed) {
  for (const ListedEndpoint& listed : listed_endpoints()) {
    if (listed.path.find_first_of("{ ") != std::string_view::npos) continue;
    EXPECT_FALSE(missing(listed.path)) << listed.path;
  }
}

}  // namespace
}  // namespace sluice::server
