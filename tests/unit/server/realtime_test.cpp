#include "server/realtime.h"

#include "net/http_connection.h"
#include "net/websocket.h"
#include "net/websocket_upstream.h"
#include "providers/openai/provider.h"
#include "unit/net/upstream_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <string>

namespace sluice::server {
namespace {

using net::turn;
using net::websocket::Sender;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

class OurKey final : public Credential {
 public:
  Task<Result<void>> sign(Context&, UpstreamRequest& request) const override {
    request.fields.add("authorization", "Bearer ours");
    co_return Result<void>();
  }
};

// The gateway's part: hands every request over to a session.
class Door final : public net::HttpHandler, private HeadFields {
 public:
  Door(const std::vector<routing::Destination>& destinations, const RealtimeLimits& limits)
      : destinations_(destinations), limits_(limits) {}

  Task<void> handle(net::HttpExchange& exchange) override {
    co_await exchange.interruptible(answer(exchange));
    ++over;
  }
  std::string refusal(const net::http1::HeadError&) override { return "{}"; }

  int over = 0;
  Attempt attempt;  // The last one, of so many.
  std::uint32_t tries = 0;
  std::string error;

 private:
  Task<void> answer(net::HttpExchange& exchange) {
    Context context(exchange.arena(), exchange.draft(), exchange.loop());
    context.deadline = exchange.loop().now() + std::chrono::seconds(20);
    exchange.finish_by(context.deadline);
    Request request;
    request.operation = Operation::Realtime;
    auto done = co_await converse(exchange, context, request);
    tries = context.account.tries();
    attempt = tries > 0 ? *context.account.last() : Attempt();
    if (done) co_return;
    error = done.error()->message + " " + done.error()->detail;
    co_await exchange.respond({.status = 400, .content_type = "application/json"}, "{}");
  }
  Task<Result<void>> converse(net::HttpExchange& exchange, Context& context, Request& request) {
    CO_TRY(const RealtimeOpening opening, read_realtime_opening(exchange, request));
    asked_model = request.model;
    request.candidates = candidates_;
    RealtimeCaller caller(exchange, opening, destinations_, *this, reader_, limits_);
    CO_TRY(const Reply reply, co_await caller.call(context, request));
    EXPECT_EQ(reply.head.status, 101);
    co_return Result<void>();
  }
  std::span<const Field> fields() override { return fields_; }

  const std::vector<routing::Destination>& destinations_;
  const RealtimeLimits limits_;
  json::Reader reader_;
  std::array<Candidate, 1> candidates_{Candidate{.provider = 0, .model = "gpt/realtime"}};
  std::array<Field, 1> fields_{Field{"x-request-id", "req_1"}};

 public:
  std::string asked_model;
};

std::string frame(int first, std::string_view payload, bool masked) {
  std::string text(1, static_cast<char>(first));
  const int mask = masked ? 0x80 : 0;
  if (payload.size() < 126) {
    text += static_cast<char>(mask | static_cast<int>(payload.size()));
  } else if (payload.size() < 65536) {
    text += static_cast<char>(mask | 126);
    text += static_cast<char>(payload.size() >> 8);
    text += static_cast<char>(payload.size() & 0xff);
  } else {
    text += static_cast<char>(mask | 127);
    for (int shift = 56; shift >= 0; shift -= 8) text += static_cast<char>(payload.size() >> shift);
  }
  return text + (masked ? "mask" : "") + std::string(payload);
}
std::string from_caller(std::string_view payload, int first = 0x81) {
  return frame(first, payload, true);
}
std::string from_provider(std::string_view payload, int first = 0x81) {
  return frame(first, payload, false);
}

// One end of a connection, played by the test.
class End {
 public:
  explicit End(std::unique_ptr<net::Transport> transport) : transport_(std::move(transport)) {}

