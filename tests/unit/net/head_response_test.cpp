#include "head_support.h"

#include <gtest/gtest.h>

namespace sluice::net::http1 {
namespace {

class ResponseHeads : public ::testing::Test {
 protected:
  void read(std::string text) {
    text_ = std::move(text);
    std::size_t scanned = 0;
    ASSERT_EQ(parse_response_head(text_, {}, head_, error_, scanned), HeadState::Complete)
        << error_.message;
  }

  std::string text_;
  ResponseHead head_;
  HeadError error_;
};

TEST_F(ResponseHeads, ReadAStreamOfChunks) {
  read(
      "HTTP/1.1 200 OK\r\nDate: Mon, 02 Nov 2026 10:00:00 GMT\r\n"
      "Content-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n"
      "Connection: keep-alive\r\nx-request-id: req_1\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\n"
      "5\r\n");

  EXPECT_EQ(head_.status, 200);
  EXPECT_EQ(head_.reason, "OK");
  EXPECT_TRUE(head_.chunked);
  EXPECT_TRUE(head_.keep_alive);
  EXPECT_EQ(head_.fields.value(HeaderId::XRequestId), "req_1");
  EXPECT_EQ(head_.fields.count(HeaderId::SetCookie), 2U);
  EXPECT_EQ(text_.substr(head_.size), "5\r\n");
}

TEST_F(ResponseHeads, ReadAReasonOfSeveralWordsOrNone) {
  read("HTTP/1.1 529 Site is overloaded\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(head_.status, 529);
  EXPECT_EQ(head_.reason, "Site is overloaded");
  EXPECT_EQ(head_.content_length, 2U);

  read("HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(head_.reason, "");

  read("HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(head_.status, 404);
}

TEST_F(ResponseHeads, TakeNamesWithAnUnderscore) {
  read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nx_trace: 1\r\n\r\n");

  EXPECT_EQ(head_.fields.find("x_trace"), "1");
}

TEST_F(ResponseHeads, DoNotKeepAConnectionWhoseEndEndsTheBody) {
  read("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");

  EXPECT_FALSE(head_.keep_alive);
}

TEST_F(ResponseHeads, DoNotKeepAConnectionOfHttp10OrOneThatCloses) {
  read("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_FALSE(head_.keep_alive);
  read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n");
  EXPECT_FALSE(head_.keep_alive);
  read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive; close\r\n\r\n");
  EXPECT_FALSE(head_.keep_alive);
}

TEST_F(ResponseHeads, H28InterimAnswersAreWholeHeads) {
  read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n");

  EXPECT_EQ(head_.status, 100);
  EXPECT_TRUE(head_.ends_with_head());
  EXPECT_EQ(text_.substr(head_.size, 12), "HTTP/1.1 200");
}

TEST_F(ResponseHeads, H29SomeAnswersEndWithTheirHead) {
  read("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_TRUE(head_.ends_with_head());
  EXPECT_TRUE(head_.keep_alive);
  read("HTTP/1.1 304 Not Modified\r\nContent-Length: 512\r\n\r\n");
  EXPECT_TRUE(head_.ends_with_head());
  read("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n");
  EXPECT_TRUE(head_.ends_with_head());
  read("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n");
  EXPECT_FALSE(head_.ends_with_head());
}

TEST(ResponseRefusals, H25NothingThatCouldSplitAnAnswer) {
  for (const auto* text :
       {"HTTP/1.1 200 O\nK\r\n\r\n", "HTTP/1.1 200 O\rK\r\n\r\n", "HTTP/1.1 200 O\x01K\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\nb\r\n\r\n", "HTTP/1.1 200 OK\r\nX: a\r b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", "HTTP/1.1 200 OK\r\nX: a\x7f\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX y: a\r\n\r\n"}) {
    EXPECT_EQ(judge_response(text).status(), 502) << text;
    EXPECT_EQ(judge_response(text).error.code, "upstream_bad_response");
  }
}

TEST(ResponseRefusals, H27FramingInDoubt) {
  EXPECT_EQ(
      judge_response(answer_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")).status(),
      502);
  EXPECT_EQ(judge_response(answer_with("Content-Length: 5\r\nContent-Length: 5\r\n")).status(),
            502);
  EXPECT_EQ(judge_response(answer_with("Content-Length: 5, 5\r\n")).status(), 502);
  EXPECT_EQ(judge_response(answer_with("Transfer-Encoding: gzip, chunked\r\n")).status(), 502);
  EXPECT_EQ(judge_response("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").status(), 502);
  EXPECT_EQ(judge_response("HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n").status(), 502);
}

TEST(ResponseRefusals, H27StatusesThatAreNone) {
  for (const auto* status : {"000", "099", "600", "999", "20", "2000", "2x0", "-20", "", "+200"}) {
    EXPECT_EQ(judge_response("HTTP/1.1 " + std::string(status) + " OK\r\n\r\n").status(), 502)
        << status;
  }
  EXPECT_EQ(judge_response("HTTP/1.1  200 OK\r\n\r\n").status(), 502);
  EXPECT_EQ(judge_response("HTTP/1.1\t200 OK\r\n\r\n").status(), 502);
}

TEST(ResponseRefusals, H27WhatIsNoHttp1) {
  for (const auto* text :
       {"HTTP/2 200 \r\n\r\n", "HTTP/1.2 200 OK\r\n\r\n", "HTTP/0.9 200 OK\r\n\r\n", "<html>",
        "\r\nHTTP/1.1 200 OK\r\n\r\n", "{\"a\":1}", "ICY 200 OK\r\n\r\n"}) {
    EXPECT_EQ(judge_response(text).status(), 502) << text;
  }
}

TEST(ResponseRefusals, HeadsThatAreTooLarge) {
  std::string many;
  for (int i = 0; i < 101; ++i) many += "a: b\r\n";
  EXPECT_EQ(judge_response(answer_with(many)).status(), 502);
  EXPECT_EQ(judge_response("HTTP/1.1 200 " + std::string(17000, 'x')).status(), 502);
  EXPECT_EQ(judge_response("HTTP/1.1 200 OK\r\nX: " + std::string(17000, 'x')).status(), 502);
}

}  // namespace
}  // namespace sluice::net::http1
