// Requests through the whole gateway: a caller's socket on one side, a scripted provider on the
// other.
#include "server/gateway.h"

#include "providers/credentials/api_key.h"
#include "providers/openai/provider.h"
#include "routing/key_pool.h"
#include "telemetry/access_log.h"
#include "unit/config/loading.h"
#include "unit/net/http_support.h"

#include <gmock/gmock.h>

#include <vector>

namespace sluice::server {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kText = "data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n";
constexpr std::string_view kEnd =
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

struct Said {
  std::string type = "application/json";
  std::vector<std::string> pieces = {"{}"};
  bool ends = true;                     // Otherwise nothing more comes, and no end.
  std::size_t waits_before = SIZE_MAX;  // This piece comes when the test says so.
  bool drains = false;
};

// What the test and the replies tell each other.
struct Course {
  bool goes_on = false;
  int cut_short = 0;
};

// Its head and pieces live in the draft, as those of a provider on a socket do.
class SaidReply final : public UpstreamReply {
 public:
  SaidReply(Context& context, Said said, Course& course)
      : clock_(context.clock), said_(std::move(said)), course_(course) {
    head_.status = 200;
    head_.content_type = context.draft.keep(said_.type);
    if (said_.type == "text/event-stream") head_.framing = Framing::Sse;
    head_.fields = context.draft.array_of(
        Field{context.draft.keep("openai-version"), context.draft.keep("2020-10-01")});
  }

  ~SaidReply() override { course_.cut_short += at_ < said_.pieces.size(); }

  const UpstreamHead& head() const override { return head_; }
  std::string_view pending() const override { return pending_; }
  void consume(std::size_t bytes) override { pending_.erase(0, bytes); }
  bool complete() const override { return said_.ends && at_ == said_.pieces.size(); }
  Task<Result<bool>> more(Instant patience) override {
    while (at_ == said_.waits_before && !course_.goes_on)
      co_await clock_.sleep_until(clock_.now() + std::chrono::milliseconds(1));
    if (at_ < said_.pieces.size()) {
      pending_ += said_.pieces[at_++];
      co_return true;
    }
    if (said_.ends) co_return false;
    co_await clock_.sleep_until(patience);
    co_return fail(ApiError{.kind = ErrorKind::DeadlineExceeded, .code = "upstream_timeout"});
  }

 private:
  Clock& clock_;
  Said said_;
  Course& course_;
  UpstreamHead head_;
  std::size_t at_ = 0;
  std::string pending_;
};

class SaidUpstream final : public Upstream {
 public:
  Task<Result<ArenaPtr<UpstreamReply>>> send(Context& context, const UpstreamRequest& request,
                                             Attempt& attempt) override {
    std::string text(request.path);
    for (const Field& field : request.fields.all()) {
      text += " " + std::string(field.name) + "=" + std::string(field.value);
    }
    text += ' ';
    for (const std::string_view piece : request.pieces) text += piece;
    asked.push_back(text);
    attempt.sent = context.clock.now();
    attempt.drains = says.drains;
    co_return ArenaPtr<UpstreamReply>(context.arena.make<SaidReply>(context, says, course));
  }

  Said says;
  Course course;
  std::vector<std::string> asked;
};

class FixedDice final : public Random {
 public:
  std::uint64_t next() override { return 7; }
};

class Gateways : public testing::Test {
 protected:
  Gateways() {
    EXPECT_TRUE(sink_.open("file:/dev/null"));
    snapshot_ = config::snapshot_of(R"(
providers:
  one: { type: openai, base_url: "https://one.example/v1", keys: [sk-provider-000000000000] }
  two: { type: openai, base_url: "https://two.example/v1", keys: [sk-provider-000000000000] }
models: { m: one/real }
auth: { keys: [{ name: dev, secret: sk-dev-0000000000000000, may: [chat, images, audio, raw] }] }
)");
    gateway_.begin(std::make_shared<Epoch>(snapshot_, destinations(), common_, dice_, &loop_));
    server_.configure(std::make_shared<const net::HttpServerSettings>());
  }
  ~Gateways() override {
    loop_.abandon_all();
    log_.stop(telemetry::AccessLog::kPatience);
  }

