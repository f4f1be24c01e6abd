// A provider on a real socket that says what the test wants.
#include "net/http_upstream.h"

#include "net/http_reply.h"
#include "unit/net/upstream_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const IpAddress kLocal = *parse_ip("127.0.0.1");

class Pieces final : public BodySource {
 public:
  Pieces(std::vector<std::string> pieces, std::optional<std::uint64_t> size)
      : pieces_(std::move(pieces)), size_(size) {}
  std::optional<std::uint64_t> size() const override { return size_; }
  Task<Result<std::string_view>> next() override {
    if (at_ == pieces_.size()) co_return std::string_view();
    co_return std::string_view(pieces_[at_++]);
  }

 private:
  std::vector<std::string> pieces_;
  std::optional<std::uint64_t> size_;
  std::size_t at_ = 0;
};

class HttpUpstreams : public testing::Test {
 protected:
  HttpUpstreams() { request_.path = "/v1/x"; }
  ~HttpUpstreams() override { loop_.abandon_all(); }

  // Sends; the answer is waited for with answered().
  void ask() {
    request_.answer_by = answer_by_;
    request_.size = body_.size();
    request_.pieces = {&body_, 1};
    answer_.reset();
    loop_.spawn(store(upstream_.send(context_, request_, attempt_), answer_));
  }
  // Of the request, on the newest connection, up to the text.
  std::string asked(std::string_view until = "\r\n\r\n") {
    turn_until(loop_, [&] { return !server_.peers.empty(); });
    while (!request_text_.contains(until)) {
      std::array<char, 4096> space;
      const ReadOutcome outcome = run(loop_, read_some(*server_.peers.back(), space, soon(loop_)));
      if (outcome.status != IoStatus::Ok) break;
      request_text_.append(space.data(), outcome.bytes);
    }
    return std::exchange(request_text_, {});
  }
  void say(std::string_view bytes) {
    const std::string kept(bytes);
    const std::string_view piece = kept;
    EXPECT_EQ(run(loop_, write_all(*server_.peers.back(), {&piece, 1}, seconds(20))), IoStatus::Ok);
  }
  UpstreamReply* answered() {
    turn_until(loop_, [&] { return answer_.has_value(); });
    if (!*answer_) {
      code_ = answer_->error()->code;
      kind_ = answer_->error()->kind;
      return nullptr;
    }
    return (**answer_).get();
  }
  // The whole body; ends with "!" when it was cut off.
  std::string read_all(UpstreamReply& reply) {
    std::string body;
    for (;;) {
      body += reply.pending();
      reply.consume(reply.pending().size());
      if (reply.complete()) return body;
      auto more = run(loop_, reply.more(soon(loop_)));
      if (!more) return body + "!";
      if (!*more) return body;
    }
  }
  void drop_answer() { answer_.reset(); }
  // One request and its answer.
  std::string exchange(std::string_view answer) {
    ask();
    asked();
    say(answer);
    UpstreamReply* const reply = answered();
    if (!reply) return std::string(code_);
    const std::string body = read_all(*reply);
    drop_answer();
    return body;
  }

  Loop loop_;
  BlockingPool threads_;
  Resolver resolver_{threads_, {}, names_of({SocketAddress(kLocal, 0)})};
  Server server_{loop_};
  std::shared_ptr<ConnectionBudget> budget_ = std::make_shared<ConnectionBudget>(10);
  std::shared_ptr<UpstreamPool> pool_ = std::make_shared<UpstreamPool>(
      loop_, resolver_, Origin{.host = "api.example", .port = server_.port()}, seconds(60),
      budget_);
  std::shared_ptr<HttpUpstreamSettings> settings_ =
      std::make_shared<HttpUpstreamSettings>("api.example");
  HttpUpstream upstream_{pool_, settings_};
  Arena arena_;
  Arena draft_;
  Context context_{arena_, draft_, loop_};
  Attempt attempt_;
  UpstreamRequest request_;
  std::string_view body_ = "{}";
  Instant answer_by_ = kNever;
  std::optional<Result<ArenaPtr<UpstreamReply>>> answer_;
  std::string request_text_;
  std::string_view code_;
  ErrorKind kind_{};
};

