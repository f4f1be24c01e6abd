// What callers are answered.
#include "unit/server/gateway_scene.h"

#include <gmock/gmock.h>

namespace sluice::server {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

TEST_F(Gateways, AnswerAChat) {
  const std::string answer = answer_to(chat(R"({"model":"m"})", "x-request-id: my-1\r\n"));

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"));
  EXPECT_THAT(answer, HasSubstr("x-request-id: my-1\r\n"));
  EXPECT_THAT(answer, HasSubstr("x-sluice-provider: one\r\n"));
  EXPECT_THAT(answer, HasSubstr("x-sluice-model: real\r\n"));
  EXPECT_THAT(answer, HasSubstr("openai-version: 2020-10-01\r\n"));
  EXPECT_THAT(answer, EndsWith("{}"));
  EXPECT_THAT(one_->asked,
              ElementsAre(R"(/chat/completions content-type=application/json {"model":"real"})"));
  EXPECT_EQ(shared_.in_flight, 0U);
}

TEST_F(Gateways, TellStrangersNothing) {
  for (const std::string_view path : {"/v1/chat/completions", "/v1/models", "/v1/images/edits"}) {
    net::Peer peer = connect();
    const std::string method = path == "/v1/models" ? "GET " : "POST ";
    peer.send(method + std::string(path) + " HTTP/1.1\r\nhost: h\r\n\r\n");
    EXPECT_THAT(peer.receive_answer(), StartsWith("HTTP/1.1 401 ")) << path;
  }
  EXPECT_THAT(one_->asked, IsEmpty());
}

TEST_F(Gateways, SayWhatAPathAnswers) {
  const std::string answer = answer_to("GET /v1/chat/completions HTTP/1.1\r\nhost: h\r\n\r\n");

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(answer, HasSubstr("allow: POST\r\n"));
  EXPECT_THAT(answer_to("GET /nowhere HTTP/1.1\r\nhost: h\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(Gateways, StreamWithoutTheUsageThatNobodyAskedFor) {
  one_->says = {
      .type = "text/event-stream",
      .pieces = {std::string(kText), "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n",
                 std::string(kEnd)}};
  net::Peer peer = connect();

  peer.send(chat(R"({"model":"m","stream":true})", "connection: close\r\n"));
  const std::string answer = peer.receive_all();

  EXPECT_THAT(answer, HasSubstr("content-type: text/event-stream\r\n"));
  EXPECT_THAT(answer, HasSubstr("\"hi\""));
  EXPECT_THAT(answer, HasSubstr("[DONE]"));
  EXPECT_THAT(answer, EndsWith("0\r\n\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("prompt_tokens")));
  EXPECT_THAT(one_->asked.at(0), HasSubstr("include_usage"));
}

TEST_F(Gateways, TellADeadlineBeforeTheAnswerByItsStatus) {
  one_->says = {.type = "application/json", .pieces = {"{"}, .ends = false};

  const std::string answer = answer_to(chat(R"({"model":"m"})", "x-sluice-timeout: 40ms\r\n"));

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 504 "));
  EXPECT_THAT(answer, HasSubstr("upstream_timeout"));
}

TEST_F(Gateways, TellADeadlineWithinAStreamByAnErrorEvent) {
  one_->says = {.type = "text/event-stream", .pieces = {std::string(kText)}, .ends = false};
  net::Peer peer = connect();

  peer.send(chat(R"({"model":"m","stream":true})", "x-sluice-timeout: 40ms\r\n"));
  const std::string answer = peer.receive_all();

  EXPECT_THAT(answer, HasSubstr("data: {\"error\":{"));
  EXPECT_THAT(answer, HasSubstr("upstream_timeout"));
  EXPECT_THAT(answer, EndsWith("\r\n0\r\n\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("[DONE]")));
  EXPECT_THAT(answer, Not(HasSubstr("ping")));
}

TEST_F(Gateways, CutBytesThatMissTheirDeadlineAndMixNothingIntoThem) {
  one_->says = {.type = "audio/mpeg", .pieces = {"sound"}, .ends = false};
  net::Peer peer = connect();

  peer.send(request("/v1/audio/speech", R"({"model":"m"})", "x-sluice-timeout: 40ms\r\n"));

  EXPECT_THAT(peer.receive_all(), EndsWith("\r\n\r\n5\r\nsound\r\n"));
}

TEST_F(Gateways, LeaveTheProviderToTheNameThatWasAskedFor) {
  answer_to(chat(R"({"model":"m"})", "x-sluice-provider: two\r\n"));
  EXPECT_THAT(one_->asked, testing::SizeIs(1));
  EXPECT_THAT(two_->asked, IsEmpty());

  answer_to(request("/v1/images/generations", R"({"prompt":"x"})", "x-sluice-provider: two\r\n"));
  EXPECT_THAT(two_->asked, testing::SizeIs(1));
}

TEST_F(Gateways, SendTheModelThatThePathNames) {
  answer_to(request("/openai/deployments/m/chat/completions", R"({"model":"dear","n":1})"));

  EXPECT_THAT(one_->asked.at(0), EndsWith(R"({"model":"real","n":1})"));
}

TEST_F(Gateways, PassARawPathOnWithoutTheKey) {
  answer_to(request("/providers/two/files/f1?purpose=a&key=sk-dev-0000000000000000&x=1", "{}"));

  EXPECT_THAT(two_->asked.at(0), StartsWith("/files/f1?purpose=a&x=1"));
  EXPECT_THAT(two_->asked.at(0), Not(HasSubstr("sk-dev")));
}

TEST_F(Gateways, ForgetARequestWhoseCallerLeft) {
  one_->says = {.type = "text/event-stream", .pieces = {std::string(kText)}, .ends = false};
  net::Peer peer = connect();
  peer.send(chat(R"({"model":"m","stream":true})"));
  peer.receive_until("\"hi\"");

  peer.close();
  net::turn_until(loop_, [&] { return shared_.connections == 0; });

  EXPECT_EQ(shared_.in_flight, 0U);
}

TEST_F(Gateways, TellForWhomACallerAsked) {
  answer_to(chat(R"({"model":"m","user":"body"})", "x-sluice-user: header\r\n"));

  EXPECT_THAT(said(), HasSubstr(R"("user":"header")"));
}

TEST_F(Gateways, RefuseTagsThatTheyCannotRead) {
  const std::string answer = answer_to(chat(R"({"model":"m"})", "x-sluice-tags: no value\r\n"));

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer, HasSubstr("x-sluice-tags"));
  EXPECT_THAT(one_->asked, IsEmpty());
}

TEST_F(Gateways, WaitForAWholeAnswerAsLongAsItsCallersSdk) {
  one_->says = {.type = "application/json", .pieces = {"{"}, .ends = false};

  const std::string answer = answer_to(chat(R"({"model":"m"})", "x-stainless-timeout: 0.04\r\n"));

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 504 "));
}

TEST_F(Gateways, WaitNoLongerForABodyThanForItsAnswer) {
  net::Peer peer = connect();
  peer.send(
      "POST /v1/chat/completions HTTP/1.1\r\nhost: h\r\n"
      "authorization: Bearer sk-dev-0000000000000000\r\n"
      "x-sluice-timeout: 40ms\r\ncontent-length: 9\r\n\r\n{");

  EXPECT_THAT(peer.receive_answer(), StartsWith("HTTP/1.1 504 "));
}

TEST_F(Gateways, EndWithStreamsUnderWay) {
  one_->says = {.type = "text/event-stream", .pieces = {std::string(kText)}, .ends = false};
  net::Peer peer = connect();
  peer.send(chat(R"({"model":"m","stream":true})"));
  peer.receive_until("\"hi\"");

  loop_.abandon_all();

  EXPECT_EQ(shared_.in_flight, 0U);
  EXPECT_EQ(shared_.connections, 0U);
}

TEST_F(Gateways, TellStreamsThatTheServerEnds) {
  one_->says = {.type = "text/event-stream", .pieces = {std::string(kText)}, .ends = false};
  net::Peer peer = connect();
  peer.send(chat(R"({"model":"m","stream":true})"));
  peer.receive_until("\"hi\"");

  server_.drain();
  server_.interrupt();

  EXPECT_THAT(peer.receive_all(), HasSubstr("draining"));
}

TEST_F(Gateways, RefuseMoreThanTheyMayHaveInFlight) {
  shared_.in_flight = snapshot_->config().server.limits.requests_in_flight;

  const std::string answer = answer_to(chat(R"({"model":"m"})"));

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr("retry-after: 1\r\n"));
  EXPECT_EQ(shared_.in_flight, snapshot_->config().server.limits.requests_in_flight);
}

TEST_F(Gateways, AnswerHealthAndModels) {
  EXPECT_THAT(answer_to("GET /readyz HTTP/1.1\r\nhost: h\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  shared_.draining = true;
  EXPECT_THAT(answer_to("GET /readyz HTTP/1.1\r\nhost: h\r\n\r\n"), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer_to("GET /livez HTTP/1.1\r\nhost: h\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer_to("GET /v1/models HTTP/1.1\r\nhost: h\r\n"
                        "authorization: Bearer sk-dev-0000000000000000\r\n\r\n"),
              HasSubstr("\"id\":\"m\""));
}

}  // namespace
}  // namespace sluice::server