  // As much as fits.
  std::size_t say(std::string_view text) {
    const net::IoResult result = transport_->write({&text, 1});
    return result.status == net::IoResult::Status::Done ? text.size() : result.bytes;
  }
  void listen() {
    std::array<char, 4096> bytes;
    for (;;) {
      const net::IoResult result = transport_->read(bytes);
      heard.append(bytes.data(), result.bytes);
      if (result.status == net::IoResult::Status::Done) continue;
      if (result.status != net::IoResult::Status::WantRead) gone = true;
      return;
    }
  }
  void leave() { transport_.reset(); }

  std::string heard;
  bool gone = false;  // The other side has.

 private:
  std::unique_ptr<net::Transport> transport_;
};

class Realtime : public testing::Test {
 protected:
  void SetUp() override {
    origin_.host = "provider.test";
    origin_.port = server_.port();
    pool_ = std::make_shared<net::UpstreamPool>(loop_, resolver_, origin_, std::chrono::seconds(60),
                                                std::make_shared<net::ConnectionBudget>(4));
    auto settings = std::make_shared<net::HttpUpstreamSettings>();
    settings->host = "provider.test";
    routing::Destination destination;
    destination.name = "openai";
    destination.base_path = "/v1";
    destination.provider = std::make_shared<providers::OpenAiProvider>();
    destination.credential = std::make_shared<OurKey>();
    destination.websockets = std::make_shared<net::HttpWebSocketDialer>(pool_, settings);
    destinations_.push_back(std::move(destination));
    limits_.message = 100'000;
    limits_.close_timeout = std::chrono::milliseconds(20);
    door_.emplace(destinations_, limits_);
    http_.emplace(loop_, *door_, open_);
    http_->configure(std::make_shared<net::HttpServerSettings>());
  }
  void TearDown() override { loop_.abandon_all(); }