TEST_F(HttpUpstreams, SendWhatWasEncoded) {
  request_.fields = FieldList(draft_, 1);
  request_.fields.add("x-a", "b");
  ask();

  const std::string text = asked("{}");

  EXPECT_THAT(text, StartsWith("POST /v1/x HTTP/1.1\r\nhost: api.example\r\n"));
  EXPECT_THAT(text, HasSubstr("accept-encoding: identity\r\n"));
  EXPECT_THAT(text, HasSubstr("x-a: b\r\n"));
  EXPECT_THAT(text, EndsWith("content-length: 2\r\n\r\n{}"));
}

TEST_F(HttpUpstreams, SendABodyThatComesInPieces) {
  Pieces unknown({"abc", "defg"}, std::nullopt);
  request_.body = &unknown;
  ask();
  EXPECT_THAT(asked("0\r\n\r\n"), EndsWith("transfer-encoding: chunked\r\n\r\n"
                                           "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"));
  say("HTTP/1.1 204 No Content\r\n\r\n");
  ASSERT_TRUE(answered());
  drop_answer();

  Pieces known({"abc", "defg"}, 7);
  request_.body = &known;
  ask();
  EXPECT_THAT(asked("defg"), EndsWith("content-length: 7\r\n\r\nabcdefg"));
}

