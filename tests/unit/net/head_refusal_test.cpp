// The rows of the attack list that the head of a request decides; each number is a row.
#include "head_support.h"

#include <gtest/gtest.h>

namespace sluice::net::http1 {
namespace {

TEST(RequestRefusals, H01ContentLengthBesideChunkedInEitherOrder) {
  EXPECT_EQ(refusal_of(post_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(refusal_of(post_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")), 400);
  EXPECT_EQ(refusal_of(post_with("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n")), 400);
}

TEST(RequestRefusals, H02AnotherTransferCodingBesideContentLength) {
  EXPECT_EQ(refusal_of(post_with("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n")), 400);
  EXPECT_EQ(refusal_of(post_with("Transfer-Encoding: gzip\r\n")), 501);
}

TEST(RequestRefusals, H03TransferCodingsThatOnlyLookLikeChunked) {
  for (const auto* coding : {"identity", "xchunked", "\"chunked\"", "chunked, identity", "chunked,",
                             "gzip, chunked", ", chunked", "chunke", "chunked\x0b", "c hunked"}) {
    const int status = refusal_of(post_with("Transfer-Encoding: " + std::string(coding) + "\r\n"));
    EXPECT_TRUE(status == 501 || status == 400) << coding << ' ' << status;
  }
  EXPECT_EQ(refusal_of(post_with("Transfer-Encoding: identity\r\n")), 501);
  EXPECT_EQ(refusal_of(post_with("Transfer-Encoding:\r\n")), 400);
}

TEST(RequestRefusals, H04ChunkedWithParametersOrTwice) {
  EXPECT_EQ(refusal_of(post_with("Transfer-Encoding: chunked;q=1\r\n")), 400);
  EXPECT_EQ(refusal_of(post_with("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n")),
            400);
  EXPECT_EQ(refusal_of(post_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")),
            400);
}

TEST(RequestRefusals, H05TransferEncodingInHttp10) {
  EXPECT_EQ(refusal_of("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(RequestRefusals, H06EveryContentLengthButOnePlainNumber) {
  for (const auto* length :
       {"5, 5", "005", "+5", "-1", "0x5", "", "5 5", "5;", "18446744073709551616",
        "99999999999999999999", "5\t5", "5.0", "1e3", "00"}) {
    EXPECT_EQ(refusal_of(post_with("Content-Length: " + std::string(length) + "\r\n")), 400)
        << length;
  }
  EXPECT_EQ(refusal_of(post_with("Content-Length: 5\r\nContent-Length: 5\r\n")), 400);
  EXPECT_EQ(refusal_of(post_with("Content-Length: 5\r\ncontent-length: 6\r\n")), 400);
  EXPECT_EQ(refusal_of(post_with("Content-Length: 9999999999999999999\r\n")), 0);
  EXPECT_EQ(refusal_of(post_with("Content-Length: 0\r\n")), 0);
}

TEST(RequestRefusals, H07NamesThatAreNoToken) {
  for (const auto* line : {"Content-Length : 5", ": 5", "X(y): 5", "X y: 5", "X\"y: 5", "X{y}: 5",
                           "Caf\xC3\xA9: 5", "X/Y: 5", "no colon", "X@: 5", "X[0]: 5", "\x7f: 5"}) {
    EXPECT_EQ(refusal_of(post_with(std::string(line) + "\r\n")), 400) << line;
  }
}

TEST(RequestRefusals, H08FoldedLines) {
  EXPECT_EQ(refusal_of(post_with("Transfer-Encoding:\r\n chunked\r\n")), 400);
  EXPECT_EQ(refusal_of(post_with("X: y\r\n Transfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(refusal_of(post_with("X: y\r\n\tz\r\n")), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), 400);
}

TEST(RequestRefusals, H09BareLineEndsAndControlBytes) {
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a\r\n\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a\r\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\rHost: a\r\n\r\n"), 400);
  for (int byte = 0; byte < 0x20; ++byte) {
    if (byte == '\t') continue;
    const std::string text = {static_cast<char>(byte)};
    EXPECT_EQ(refusal_of(post_with("X: a" + text + "b\r\n")), 400) << byte;
    EXPECT_EQ(refusal_of(post_with("X" + text + ": b\r\n")), 400) << byte;
  }
  EXPECT_EQ(refusal_of(post_with("X: a\x7f\r\n")), 400);
}

TEST(RequestRefusals, H15HostThatIsMissingDoubleOrBad) {
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
  for (const auto* host :
       {"", "a b", "a/?", "a/#", "a@b", "a,b", "a:", "a:80:80", "a:x", "a:123456", "[::1", "[]",
        "[::1]x", "[g::1]", "a\\b", "a%2f", "x\xC3\xA9", "::1"}) {
    EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n"), 400) << host;
  }
  for (const auto* host : {"a", "a.b-c_d~e:80", "127.0.0.1:1", "[::1]", "[::ffff:1.2.3.4]:65535"}) {
    EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n"), 0) << host;
  }
}

TEST(RequestRefusals, H16EveryTargetButAPlainPath) {
  for (const auto* target :
       {"http://other/", "https://other/v1", "other:443", "*", "admin", "", "?x", "#", "/a#b",
        "/a b", "/caf\xC3\xA9", "/a\x80", "/a\tb", "/a\x7f", "\\", "%2f"}) {
    EXPECT_EQ(refusal_of(get(target)), 400) << target;
  }
  EXPECT_EQ(refusal_of(std::string("GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n", 31)), 400);
  EXPECT_EQ(refusal_of("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("CONNECT other:443 HTTP/1.1\r\nHost: other\r\n\r\n"), 405);
  EXPECT_EQ(refusal_of("CONNECT / HTTP/1.1\r\nHost: other\r\n\r\n"), 405);
  EXPECT_EQ(refusal_of("TRACE / HTTP/1.1\r\nHost: other\r\n\r\n"), 405);
  EXPECT_EQ(refusal_of(get("/v1/models/a%2Fb?x=%00&y={z}|")), 0);
}

TEST(RequestRefusals, H17MethodsThatNobodyKnows) {
  EXPECT_EQ(refusal_of(std::string(300, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
  EXPECT_EQ(refusal_of("get / HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
  EXPECT_EQ(refusal_of("Post / HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
  EXPECT_EQ(refusal_of("PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
  EXPECT_EQ(refusal_of("GET/ / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of(" GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

TEST(RequestRefusals, H18OtherVersionsAndProtocols) {
  EXPECT_EQ(refusal_of("GET /\r\n"), 505);
  EXPECT_EQ(refusal_of("GET / HTTP/0.9\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(refusal_of("GET / HTTP/1.2\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(refusal_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(refusal_of("GET / HTTP/9.9\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(refusal_of("GET / http/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.10\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1 \r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1,1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / X\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
  EXPECT_EQ(refusal_of(std::string("\x16\x03\x01\x02\x00\x01", 6)), 400);
  EXPECT_EQ(refusal_of("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

TEST(RequestRefusals, H18WhatIsNoRequestAtItsFirstBytes) {
  EXPECT_EQ(judge_request("\x16").error.message, "TLS on a port that speaks plain HTTP");
  EXPECT_EQ(judge_request("PRI ").status(), 505);
  EXPECT_EQ(judge_request("\n").status(), 400);
  EXPECT_EQ(judge_request("\rG").status(), 400);
  EXPECT_EQ(judge_request("{").status(), 400);
  EXPECT_EQ(judge_request("GET x").status(), 400);
  EXPECT_EQ(judge_request("GET / HTTP/2").status(), 0);  // The version may still become "2x".
  EXPECT_EQ(judge_request("GET / SIP").status(), 400);
}

TEST(RequestRefusals, H19HeadsThatAreTooLarge) {
  const std::string line = "X-Filler: " + std::string(16 * 1024 - 10, 'x') + "\r\n";
  EXPECT_EQ(refusal_of(post_with(line)), 0);
  EXPECT_EQ(refusal_of(post_with("X" + line)), 431);
  EXPECT_EQ(refusal_of(post_with(line + line + line)), 0);
  EXPECT_EQ(refusal_of(post_with(line + line + line + line)), 431);

  std::string many;
  for (int i = 0; i < 99; ++i) many += "a: b\r\n";
  EXPECT_EQ(refusal_of(post_with(many)), 0);
  EXPECT_EQ(refusal_of(post_with(many + "a: b\r\n")), 431);

  EXPECT_EQ(refusal_of(get("/" + std::string(16 * 1024 - 1, 'x'))), 0);
  EXPECT_EQ(refusal_of(get("/" + std::string(16 * 1024, 'x'))), 414);
}

TEST(RequestRefusals, H19HeadsThatGrowTooLargeBeforeTheyEnd) {
  EXPECT_EQ(judge_request("GET /" + std::string(17000, 'x')).status(), 414);
  EXPECT_EQ(judge_request("GET / HTTP/1.1\r\nX: " + std::string(17000, 'x')).status(), 431);
  EXPECT_EQ(judge_request("GET / HTTP/1.1\r\n" + std::string(17000, 'x')).status(), 431);
  EXPECT_EQ(judge_request(std::string(40, 'A')).status(), 501);

  HeadLimits limits;
  limits.max_head = 100;
  EXPECT_EQ(judge_request("GET / HTTP/1.1\r\nX: " + std::string(90, 'x'), limits).status(), 431);
}

TEST(RequestRefusals, H19CountTheLastByteOfTheHead) {
  const auto text = get("/");
  HeadLimits limits;
  limits.max_head = text.size();
  EXPECT_EQ(judge_request(text + "body", limits).state, HeadState::Complete);
  limits.max_head = text.size() - 1;
  EXPECT_EQ(judge_request(text + "body", limits).status(), 431);
}

TEST(RequestRefusals, H23ExpectationsThatCannotBeMet) {
  EXPECT_EQ(refusal_of(post_with("Content-Length: 5\r\nExpect: 200-ok\r\n")), 417);
  EXPECT_EQ(refusal_of(post_with("Content-Length: 5\r\nExpect: 100-continue, x\r\n")), 417);
  EXPECT_EQ(refusal_of(post_with("Content-Length: 5\r\nExpect:\r\n")), 417);
  EXPECT_EQ(refusal_of(
                post_with("Content-Length: 5\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n")),
            417);
}

TEST(RequestRefusals, H23NoContinueWhereNoBodyFollows) {
  const auto text = post_with("Content-Length: 0\r\nExpect: 100-continue\r\n");
  RequestHead head;
  HeadError error;
  std::size_t scanned = 0;

  ASSERT_EQ(parse_request_head(text, {}, head, error, scanned), HeadState::Complete);

  EXPECT_FALSE(head.expect_continue);
}

TEST(RequestRefusals, H26ConnectionThatIsNoListOfNames) {
  EXPECT_EQ(refusal_of(post_with("Connection: close\"\r\nContent-Length: 0\r\n")), 400);
  EXPECT_EQ(refusal_of(post_with("Connection: a b\r\nContent-Length: 0\r\n")), 400);
}

TEST(RequestRefusals, H32BodiesThatOnlyTheEndOfTheConnectionEnds) {
  EXPECT_EQ(refusal_of("POST / HTTP/1.0\r\nHost: a\r\n\r\n{}"), 400);
  EXPECT_EQ(refusal_of(post_with("Connection: close\r\n") + "{}"), 400);
  EXPECT_EQ(refusal_of(post_with("")), 0);
}

TEST(RequestRefusals, H33NamesWithAnUnderscore) {
  EXPECT_EQ(refusal_of(post_with("Transfer_Encoding: chunked\r\n")), 400);
  EXPECT_EQ(refusal_of(post_with("X_Api_Key: k\r\n")), 400);
}

TEST(RequestRefusals, NameACodeOfTheContract) {
  EXPECT_EQ(judge_request(get("*")).error.code, "invalid_request");
  EXPECT_EQ(judge_request("CONNECT ").error.code, "method_not_allowed");
  EXPECT_EQ(judge_request("BREW ").error.code, "not_implemented");
  EXPECT_EQ(judge_request("GET /\r\n").error.code, "version_not_supported");
  EXPECT_EQ(judge_request("GET /" + std::string(17000, 'x')).error.code, "uri_too_long");
  EXPECT_EQ(judge_request(post_with(std::string(17000, 'x'))).error.code, "headers_too_large");
  EXPECT_EQ(judge_request(post_with("Expect: x\r\n")).error.code, "expectation_failed");
}

}  // namespace
}  // namespace sluice::net::http1