  std::vector<routing::Destination> destinations() {
    std::vector<routing::Destination> all(2);
    all[0].name = "one";
    all[0].upstream = one_;
    all[1].name = "two";
    all[1].upstream = two_;
    for (routing::Destination& each : all) {
      each.provider = std::make_shared<providers::OpenAiProvider>();
      each.credential = std::make_shared<providers::NoKey>();
      each.credentials = {each.credential};
      each.keys = std::make_shared<routing::KeyPool>(each.name, routing::KeyBlame::All);
      each.state = common_.fleet.get_or_make(each.name + "/*", {}, std::nullopt);
      each.memory = std::make_shared<routing::ProviderMemory>();
      each.first_token = each.between_tokens = each.total = std::chrono::seconds(60);
    }
    return all;
  }

  net::Peer connect() {
    const auto fds = net::socket_pair();
    server_.serve(net::make_tcp_transport(loop_, fds[0]), net::SocketAddress());
    return {loop_, fds[1]};
  }
  static std::string request(std::string_view path, std::string_view body,
                             std::string_view lines = {}) {
    return "POST " + std::string(path) +
           " HTTP/1.1\r\nhost: h\r\nauthorization: Bearer sk-dev-0000000000000000\r\n"
           "content-length: " +
           std::to_string(body.size()) + "\r\n" + std::string(lines) + "\r\n" + std::string(body);
  }
  static std::string chat(std::string_view body, std::string_view lines = {}) {
    return request("/v1/chat/completions", body, lines);
  }
  // The whole answer to a request on a connection of its own.
  std::string answer_to(const std::string& text) {
    net::Peer peer = connect();
    peer.send(text);
    return peer.receive_answer();
  }

  std::shared_ptr<SaidUpstream> one_ = std::make_shared<SaidUpstream>();
  std::shared_ptr<SaidUpstream> two_ = std::make_shared<SaidUpstream>();
  std::shared_ptr<const config::Snapshot> snapshot_;
  FixedDice dice_;
  metrics::MetricsRegistry registry_;
  metrics::ThreadMetrics& counters_ = registry_.add_thread();
  log::Sink sink_;
  telemetry::AccessLog log_{sink_, registry_};
  telemetry::AccessRing& ring_ = log_.open_ring(counters_);
  SharedState shared_;
  net::Loop loop_;
  routing::CommonKnowledge common_{loop_};
  Gateway gateway_{shared_, Meters::of(registry_, counters_, ring_), dice_};
  net::HttpServer server_{loop_, gateway_, shared_.connections};
};

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

// What becomes of the provider's call when the caller leaves.
class LeftGateways : public Gateways {
 protected:
  static Said stream() {
    return {.type = "text/event-stream",
            .pieces = {std::string(kText),
                       "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":30,"
                       "\"completion_tokens\":12}}\n\n" +
                           std::string(kEnd)},
            .waits_before = 1};
  }
  static Said whole() {
    return {.pieces = {"{", R"("usage":{"prompt_tokens":30,"completion_tokens":12}})"},
            .waits_before = 1};
  }
  // A caller that leaves when it has its first words,
  void leave_a_stream(std::string_view lines = {}) {
    net::Peer peer = connect();
    peer.send(chat(R"({"model":"m","stream":true,"text":"thirty-two bytes"})", lines));
    peer.receive_until("\"hi\"");
  }
  // or before anything came.
  void leave_early() {
    net::Peer peer = connect();
    peer.send(chat(R"({"model":"m","text":"some more for tokens"})"));
    net::turn_until(loop_, [&] { return !one_->asked.empty(); });
  }
  void turn_until_over() {
    net::turn_until(loop_, [&] { return shared_.connections == 0; });
    EXPECT_EQ(shared_.drains, 0U);
    EXPECT_EQ(shared_.in_flight, 0U);
    EXPECT_TRUE(ring_.front(said_));
    ring_.pop();
    telemetry::UnpackedAccess second;
    EXPECT_FALSE(ring_.front(second)) << "it is told once";
  }
  void turn_until_drained() {
    net::turn_until(loop_, [&] { return shared_.drains == 1; });
    one_->course.goes_on = true;
    turn_until_over();
  }