TEST_F(HttpUpstreams, KeepACleanConnectionForTheNextRequest) {
  EXPECT_EQ(exchange("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"), "hello");
  EXPECT_EQ(pool_->idle(), 1U);
  EXPECT_EQ(exchange("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
            "hi");
  EXPECT_EQ(server_.accepted(), 1);
}

TEST_F(HttpUpstreams, ReadAnAnswerHoweverItIsCut) {
  const std::string answer =
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-type: application/json\r\n\r\n"
      "3;x=y\r\nabc\r\na\r\n0123456789\r\n0\r\nx: y\r\n\r\n";
  ask();
  asked();
  for (const char byte : answer.substr(0, answer.size() - 8)) {
    say({&byte, 1});
    turn(loop_);
  }
  UpstreamReply* const reply = answered();
  ASSERT_TRUE(reply);
  say(answer.substr(answer.size() - 8));

  EXPECT_EQ(reply->head().content_type, "application/json");
  EXPECT_EQ(read_all(*reply), "abc0123456789");
  drop_answer();
  EXPECT_EQ(pool_->idle(), 1U);
}

TEST_F(HttpUpstreams, KeepWhatWasNotConsumedWhileMoreComes) {
  ask();
  asked();
  say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
  UpstreamReply* const reply = answered();
  ASSERT_TRUE(reply);
  std::string expected;
  std::string chunks;
  for (int i = 0; i < 3000; ++i) {
    const std::string piece =
        std::to_string(i) + std::string(static_cast<std::size_t>(i) % 40, '.');
    std::array<char, http1::kMaxChunkHead> head;
    chunks.append(head.data(), http1::write_chunk_head(head.data(), piece.size()));
    chunks += piece + "\r\n";
    expected += piece;
  }
  say(chunks + "0\r\n\r\n");

  std::string body;
  while (!reply->complete()) {
    ASSERT_TRUE(run(loop_, reply->more(soon(loop_))));
    const std::size_t half = reply->pending().size() / 2;
    body += reply->pending().substr(0, half);
    reply->consume(half);
  }
  body += reply->pending();

  EXPECT_EQ(body, expected);
}

TEST_F(HttpUpstreams, ReadABodyThatTheEndOfTheConnectionEnds) {
  ask();
  asked();
  say("HTTP/1.1 200 OK\r\n\r\nsome");
  UpstreamReply* const reply = answered();
  ASSERT_TRUE(reply);
  server_.peers.back().reset();

  EXPECT_EQ(read_all(*reply), "some");
  drop_answer();
  EXPECT_EQ(pool_->idle(), 0U);
}

TEST_F(HttpUpstreams, F07FailWhenABodyIsCutOff) {
  for (const std::string_view framing : {"content-length: 10", "transfer-encoding: chunked"}) {
    ask();
    asked();
    say("HTTP/1.1 200 OK\r\n" + std::string(framing) + "\r\n\r\n3\r\n");
    UpstreamReply* const reply = answered();
    ASSERT_TRUE(reply);
    server_.peers.back().reset();
    server_.peers.clear();
    EXPECT_THAT(read_all(*reply), EndsWith("!"));
    drop_answer();
  }
}

TEST_F(HttpUpstreams, H27NeverReuseAConnectionThatSaidTooMuch) {
  EXPECT_EQ(exchange("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n"), "ok");
  EXPECT_EQ(pool_->idle(), 0U);
}

TEST_F(HttpUpstreams, H27FailOnWhatIsNoAnswer) {
  for (const std::string_view garbage :
       {"<html>\r\n\r\n", "HTTP/1.1 000 Zero\r\n\r\n", "HTTP/1.1 200 OK\nx: y\n\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n"}) {
    EXPECT_EQ(exchange(garbage), "upstream_bad_response") << garbage;
    server_.peers.clear();
  }
}

TEST_F(HttpUpstreams, H28SkipSomeInterimAnswersButNoFlood) {
  std::string some;
  for (int i = 0; i < 10; ++i) some += "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";
  EXPECT_EQ(exchange(some + "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"), "ok");
  EXPECT_EQ(exchange(some + "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
            "upstream_bad_response");
}

TEST_F(HttpUpstreams, H29ReadNoBodyWhereThereIsNone) {
  EXPECT_EQ(exchange("HTTP/1.1 204 No Content\r\n\r\n"), "");
  request_.method = "HEAD";
  body_ = {};
  EXPECT_EQ(exchange("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n"), "");
  EXPECT_EQ(pool_->idle(), 1U);
}

TEST_F(HttpUpstreams, NeverReuseAConnectionThatSwitchedItsProtocol) {
  ask();
  asked();
  say("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n");
  UpstreamReply* const reply = answered();
  if (reply) EXPECT_EQ(reply->head().status, 101);
  drop_answer();

  EXPECT_EQ(pool_->idle(), 0U);
}

TEST_F(HttpUpstreams, F05AskOnceMoreWhereAKeptConnectionWasDead) {
  exchange("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  ask();
  asked();
  server_.peers.back().reset();
  server_.peers.clear();

  EXPECT_THAT(asked(), StartsWith("POST "));
  say("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nnew");

  UpstreamReply* const reply = answered();
  ASSERT_TRUE(reply);
  EXPECT_EQ(read_all(*reply), "new");
  EXPECT_EQ(server_.accepted(), 2);
}

TEST_F(HttpUpstreams, F05DoNotAskAgainOnceSomethingWasSaid) {
  exchange("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  ask();
  asked();
  say("HTTP/1.1 100 Continue\r\n\r\n");
  for (int i = 0; i < 3; ++i) turn(loop_);
  server_.peers.back().reset();
  server_.peers.clear();

  EXPECT_FALSE(answered());
  EXPECT_EQ(server_.accepted(), 1);
}

TEST_F(HttpUpstreams, GiveUpWhenTheHeadDoesNotCome) {
  answer_by_ = loop_.now() + milliseconds(40);
  ask();
  asked();

  EXPECT_FALSE(answered());
  EXPECT_EQ(kind_, ErrorKind::DeadlineExceeded);
  EXPECT_EQ(code_, "upstream_timeout");
}

TEST_F(HttpUpstreams, CanBeAskedAgainAfterAPause) {
  ask();
  asked();
  say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n");
  UpstreamReply* const reply = answered();
  ASSERT_TRUE(reply);
  const auto late = run(loop_, reply->more(loop_.now() + milliseconds(20)));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error()->kind, ErrorKind::DeadlineExceeded);

  say("ok");
  EXPECT_EQ(read_all(*reply), "ok");
}

TEST_F(HttpUpstreams, PassOnOnlyWhatCallersMaySee) {
  ask();
  asked();
  say("HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\nset-cookie: a=b\r\nserver: x\r\n"
      "openai-organization: org\r\nopenai-version: 2020\r\nretry-after: 1.5\r\n"
      "anthropic-organization-id: o\r\nanthropic-ratelimit-x: 1\r\nx-custom: y\r\n\r\n");
  UpstreamReply* const reply = answered();
  ASSERT_TRUE(reply);

  std::string names;
  for (const Field& field : reply->head().fields) names += std::string(field.name) + " ";
  EXPECT_EQ(names, "openai-version retry-after anthropic-ratelimit-x ");
  EXPECT_EQ(reply->head().retry_after, milliseconds(1500));
  EXPECT_EQ(reply->head().status, 429);
}

TEST_F(HttpUpstreams, F10TellWhenToComeBackInEveryForm) {
  const auto told = [&](std::string_view fields) {
    ask();
    asked();
    say("HTTP/1.1 429 No\r\ncontent-length: 0\r\n" + std::string(fields) + "\r\n");
    UpstreamReply* const reply = answered();
    const auto wait = reply->head().retry_after;
    drop_answer();
    return wait;
  };

  EXPECT_EQ(told("retry-after: 2\r\n"), seconds(2));
  EXPECT_EQ(told("retry-after: 2\r\nretry-after-ms: 1250\r\n"), milliseconds(1250));
  EXPECT_EQ(told("retry-after: Sun, 06 Nov 1994 08:49:37 GMT\r\n"), milliseconds(0));
  const auto far = told("retry-after: Fri, 06 Nov 2893 08:49:37 GMT\r\n");
  ASSERT_TRUE(far);
  EXPECT_GT(*far, std::chrono::years(100));
  EXPECT_EQ(told("retry-after: in a while\r\n"), std::nullopt);
  EXPECT_EQ(told("retry-after: -1\r\n"), std::nullopt);
}

TEST_F(HttpUpstreams, SayWhetherTheHeadTellsOfRates) {
  const auto tells = [&](std::string_view fields) {
    ask();
    asked();
    say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n" + std::string(fields) + "\r\n");
    const bool told = answered()->head().tells_limits;
    drop_answer();
    return told;
  };

  EXPECT_TRUE(tells("x-ratelimit-remaining-requests: 9\r\n"));
  EXPECT_TRUE(tells("X-RateLimit-Remaining-Tokens: 9\r\n"));
  EXPECT_TRUE(tells("Anthropic-RateLimit-Requests-Limit: 9\r\n"));
  EXPECT_FALSE(tells("anthropic-version: 2023-06-01\r\nretry-after: 1\r\n"));
}

TEST_F(HttpUpstreams, NeverReuseAConnectionThatDidNotTakeTheWholeRequest) {
  settings_->write_timeout = milliseconds(40);
  const std::string large(std::size_t{32} << 20, 'x');
  body_ = large;
  ask();
  turn_until(loop_, [&] { return !server_.peers.empty(); });
  say("HTTP/1.1 413 Content Too Large\r\ncontent-length: 2\r\n\r\nno");

  UpstreamReply* const reply = answered();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->head().status, 413);
  EXPECT_EQ(read_all(*reply), "no");
  drop_answer();

  EXPECT_EQ(pool_->idle(), 0U) << "the rest of that body would be the next request";
}

TEST_F(HttpUpstreams, TakeNoMemoryOnAnAnnouncementAlone) {
  ask();
  asked();
  say("HTTP/1.1 200 OK\r\ncontent-length: 1152921504606846976\r\n\r\n" + std::string(60'000, 'x'));
  UpstreamReply* const reply = answered();
  ASSERT_TRUE(reply);

  while (reply->pending().size() < 60'000) ASSERT_TRUE(run(loop_, reply->more(soon(loop_))));

  EXPECT_EQ(reply->pending(), std::string(60'000, 'x'));
}

}  // namespace
}  // namespace sluice::net
