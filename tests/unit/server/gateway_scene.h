// Requests through the whole gateway: a caller's socket on one side, a scripted provider on the
// other.
#pragma once

#include "providers/credentials/api_key.h"
#include "providers/openai/provider.h"
#include "routing/key_pool.h"
#include "server/gateway.h"
#include "telemetry/access_log.h"
#include "unit/config/loading.h"
#include "unit/net/http_support.h"
#include "unit/routing/fixed_dice.h"
#include "unit/telemetry/access_samples.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::server {

inline constexpr std::string_view kText =
    "data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n";
inline constexpr std::string_view kEnd =
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

class Gateways : public testing::Test {
 protected:
  Gateways() {
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
  ~Gateways() override { loop_.abandon_all(); }

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

  // The next line of the access log, or nothing.
  std::string said() { return telemetry::take_line(ring_); }

  std::shared_ptr<SaidUpstream> one_ = std::make_shared<SaidUpstream>();
  std::shared_ptr<SaidUpstream> two_ = std::make_shared<SaidUpstream>();
  std::shared_ptr<const config::Snapshot> snapshot_;
  routing::FixedDice dice_;
  metrics::MetricsRegistry registry_;
  metrics::ThreadMetrics& counters_ = registry_.add_thread();
  // Nobody but the test takes from it.
  telemetry::AccessRing ring_{std::size_t{64} * 1024,
                              counters_.cell(metrics::Family::LogLinesDropped)};
  SharedState shared_;
  net::Loop loop_;
  routing::CommonKnowledge common_{loop_};
  Gateway gateway_{shared_, Meters::of(registry_, counters_, ring_), dice_};
  net::HttpServer server_{loop_, gateway_, shared_.connections};
};

}  // namespace sluice::server