  telemetry::UnpackedAccess said_;
  const telemetry::AccessRecord& record_ = said_.record;
};

TEST_F(LeftGateways, CancelAStreamAndEstimateWhatCameOfIt) {
  one_->says = stream();

  leave_a_stream();
  turn_until_over();

  EXPECT_EQ(one_->course.cut_short, 1);
  EXPECT_EQ(record_.status, 499);
  EXPECT_EQ(record_.accounting, telemetry::Accounting::Estimated);
  EXPECT_EQ(record_.input_tokens, 13);
}

TEST_F(LeftGateways, ReadAStreamToItsEndThatIsBilledAnyway) {
  one_->says = stream();
  one_->says.drains = true;

  leave_a_stream();
  turn_until_drained();

  EXPECT_EQ(one_->course.cut_short, 0);
  EXPECT_EQ(record_.status, 499);
  EXPECT_EQ(record_.accounting, telemetry::Accounting::Exact);
  EXPECT_EQ(record_.input_tokens, 30);
  EXPECT_EQ(record_.output_tokens, 12);
}

TEST_F(LeftGateways, CancelAnAnswerThatHasNotComeYet) {
  one_->says = whole();

  leave_early();
  turn_until_over();

  EXPECT_EQ(one_->course.cut_short, 1);
  EXPECT_EQ(record_.status, 499);
  EXPECT_EQ(record_.accounting, telemetry::Accounting::Estimated);
  EXPECT_EQ(record_.output_tokens, 0);
}

TEST_F(LeftGateways, AwaitAnAnswerThatIsBilledAnyway) {
  one_->says = whole();
  one_->says.drains = true;

  leave_early();
  turn_until_drained();

  EXPECT_EQ(one_->course.cut_short, 0);
  EXPECT_EQ(record_.status, 499);
  EXPECT_EQ(record_.accounting, telemetry::Accounting::Exact);
  EXPECT_EQ(record_.output_tokens, 12);
}

TEST_F(LeftGateways, DrainNoMoreThanTheyMayAtOnce) {
  one_->says = stream();
  one_->says.drains = true;
  shared_.drains = 256;

  leave_a_stream();
  net::turn_until(loop_, [&] { return shared_.connections == 0; });

  EXPECT_EQ(one_->course.cut_short, 1);
  EXPECT_EQ(shared_.drains, 256U);
}

TEST_F(LeftGateways, DrainNoLongerThanTheDeadline) {
  one_->says = stream();
  one_->says.drains = true;

  leave_a_stream("x-sluice-timeout: 60ms\r\n");
  turn_until_over();

  EXPECT_EQ(one_->course.cut_short, 1);
  EXPECT_EQ(record_.status, 499);
  EXPECT_EQ(record_.accounting, telemetry::Accounting::Estimated);
}

TEST_F(LeftGateways, DrainNoLongerThanTheyServe) {
  one_->says = stream();
  one_->says.drains = true;

  leave_a_stream();
  net::turn_until(loop_, [&] { return shared_.drains == 1; });
  server_.interrupt();
  turn_until_over();

  EXPECT_EQ(record_.status, 499);
  EXPECT_EQ(record_.error, "");
}

TEST_F(LeftGateways, EndWithDrainsUnderWay) {
  one_->says = stream();
  one_->says.drains = true;
  leave_a_stream();
  net::turn_until(loop_, [&] { return shared_.drains == 1; });

  loop_.abandon_all();

  EXPECT_EQ(shared_.drains, 0U);
  EXPECT_EQ(one_->course.cut_short, 1);
}

TEST_F(Gateways, TellForWhomACallerAsked) {
  answer_to(chat(R"({"model":"m","user":"body"})", "x-sluice-user: header\r\n"));

  telemetry::UnpackedAccess said;
  ASSERT_TRUE(ring_.front(said));
  EXPECT_EQ(said.record.user, "header");
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
