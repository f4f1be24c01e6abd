// Requests that real clients send.
#include "head_support.h"

#include <gtest/gtest.h>

namespace sluice::net::http1 {
namespace {

class RequestHeads : public ::testing::Test {
 protected:
  void read(std::string text) {
    text_ = std::move(text);
    std::size_t scanned = 0;
    ASSERT_EQ(parse_request_head(text_, {}, head_, error_, scanned), HeadState::Complete)
        << error_.message;
  }

  std::string text_;
  RequestHead head_;
  HeadError error_;
};

TEST_F(RequestHeads, ReadsWhatThePythonSdkOfOpenAiSends) {
  read(
      "POST /v1/chat/completions HTTP/1.1\r\n"
      "Host: localhost:8080\r\n"
      "Accept-Encoding: gzip, deflate\r\n"
      "Connection: keep-alive\r\n"
      "Accept: application/json\r\n"
      "Content-Type: application/json\r\n"
      "User-Agent: OpenAI/Python 1.109.1\r\n"
      "X-Stainless-Lang: python\r\n"
      "X-Stainless-Async: false\r\n"
      "Authorization: Bearer sk-test\r\n"
      "x-stainless-retry-count: 0\r\n"
      "x-stainless-read-timeout: 600\r\n"
      "Content-Length: 83\r\n"
      "\r\n{\"model\"");

  EXPECT_EQ(head_.method, Method::Post);
  EXPECT_EQ(head_.target, "/v1/chat/completions");
  EXPECT_EQ(head_.minor_version, 1);
  EXPECT_EQ(head_.content_length, 83U);
  EXPECT_FALSE(head_.chunked);
  EXPECT_TRUE(head_.keep_alive);
  EXPECT_EQ(head_.fields.size(), 12U);
  EXPECT_EQ(head_.fields.find(HeaderId::Authorization), "Bearer sk-test");
  EXPECT_EQ(head_.fields.find(HeaderId::XStainlessReadTimeout), "600");
  EXPECT_EQ(head_.fields.find("X-STAINLESS-LANG"), "python");
  EXPECT_EQ(text_.substr(head_.size), "{\"model\"");
}

TEST_F(RequestHeads, ReadsWhatTheNodeSdkOfAnthropicSends) {
  read(
      "POST /v1/messages HTTP/1.1\r\n"
      "host: 127.0.0.1:8080\r\n"
      "connection: keep-alive\r\n"
      "accept: application/json\r\n"
      "anthropic-version: 2023-06-01\r\n"
      "anthropic-beta: prompt-caching-2024-07-31,tools-2024-04-04\r\n"
      "content-type: application/json\r\n"
      "x-api-key: sk-ant-test\r\n"
      "accept-language: *\r\n"
      "sec-fetch-mode: cors\r\n"
      "accept-encoding: br, gzip, deflate\r\n"
      "transfer-encoding: chunked\r\n"
      "\r\n");

  EXPECT_TRUE(head_.chunked);
  EXPECT_TRUE(head_.has_body());
  EXPECT_FALSE(head_.content_length);
  EXPECT_EQ(head_.fields.value(HeaderId::AnthropicBeta),
            "prompt-caching-2024-07-31,tools-2024-04-04");
}

TEST_F(RequestHeads, ReadsWhatCurlSendsForALargeBody) {
  read(
      "POST /v1/embeddings HTTP/1.1\r\nHost: [::1]:8080\r\nUser-Agent: curl/8.5.0\r\n"
      "Accept: */*\r\nContent-Length: 2000000\r\nExpect: 100-continue\r\n\r\n");

  EXPECT_TRUE(head_.expect_continue);
  EXPECT_EQ(head_.content_length, 2000000U);
}

TEST_F(RequestHeads, ReadsWhatWrkSends) {
  read("GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n");

  EXPECT_EQ(head_.method, Method::Get);
  EXPECT_FALSE(head_.has_body());
  EXPECT_TRUE(head_.keep_alive);
}

TEST_F(RequestHeads, IgnoresAnUpgradeThatIsNotTheWebSocket) {
  read(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
      "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n");

  EXPECT_FALSE(head_.upgrade_websocket);
  EXPECT_TRUE(head_.keep_alive);
}

TEST_F(RequestHeads, KnowsTheUpgradeToTheWebSocket) {
  read(
      "GET /v1/realtime?model=gpt-realtime HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, "
      "Upgrade\r\n"
      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

  EXPECT_TRUE(head_.upgrade_websocket);
  EXPECT_TRUE(head_.fields.has(HeaderId::SecWebSocketKey));
}

TEST_F(RequestHeads, ClosesAfterHttp10) {
  read("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");

  EXPECT_EQ(head_.minor_version, 0);
  EXPECT_FALSE(head_.keep_alive);
}

TEST_F(RequestHeads, TakesTheHealthCheckOfAnOldBalancerWithoutHost) {
  read("OPTIONS / HTTP/1.0\r\n\r\n");

  EXPECT_EQ(head_.method, Method::Options);
}

TEST_F(RequestHeads, ClosesWhenAnyConnectionLineSaysSo) {
  read("GET / HTTP/1.1\r\nHost: a\r\nConnection: te\r\nConnection: , Close\r\n\r\n");

  EXPECT_FALSE(head_.keep_alive);
}

TEST_F(RequestHeads, ForgivesOneBlankLineBeforeTheRequest) {
  read("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");

  EXPECT_EQ(head_.method_text, "GET");
  EXPECT_EQ(head_.size, text_.size());
}

TEST_F(RequestHeads, TrimsBlanksAndTabsAroundValues) {
  read("GET / HTTP/1.1\r\nHost:a\r\nX-Title: \t a\tb \t \r\nX-Empty:\r\nX-Blank:   \r\n\r\n");

  EXPECT_EQ(head_.fields.value(HeaderId::Host), "a");
  EXPECT_EQ(head_.fields.value(HeaderId::XTitle), "a\tb");
  EXPECT_EQ(head_.fields.find("x-empty"), "");
  EXPECT_EQ(head_.fields.find("x-blank"), "");
  EXPECT_EQ(head_.fields.find("x-absent"), std::nullopt);
}

TEST_F(RequestHeads, KeepsBytesAboveAsciiInValues) {
  read("GET / HTTP/1.1\r\nHost: a\r\nX-Title: Caf\xC3\xA9\r\n\r\n");

  EXPECT_EQ(head_.fields.value(HeaderId::XTitle), "Caf\xC3\xA9");
}

TEST_F(RequestHeads, StopsAtTheEndOfTheHeadWhateverFollows) {
  read("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nbad head\n");

  EXPECT_EQ(text_.substr(head_.size, 9), "GET /next");
}

TEST_F(RequestHeads, CountsFieldsOfOneName) {
  read(
      "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: one\r\nAuthorization: two\r\n"
      "X-Api-Key: three\r\n\r\n");

  EXPECT_EQ(head_.fields.count(HeaderId::Authorization), 2U);
  EXPECT_TRUE(head_.fields.repeated(HeaderId::Authorization));
  EXPECT_EQ(head_.fields.find(HeaderId::Authorization), "one");
  EXPECT_EQ(head_.fields.count(HeaderId::XApiKey), 1U);
  EXPECT_FALSE(head_.fields.repeated(HeaderId::XApiKey));
  EXPECT_EQ(head_.fields.count(HeaderId::Cookie), 0U);
}

TEST_F(RequestHeads, ForgetTheRequestBefore) {
  read(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nCookie: b\r\nCookie: c\r\n\r\n");
  read("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

  EXPECT_FALSE(head_.chunked);
  EXPECT_FALSE(head_.fields.has(HeaderId::Cookie));
  EXPECT_FALSE(head_.fields.repeated(HeaderId::Cookie));
  EXPECT_EQ(head_.fields.size(), 2U);
}

TEST_F(RequestHeads, GiveTheirFieldsInOrder) {
  read("GET / HTTP/1.1\r\nHost: a\r\nB: 1\r\na: 2\r\n\r\n");

  std::string all;
  for (const auto field : head_.fields) {
    all += std::string(field.name) + '=' + std::string(field.value) + ';';
  }

  EXPECT_EQ(all, "Host=a;B=1;a=2;");
}

TEST_F(RequestHeads, SayWhichFieldsAConnectionNominates) {
  read("GET / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Api-Key\r\nX-Api-Key: k\r\n\r\n");

  EXPECT_TRUE(head_.fields.lists(HeaderId::Connection, "x-api-key"));
  EXPECT_FALSE(head_.fields.lists(HeaderId::Connection, "api-key"));
}

TEST(HeaderNames, AreFoundInAnyCase) {
  EXPECT_EQ(header_id("Content-Length"), HeaderId::ContentLength);
  EXPECT_EQ(header_id("CONTENT-LENGTH"), HeaderId::ContentLength);
  EXPECT_EQ(header_id("te"), HeaderId::Te);
  EXPECT_EQ(header_id("X-RateLimit-Remaining-Requests"), HeaderId::XRatelimitRemainingRequests);
  EXPECT_EQ(header_id(""), HeaderId::Other);
  EXPECT_EQ(header_id("content-lengt"), HeaderId::Other);
  EXPECT_EQ(header_id("content_length"), HeaderId::Other);
}

TEST(HeaderNames, AllLeadBackToThemselves) {
  for (std::size_t i = 1; i < kHeaderIds; ++i) {
    const auto id = static_cast<HeaderId>(i);
    EXPECT_EQ(header_id(header_name(id)), id) << header_name(id);
  }
}

TEST(HeaderNames, AreNotImpersonatedByAnyOtherByte) {
  for (std::size_t i = 1; i < kHeaderIds; ++i) {
    const std::string name(header_name(static_cast<HeaderId>(i)));
    for (std::size_t at = 0; at < name.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        auto other = name;
        other[at] = static_cast<char>(byte);
        const bool same = byte == name[at] || (name[at] >= 'a' && byte == name[at] - 0x20);
        ASSERT_EQ(header_id(other) == static_cast<HeaderId>(i), same) << name << ' ' << byte;
      }
    }
  }
}

TEST(Methods, LeadBackToThemselves) {
  for (const auto* name :
       {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"}) {
    EXPECT_EQ(method_name(method_of(name)), name);
  }
  EXPECT_EQ(method_of("get"), Method::Other);
  EXPECT_EQ(method_of(""), Method::Other);
}

}  // namespace
}  // namespace sluice::net::http1
