#include "unit/net/http_support.h"

#include <gmock/gmock.h>

#include <stdexcept>

namespace sluice::net {
namespace {

using std::chrono::milliseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class HttpConnections : public HttpScene {};

TEST_F(HttpConnections, ServeOneRequestAfterTheOther) {
  handler_.does = say_ok;
  Peer peer = connect();

  for (int i = 0; i < 3; ++i) {
    peer.send(get("/a"));
    EXPECT_THAT(peer.receive_answer(), StartsWith("HTTP/1.1 200 OK\r\n"));
  }

  EXPECT_EQ(handler_.handled, 3);
  EXPECT_EQ(open_, 1U);
}

TEST_F(HttpConnections, H21AnswerPipelinedRequestsInTheirOrder) {
  handler_.does = echo;
  Peer peer = connect();

  peer.send(sized("one") + sized("two") + get("/three"));

  EXPECT_THAT(peer.receive_answer(), EndsWith("one"));
  EXPECT_THAT(peer.receive_answer(), EndsWith("two"));
  EXPECT_THAT(peer.receive_answer(), HasSubstr("content-length: 0"));
  EXPECT_EQ(handler_.targets, "/p /p /three ");
}

TEST_F(HttpConnections, ReadARequestHoweverItIsCut) {
  handler_.does = echo;
  const std::string request =
      sized("hello") + post("transfer-encoding: chunked\r\n", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  Peer peer = connect();

  for (const char byte : request) {
    peer.send({&byte, 1});
    turn(loop_);
  }

  EXPECT_THAT(peer.receive_answer(), EndsWith("hello"));
  EXPECT_THAT(peer.receive_answer(), EndsWith("abcde"));
}

TEST_F(HttpConnections, CloseWhenTheyAreAskedTo) {
  handler_.does = say_ok;
  Peer peer = connect();

  peer.send(get("/a", "connection: close\r\n"));

  EXPECT_THAT(peer.receive_all(), HasSubstr("connection: close"));
  peer.close();
  turn_until_closed();
}

TEST_F(HttpConnections, CloseAfterARequestOfHttp10) {
  handler_.does = say_ok;
  Peer peer = connect();

  peer.send("GET /a HTTP/1.0\r\nhost: h\r\nconnection: keep-alive\r\n\r\n");

  EXPECT_THAT(peer.receive_all(), HasSubstr("connection: close"));
}

TEST_F(HttpConnections, RefuseWhatIsNoRequestOnceAndClose) {
  handler_.does = say_ok;
  Peer peer = connect();

  peer.send("GET /a HTTP/1.1\r\n\r\n" + get("/b"));

  EXPECT_THAT(peer.receive_all(), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_EQ(handler_.refused, "invalid_request");
  EXPECT_EQ(handler_.handled, 0);
}

TEST_F(HttpConnections, H20DoNotWaitForeverForAHead) {
  settings_.header_timeout = milliseconds(30);
  Peer peer = connect();

  peer.send("GET /a HT");

  EXPECT_THAT(peer.receive_all(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(HttpConnections, CloseSilentlyWhenTheyAreIdle) {
  settings_.idle_timeout = milliseconds(30);
  Peer peer = connect();

  EXPECT_EQ(peer.receive_all(), "");
  turn_until_closed();
}

TEST_F(HttpConnections, H20DoNotWaitForeverForABody) {
  settings_.body_timeout = milliseconds(30);
  handler_.does = echo;
  Peer peer = connect();

  peer.send(post("content-length: 5\r\n", "ab"));

  EXPECT_THAT(peer.receive_all(), HasSubstr("request_timeout"));
}

TEST_F(HttpConnections, H30ReadTheRestOfASmallBodyThatNobodyWanted) {
  handler_.does = say_ok;
  Peer peer = connect();

  peer.send(sized("GET /smuggled HTTP/1.1\r\n\r\n") + get("/next"));

  EXPECT_THAT(peer.receive_answer(), EndsWith("ok"));
  EXPECT_THAT(peer.receive_answer(), EndsWith("ok"));
  EXPECT_EQ(handler_.targets, "/p /next ");
}

TEST_F(HttpConnections, H30CloseOnALargeBodyThatNobodyWanted) {
  handler_.does = say_ok;
  Peer peer = connect();

  peer.send(post("content-length: 1000000\r\n", std::string(1000, 'x')));

  const std::string answer = peer.receive_all();
  EXPECT_THAT(answer, HasSubstr("connection: close"));
  EXPECT_THAT(answer, EndsWith("ok"));
}

TEST_F(HttpConnections, H30CloseOnAChunkedBodyThatNobodyWanted) {
  handler_.does = say_ok;
  Peer peer = connect();

  peer.send(post("transfer-encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n") + get("/b"));

  EXPECT_THAT(peer.receive_all(), HasSubstr("connection: close"));
  EXPECT_EQ(handler_.handled, 1);
}

TEST_F(HttpConnections, H35ReadTheBodyOfAGetBehindALocalAnswer) {
  handler_.does = say_ok;
  Peer peer = connect();

  peer.send("GET /a HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\nhello" + get("/b"));

  EXPECT_THAT(peer.receive_answer(), EndsWith("ok"));
  EXPECT_THAT(peer.receive_answer(), EndsWith("ok"));
  EXPECT_EQ(handler_.targets, "/a /b ");
}

Task<void> answer_in_parts(HttpExchange& exchange) {
  const std::string_view one = "one";
  const std::string_view two = "two";
  co_await exchange.start({.content_type = "text/plain"}, {&one, 1}, Last::No);
  exchange.release_request();
  co_await exchange.send({&two, 1}, Last::Yes);
}

TEST_F(HttpConnections, ReadTheRestOfABodyAlsoWhenItsHeadIsForgotten) {
  handler_.does = answer_in_parts;
  Peer peer = connect();

  peer.send(sized("hello") + get("/next"));

  EXPECT_THAT(peer.receive_until("two\r\n0\r\n\r\n"),
              HasSubstr("3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
  EXPECT_THAT(peer.receive_until("two\r\n0\r\n\r\n"), HasSubstr("one"));
}

Task<void> wait_long(HttpExchange& exchange) {
  co_await exchange.loop().sleep_until(soon(exchange.loop()));
}

class Interrupted {
 public:
  Task<void> operator()(HttpExchange& exchange) {
    why = co_await exchange.interruptible(wait_long(exchange));
    if (why != Interrupt::ClientGone) {
      co_await exchange.respond({.status = 503, .content_type = "text/plain"}, "late");
    }
    over = true;
  }
  Interrupt why = Interrupt::None;
  bool over = false;
};

TEST_F(HttpConnections, F20AbandonTheAnswerWhenTheCallerLeaves) {
  Interrupted work;
  handler_.does = [&work](HttpExchange& exchange) { return work(exchange); };
  Peer peer = connect();
  peer.send(get("/a"));
  turn_until(loop_, [&] { return handler_.handled == 1; });

  peer.close();
  turn_until_closed();

  EXPECT_EQ(work.why, Interrupt::ClientGone);
}

TEST_F(HttpConnections, F21TakeAFinForLeavingUnlessItIsAllowed) {
  Interrupted work;
  handler_.does = [&work](HttpExchange& exchange) { return work(exchange); };
  Peer peer = connect();
  peer.send(get("/a"));
  peer.finish();
  turn_until(loop_, [&] { return work.over; });
  EXPECT_EQ(work.why, Interrupt::ClientGone);

  settings_.half_close = true;
  handler_.does = say_ok;
  Peer half = connect();
  half.send(get("/a"));
  half.finish();
  EXPECT_THAT(half.receive_all(), EndsWith("ok"));
}

TEST_F(HttpConnections, EndWhatRunsWhenTheServerEnds) {
  Interrupted work;
  handler_.does = [&work](HttpExchange& exchange) { return work(exchange); };
  Peer peer = connect();
  peer.send(get("/a"));
  turn_until(loop_, [&] { return handler_.handled == 1; });

  server_.drain();
  server_.interrupt();

  EXPECT_THAT(peer.receive_all(), EndsWith("late"));
  EXPECT_EQ(work.why, Interrupt::Shutdown);
}

TEST_F(HttpConnections, DieWithTheLoopInTheMiddleOfAnAnswer) {
  Interrupted work;
  handler_.does = [&work](HttpExchange& exchange) { return work(exchange); };
  Peer peer = connect();
  peer.send(get("/a"));
  turn_until(loop_, [&] { return handler_.handled == 1; });

  loop_.abandon_all();

  EXPECT_EQ(open_, 0U);
  EXPECT_FALSE(work.over);
}

TEST_F(HttpConnections, F70CloseWhenDrainedIdleOnesAtOnceBusyOnesAfterTheirAnswer) {
  handler_.does = say_ok;
  Peer idle = connect();
  idle.send(get("/a"));
  idle.receive_answer();
  handler_.does = [](HttpExchange& exchange) -> Task<void> {
    co_await exchange.loop().sleep_until(exchange.loop().now() + milliseconds(30));
    co_await exchange.respond({.content_type = "text/plain"}, "done");
  };
  Peer busy = connect();
  busy.send(get("/b"));
  turn_until(loop_, [&] { return handler_.handled == 2; });

  server_.drain();

  EXPECT_EQ(idle.receive_all(), "");
  const std::string answer = busy.receive_all();
  EXPECT_THAT(answer, HasSubstr("connection: close"));
  EXPECT_THAT(answer, EndsWith("done"));
}

Task<void> fail_by_accident(HttpExchange&) {
  throw std::runtime_error("an accident");
  co_return;
}

TEST_F(HttpConnections, SurviveAHandlerThatThrows) {
  handler_.does = fail_by_accident;
  Peer peer = connect();

  peer.send(get("/a"));

  EXPECT_THAT(peer.receive_all(), StartsWith("HTTP/1.1 500 "));
  EXPECT_EQ(handler_.refused, "internal_error");
}

TEST_F(HttpConnections, DropACallerThatReadsNothing) {
  settings_.write_timeout = milliseconds(30);
  bool reached = true;
  handler_.does = [&reached](HttpExchange& exchange) -> Task<void> {
    const std::string large(std::size_t{8} << 20, 'x');
    reached = co_await exchange.respond({.content_type = "text/plain"}, large);
  };
  Peer peer = connect();

  peer.send(get("/a"));
  turn_until_closed();

  EXPECT_FALSE(reached);
}

TEST_F(HttpConnections, UseTheirSettingsFromTheNextRequestOn) {
  handler_.does = echo;
  Peer peer = connect();
  peer.send(get("/a"));
  peer.receive_answer();

  settings_.head.max_fields = 1;
  server_.configure(std::make_shared<const HttpServerSettings>(settings_));
  peer.send(get("/b"));  // Its wait began under the old ones.
  peer.receive_answer();
  peer.send(get("/c", "a: b\r\n"));

  EXPECT_THAT(peer.receive_all(), StartsWith("HTTP/1.1 431 "));
}

}  // namespace
}  // namespace sluice::net