  void connect() {
    int fds[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    caller_.emplace(net::make_tcp_transport(loop_, fds[0]));
    http_->serve(net::make_tcp_transport(loop_, fds[1]), {});
  }
  static std::string opening(std::string_view more = {}, std::string_view query = "?model=voice") {
    return "GET /v1/realtime" + std::string(query) +
           " HTTP/1.1\r\nhost: gateway\r\nconnection: keep-alive, Upgrade\r\nupgrade: websocket\r\n"
           "sec-websocket-version: 13\r\nsec-websocket-key: " +
           std::string(kKey) + "\r\n" + std::string(more) + "\r\n";
  }
  void call(std::string_view text) {
    connect();
    caller_->say(text);
  }
  template <class Condition>
  void until(Condition condition) {
    for (int i = 0; i < 2000 && !condition(); ++i) {
      loop_.run_once(std::chrono::milliseconds(5));
      if (caller_) caller_->listen();
      if (provider_) provider_->listen();
    }
    ASSERT_TRUE(condition());
  }
  // The provider has got the gateway's handshake.
  void await_handshake() {
    until([&] { return !server_.peers.empty(); });
    provider_.emplace(std::move(server_.peers.front()));
    until([&] { return provider_->heard.ends_with("\r\n\r\n"); });
    handshake_ = std::exchange(provider_->heard, {});
  }
  std::string switching(std::string_view more = {}) const {
    constexpr std::string_view name = "sec-websocket-key: ";
    const std::string key = handshake_.substr(handshake_.find(name) + name.size(), 24);
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           net::websocket::accept_value(key) + "\r\n" + std::string(more) + "\r\n";
  }
  void begin(std::string_view more = {}, std::string_view answered = {}) {
    call(opening(more));
    await_handshake();
    provider_->say(switching(answered));
    until([&] { return caller_->heard.ends_with("\r\n\r\n"); });
    answer_ = std::exchange(caller_->heard, {});
  }
  void refused_with(std::string_view why) {
    until([&] { return door_->over == 1; });
    EXPECT_THAT(door_->error, HasSubstr(why));
    until([&] { return caller_->heard.ends_with("{}"); });
    EXPECT_THAT(caller_->heard, StartsWith("HTTP/1.1 400"));
  }

  net::Loop loop_;
  BlockingPool threads_;
  net::Resolver resolver_{
      threads_, {}, net::names_of({net::SocketAddress(*net::parse_ip("127.0.0.1"), 0)})};
  net::Server server_{loop_};
  net::Origin origin_;
  std::shared_ptr<net::UpstreamPool> pool_;
  std::vector<routing::Destination> destinations_;
  RealtimeLimits limits_;
  std::optional<Door> door_;
  std::atomic<std::uint64_t> open_ = 0;
  std::optional<net::HttpServer> http_;
  std::optional<End> caller_;
  std::optional<End> provider_;
  std::string handshake_;
  std::string answer_;
};

TEST_F(Realtime, OpensAHandshakeOfItsOwn) {
  begin(
      "authorization: Bearer theirs\r\ncookie: a=b\r\nsec-websocket-extensions: "
      "permessage-deflate\r\n"
      "sec-websocket-protocol: realtime, openai-insecure-api-key.sk-theirs\r\n"
      "sec-websocket-protocol: openai-beta.realtime-v1, other\r\n",
      "sec-websocket-protocol: realtime\r\n");

  EXPECT_EQ(door_->asked_model, "voice");
  EXPECT_THAT(handshake_, StartsWith("GET /v1/realtime?model=gpt%2Frealtime HTTP/1.1\r\n"));
  EXPECT_THAT(handshake_, HasSubstr("\r\nauthorization: Bearer ours\r\n"));
  EXPECT_THAT(handshake_,
              HasSubstr("\r\nsec-websocket-protocol: realtime, openai-beta.realtime-v1\r\n"));
  EXPECT_THAT(handshake_, Not(HasSubstr("theirs")));
  EXPECT_THAT(handshake_, Not(HasSubstr("cookie")));
  EXPECT_THAT(handshake_, Not(HasSubstr("extensions")));
  EXPECT_THAT(handshake_, Not(HasSubstr(kKey)));
  EXPECT_THAT(answer_, StartsWith("HTTP/1.1 101 Switching Protocols\r\n"));
  EXPECT_THAT(answer_, HasSubstr("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  EXPECT_THAT(answer_, HasSubstr("sec-websocket-protocol: realtime\r\n"));
  EXPECT_THAT(answer_, HasSubstr("x-request-id: req_1\r\n"));
  EXPECT_THAT(answer_, Not(HasSubstr("content-length")));
}

TEST_F(Realtime, PassesFramesUnchangedInBothDirections) {
  begin();
  const std::string up = from_caller("hello") + from_caller("", 0x89) + from_caller("part", 0x02) +
                         from_caller("rest", 0x80);
  const std::string down = from_provider("{}") + from_provider(std::string(70'000, 'x'), 0x82);
  for (const char byte : up) {
    caller_->say({&byte, 1});
    turn(loop_);
  }
  provider_->say(down);

  until([&] { return provider_->heard == up && caller_->heard == down; });
}

TEST_F(Realtime, PassesOnWhatCameRightBehindTheProvidersAnswer) {
  call(opening());
  await_handshake();
  const std::string created = from_provider(R"({"type":"session.created"})");
  provider_->say(switching() + created);
  until([&] { return caller_->heard.ends_with(created); });
}

TEST_F(Realtime, EndsWhenBothSidesHaveClosed) {
  begin();
  caller_->say(from_caller("\x03\xe8", 0x88));
  until([&] { return provider_->heard == from_caller("\x03\xe8", 0x88); });
  EXPECT_EQ(door_->over, 0);
  provider_->say(from_provider("late") + from_provider("\x03\xe8", 0x88));

  until([&] { return caller_->gone && provider_->gone; });
  EXPECT_EQ(caller_->heard, from_provider("late") + from_provider("\x03\xe8", 0x88));
  EXPECT_EQ(door_->attempt.outcome, Outcome::Answered);
  EXPECT_EQ(pool_->idle(), 0U);
}

TEST_F(Realtime, DoesNotWaitForeverForTheSecondClose) {
  begin();
  caller_->say(from_caller("\x03\xe8", 0x88));
  until([&] { return door_->over == 1; });
  EXPECT_EQ(door_->attempt.outcome, Outcome::Answered);
}

TEST_F(Realtime, AddsUpWhatTheResponsesCost) {
  begin();
  const std::string done =
      R"({"type":"response.done","response":{"usage":{"input_tokens":10,"output_tokens":4,)"
      R"("input_token_details":{"cached_tokens":3}}}})";
  provider_->say(from_provider(R"({"type":"response.audio.delta","delta":"AAAA"})"));
  provider_->say(from_provider(done.substr(0, 20), 0x01) + from_provider("ping", 0x89) +
                 from_provider(done.substr(20), 0x80));
  provider_->say(from_provider(done) + from_provider(R"({"type":"x","note":"response.done"})"));
  provider_->say(from_provider("", 0x88));
  until([&] { return caller_->heard.ends_with(from_provider("", 0x88)); });
  caller_->say(from_caller("", 0x88));
  until([&] { return door_->over == 1; });

  const Attempt& attempt = door_->attempt;
  EXPECT_TRUE(attempt.exact);
  EXPECT_EQ(attempt.usage, (Usage{.input = 20, .cached = 6, .output = 8}));
  EXPECT_EQ(door_->tries, 1U);
  EXPECT_EQ(attempt.content_events, 4U);
  EXPECT_EQ(attempt.status, 101);
  EXPECT_NE(attempt.first_content, Instant());
}

TEST_F(Realtime, TellsBothSidesWhenTheCallerBreaksTheRules) {
  begin();
  const std::string good = from_caller("good");
  caller_->say(good + from_provider("not masked"));

  until([&] { return caller_->gone && provider_->gone; });
  EXPECT_EQ(caller_->heard, "\x88\x02\x03\xea");
  ASSERT_EQ(provider_->heard.size(), good.size() + 8);
  EXPECT_THAT(provider_->heard, StartsWith(good + "\x88\x82"));
}

TEST_F(Realtime, TellsBothSidesWhenTheProviderBreaksTheRules) {
  begin();
  provider_->say(from_provider("good") + from_caller("masked"));

  until([&] { return caller_->gone && provider_->gone; });
  EXPECT_EQ(caller_->heard, from_provider("good") + "\x88\x02\x03\xf3");
  EXPECT_THAT(provider_->heard, StartsWith("\x88\x82"));
  EXPECT_EQ(door_->attempt.outcome, Outcome::Failed);
}

TEST_F(Realtime, RefusesAMessageThatIsTooLong) {
  begin();
  caller_->say(from_caller(std::string(60'000, 'x'), 0x01) +
               from_caller(std::string(50'000, 'x'), 0x80));
  until([&] { return caller_->gone; });
  EXPECT_EQ(caller_->heard, "\x88\x02\x03\xf1");
}

TEST_F(Realtime, TellsTheCallerWhenTheProviderIsGone) {
  begin();
  provider_->leave();
  provider_.reset();
  until([&] { return caller_->gone; });
  EXPECT_EQ(caller_->heard, "\x88\x02\x03\xf3");
}

TEST_F(Realtime, TellsTheProviderWhenTheCallerIsGone) {
  begin();
  caller_->say(from_caller("last words"));
  caller_->leave();
  caller_.reset();
  until([&] { return provider_->gone; });
  EXPECT_THAT(provider_->heard, StartsWith(from_caller("last words") + "\x88\x82"));
  EXPECT_EQ(door_->attempt.outcome, Outcome::Unfinished);
}

TEST_F(Realtime, ReadsNoMoreThanTheOtherSideTakes) {
  begin();
  const std::string message = from_caller(std::string(50'000, 'x'), 0x82);
  std::size_t said = 0;
  std::string_view rest = message;
  // The provider does not listen: what the caller can say is bounded by the sockets and one block.
  for (std::size_t idle = 0; idle < 50;) {
    const std::size_t taken = caller_->say(rest);
    rest.remove_prefix(taken);
    if (rest.empty()) rest = message;
    said += taken;
    idle = taken == 0 ? idle + 1 : 0;
    ASSERT_LT(said, 64U << 20);
    loop_.run_once(std::chrono::milliseconds(0));
  }
  const auto frames = said / message.size();
  until([&] { return provider_->heard.size() >= frames * message.size(); });
}

TEST_F(Realtime, RefusesWhatIsNoHandshake) {
  for (const auto& [from, to, why] :
       {std::array<std::string, 3>{"upgrade: websocket", "upgrade: h2c", "WebSocket only"},
        std::array<std::string, 3>{"sec-websocket-version: 13", "sec-websocket-version: 8", "13"},
        std::array<std::string, 3>{std::string(kKey), "short", "Key"},
        std::array<std::string, 3>{std::string(kKey), "AAAA\r\nsec-websocket-key: AAAA", "Key"}}) {
    std::string text = opening();
    text.replace(text.find(from), from.size(), to);
    call(text);
    refused_with(why);
    door_->over = 0;
  }
  EXPECT_EQ(server_.accepted(), 0);
}

TEST_F(Realtime, RefusesBytesThatWereSentAhead) {
  call(opening() + from_caller("ahead"));
  refused_with("before the handshake");
  EXPECT_EQ(server_.accepted(), 0);
}

TEST_F(Realtime, RefusesBytesThatWereSentWhileTheProviderWasAsked) {
  call(opening());
  await_handshake();
  caller_->say("x");
  turn(loop_);
  provider_->say(switching());
  refused_with("before the handshake");
}

TEST_F(Realtime, RefusesAWrongAnswerOfTheProvider) {
  const std::array<std::array<std::string, 3>, 6> cases{{
      {"Upgrade: websocket", "Upgrade: h2c", "Upgrade"},
      {"Connection: Upgrade", "Connection: close", "Connection"},
      {"Accept: ", "Accept: x", "Accept"},
      {"\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n", "extension"},
      {"\r\n\r\n", "\r\nSec-WebSocket-Protocol: realtime\r\n\r\n", "sub-protocol"},
      {"HTTP/1.1 101", "HTTP/1.1 099", "not HTTP/1.1"},
  }};
  for (const auto& [from, to, why] : cases) {
    call(opening());
    await_handshake();
    std::string answer = switching();
    answer.replace(answer.find(from), from.size(), to);
    provider_->say(answer);
    refused_with(why);
    EXPECT_EQ(door_->attempt.outcome, Outcome::Failed);
    door_->over = 0;
    provider_.reset();
    server_.peers.clear();
  }
}

TEST_F(Realtime, TellsWhyTheProviderRefused) {
  const std::string why = R"({"error":{"message":"no such model there"}})";
  for (const std::string& body :
       {"content-length: 43\r\n\r\n" + why,
        "transfer-encoding: chunked\r\n\r\n2b\r\n" + why + "\r\n0\r\n\r\n"}) {
    call(opening());
    await_handshake();
    provider_->say("HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\n" + body);
    refused_with("no such model there");
    EXPECT_EQ(door_->attempt.outcome, Outcome::Refused);
    EXPECT_EQ(door_->attempt.status, 404);
    door_->over = 0;
    door_->error.clear();
    provider_.reset();
    server_.peers.clear();
  }
}

TEST_F(Realtime, FailsWithoutWebSockets) {
  destinations_.front().websockets.reset();
  call(opening());
  refused_with("no realtime API");
}

}  // namespace
}  // namespace sluice::server
