#include "net/http_exchange.h"

#include "unit/net/http_support.h"

#include <gmock/gmock.h>

namespace sluice::net {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class HttpExchanges : public HttpScene {
 protected:
  // What comes back for one request that closes the connection.
  std::string answer_to(const std::string& request) {
    Peer peer = connect();
    peer.send(request);
    return peer.receive_all();
  }
};

std::string body_of(const std::string& answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

TEST_F(HttpExchanges, ReadBodiesOfAnySize) {
  handler_.does = echo;
  for (const std::size_t size : {1U, 100U, 16'000U, 16'384U, 17'000U, 70'000U, 3'000'000U}) {
    std::string body(size, 'a');
    body.front() = '<';
    body.back() = '>';
    EXPECT_EQ(body_of(answer_to(sized(body, "connection: close\r\n"))), body) << size;
  }
}

TEST_F(HttpExchanges, ReadChunkedBodiesOfAnySize) {
  handler_.does = echo;
  for (const std::size_t size : {1U, 16'384U, 200'000U}) {
    std::string chunks;
    for (std::size_t left = size; left > 0;) {
      const std::size_t piece = std::min<std::size_t>(left, 7777);
      std::array<char, http1::kMaxChunkHead> head;
      chunks.append(head.data(), http1::write_chunk_head(head.data(), piece));
      chunks += std::string(piece, 'b') + "\r\n";
      left -= piece;
    }
    const std::string request =
        post("transfer-encoding: chunked\r\nconnection: close\r\n", chunks + "0\r\n\r\n");
    EXPECT_EQ(body_of(answer_to(request)), std::string(size, 'b'));
  }
}

TEST_F(HttpExchanges, H22RefuseABodyThatIsAnnouncedTooLargeBeforeItComes) {
  handler_.does = [](HttpExchange& exchange) -> Task<void> {
    const auto body = co_await exchange.read_body(10);
    co_await exchange.respond({.status = 413, .content_type = "text/plain"},
                              body ? "read" : body.error()->code);
  };

  EXPECT_THAT(answer_to(post("content-length: 11\r\nconnection: close\r\n", "")),
              EndsWith("request_too_large"));
}

TEST_F(HttpExchanges, H22RefuseChunksThatGrowBeyondTheLimit) {
  handler_.does = [](HttpExchange& exchange) -> Task<void> {
    const auto body = co_await exchange.read_body(10);
    co_await exchange.respond({.status = 413, .content_type = "text/plain"},
                              body ? "read" : body.error()->code);
  };

  EXPECT_THAT(answer_to(post("transfer-encoding: chunked\r\n", "6\r\naaaaaa\r\n6\r\nbbbbbb\r\n")),
              EndsWith("request_too_large"));
}

TEST_F(HttpExchanges, RefuseBrokenChunksAndClose) {
  handler_.does = echo;

  const std::string answer =
      answer_to(post("transfer-encoding: chunked\r\n", "3\r\nabcd\r\n0\r\n\r\n"));

  EXPECT_THAT(answer, HasSubstr("connection: close"));
  EXPECT_THAT(answer, EndsWith("invalid_request"));
}

TEST_F(HttpExchanges, TellThatTheCallerLeftWithinItsBody) {
  std::string_view code;
  ErrorKind kind{};
  handler_.does = [&](HttpExchange& exchange) -> Task<void> {
    const auto body = co_await exchange.read_body(100);
    if (!body) kind = body.error()->kind;
    code = "seen";
  };
  Peer peer = connect();
  peer.send(post("content-length: 5\r\n", "ab"));
  turn(loop_);
  peer.close();
  turn_until(loop_, [&] { return !code.empty(); });

  EXPECT_EQ(kind, ErrorKind::ClientGone);
}

Task<void> echo_piecewise(HttpExchange& exchange) {
  std::string all;
  for (;;) {
    const auto piece = co_await exchange.next();
    if (!piece || piece->empty()) break;
    all += *piece;
  }
  // The head must still be there: bodies come into other memory.
  co_await exchange.respond({.content_type = "text/plain"},
                            std::string(exchange.head().target) + " " + all);
}

TEST_F(HttpExchanges, HandBodiesOnInPieces) {
  handler_.does = echo_piecewise;
  const std::string body(100'000, 'c');

  EXPECT_EQ(body_of(answer_to(sized(body, "connection: close\r\n"))), "/p " + body);
  EXPECT_EQ(body_of(answer_to(post("transfer-encoding: chunked\r\nconnection: close\r\n",
                                   "3\r\nabc\r\n0\r\nx: y\r\n\r\n"))),
            "/p abc");
}

TEST_F(HttpExchanges, H23InviteABodyOnlyWhenItIsRead) {
  handler_.does = echo;
  Peer peer = connect();
  peer.send(post("content-length: 5\r\nexpect: 100-continue\r\n", ""));

  EXPECT_EQ(peer.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("hello");
  EXPECT_THAT(peer.receive_answer(), EndsWith("hello"));
}

TEST_F(HttpExchanges, H23CloseWhenABodyWasNotInvited) {
  handler_.does = say_ok;

  const std::string answer = answer_to(post("content-length: 5\r\nexpect: 100-continue\r\n", ""));

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("connection: close"));
}

TEST_F(HttpExchanges, H23DoNotInviteABodyThatIsThereAlready) {
  handler_.does = echo;
  Peer peer = connect();
  peer.send(post("content-length: 5\r\nexpect: 100-continue\r\n", "hello"));

  EXPECT_THAT(peer.receive_answer(), StartsWith("HTTP/1.1 200 "));
}

Task<void> stream_two(HttpExchange& exchange) {
  const std::string_view one = "one";
  const std::string_view two = "two!";
  co_await exchange.start({.content_type = "text/event-stream"}, {}, Last::No);
  co_await exchange.send({&one, 1}, Last::No);
  co_await exchange.send({}, Last::No);
  co_await exchange.send({&two, 1}, Last::Yes);
}

TEST_F(HttpExchanges, FrameStreamsInChunks) {
  handler_.does = stream_two;

  EXPECT_THAT(answer_to(get("/a", "connection: close\r\n")),
              EndsWith("\r\n\r\n3\r\none\r\n4\r\ntwo!\r\n0\r\n\r\n"));
}

TEST_F(HttpExchanges, SendStreamsUnframedToHttp10) {
  handler_.does = stream_two;

  const std::string answer = answer_to("GET /a HTTP/1.0\r\nhost: h\r\n\r\n");

  EXPECT_THAT(answer, Not(HasSubstr("transfer-encoding")));
  EXPECT_EQ(body_of(answer), "onetwo!");
}

TEST_F(HttpExchanges, SendOnlyTheHeadToHead) {
  handler_.does = say_ok;
  Peer peer = connect();

  peer.send("HEAD /a HTTP/1.1\r\nhost: h\r\n\r\n");
  const std::string head = peer.receive_until("\r\n\r\n");
  EXPECT_THAT(head, HasSubstr("content-length: 2"));
  EXPECT_THAT(head, EndsWith("\r\n\r\n"));

  handler_.does = stream_two;
  peer.send("HEAD /a HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
  EXPECT_THAT(peer.receive_all(), EndsWith("\r\n\r\n"));
}

TEST_F(HttpExchanges, SendNoBodyWhereTheStatusForbidsIt) {
  handler_.does = [](HttpExchange& exchange) -> Task<void> {
    co_await exchange.respond({.status = 204, .content_type = {}}, "never");
  };

  const std::string answer = answer_to(get("/a", "connection: close\r\n"));

  EXPECT_THAT(answer, Not(HasSubstr("content-length")));
  EXPECT_EQ(body_of(answer), "");
}

TEST_F(HttpExchanges, BreakTheConnectionWhenLessComesThanWasAnnounced) {
  handler_.does = [](HttpExchange& exchange) -> Task<void> {
    const std::string_view half = "half";
    co_await exchange.start({.content_type = "text/plain", .length = 8}, {&half, 1}, Last::No);
    co_await exchange.send({}, Last::Yes);
  };

  EXPECT_THAT(answer_to(get("/a")), EndsWith("half"));
  turn_until_closed();
}

TEST_F(HttpExchanges, LeaveAnAnswerUnfinishedThatWasNotEnded) {
  handler_.does = [](HttpExchange& exchange) -> Task<void> {
    const std::string_view half = "half";
    co_await exchange.start({.content_type = "audio/mpeg"}, {&half, 1}, Last::No);
  };

  EXPECT_THAT(answer_to(get("/a")), EndsWith("4\r\nhalf\r\n"));
}

TEST_F(HttpExchanges, CountWhatTheySent) {
  std::uint64_t sent = 0;
  std::uint64_t read = 0;
  handler_.does = [&](HttpExchange& exchange) -> Task<void> {
    co_await echo(exchange);
    sent = exchange.bytes_sent();
    read = exchange.body_bytes();
  };

  answer_to(sized("12345", "connection: close\r\n"));

  EXPECT_EQ(sent, 5U);
  EXPECT_EQ(read, 5U);
}

TEST_F(HttpExchanges, SendPiecesOfAnyNumber) {
  handler_.does = [](HttpExchange& exchange) -> Task<void> {
    const std::vector<std::string_view> pieces(300, "abc");
    co_await exchange.start({.content_type = "text/plain"}, pieces, Last::Yes);
  };

  const std::string answer = answer_to(get("/a", "connection: close\r\n"));

  EXPECT_THAT(answer, HasSubstr("\r\n\r\n384\r\nabcabc"));
  EXPECT_THAT(answer, EndsWith("abc\r\n0\r\n\r\n"));
}

}  // namespace
}  // namespace sluice::net
