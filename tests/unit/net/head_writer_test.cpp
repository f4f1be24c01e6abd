#include "net/http1/head_writer.h"

#include "head_support.h"

#include <gtest/gtest.h>

#include <array>

namespace sluice::net::http1 {
namespace {

TEST(HeadWriter, WritesAnAnswer) {
  std::array<char, 256> buffer;
  HeadWriter writer(buffer);

  writer.status_line(529);
  writer.field("content-type", "application/json");
  writer.field(HeaderId::ContentLength, std::uint64_t{18446744073709551615U});
  writer.end();

  EXPECT_EQ(writer.view(),
            "HTTP/1.1 529 Overloaded\r\ncontent-type: application/json\r\n"
            "content-length: 18446744073709551615\r\n\r\n");
  EXPECT_FALSE(writer.overflow());
  EXPECT_FALSE(writer.refused());
}

TEST(HeadWriter, WritesARequestThatItsReaderTakes) {
  std::array<char, 256> buffer;
  HeadWriter writer(buffer);
  writer.request_line(Method::Post, "/v1/messages?beta=true");
  writer.field(HeaderId::Host, "api.anthropic.com");
  writer.field("content-length", std::uint64_t{0});
  writer.end();

  RequestHead head;
  HeadError error;
  std::size_t scanned = 0;

  ASSERT_EQ(parse_request_head(writer.view(), {}, head, error, scanned), HeadState::Complete);
  EXPECT_EQ(head.target, "/v1/messages?beta=true");
  EXPECT_EQ(head.content_length, 0U);
}

TEST(HeadWriter, H25WritesNothingThatEndsALine) {
  std::array<char, 256> buffer;
  for (const char byte : {'\r', '\n', '\0', '\x01', '\x7f'}) {
    const std::string bad = std::string("a") + byte + "b";
    HeadWriter writer(buffer);

    writer.field("x-title", bad);
    writer.field(bad, "value");
    writer.field(HeaderId::XTitle, bad);
    writer.request_line(Method::Get, "/" + bad);

    EXPECT_EQ(writer.view(), "");
    EXPECT_TRUE(writer.refused());
  }
}

TEST(HeadWriter, H25WritesNoFirstLineThatIsNone) {
  std::array<char, 256> buffer;
  for (const auto* target : {"", "*", "http://a/", "/a b", "/a#b", "/caf\xC3\xA9"}) {
    HeadWriter writer(buffer);
    writer.request_line(Method::Get, target);
    EXPECT_TRUE(writer.refused()) << target;
    EXPECT_EQ(writer.view(), "");
  }
  for (const int status : {-1, 0, 99, 600, 1000}) {
    HeadWriter writer(buffer);
    writer.status_line(status);
    EXPECT_TRUE(writer.refused()) << status;
    EXPECT_EQ(writer.view(), "");
  }
}

TEST(HeadWriter, H25WritesNoNameThatIsNoToken) {
  std::array<char, 256> buffer;
  for (const auto* name : {"", "a b", "a:", "a\"", "caf\xC3\xA9"}) {
    HeadWriter writer(buffer);
    writer.field(name, "value");
    EXPECT_TRUE(writer.refused()) << name;
    EXPECT_EQ(writer.view(), "");
  }
}

TEST(HeadWriter, StopsAtAWholeLineWhenTheBufferIsFull) {
  std::array<char, 30> buffer;
  HeadWriter writer(buffer);

  writer.status_line(200);
  writer.field("server-timing", "gw;dur=0.1");
  writer.field("a", "b");
  writer.end();

  EXPECT_TRUE(writer.overflow());
  EXPECT_EQ(writer.view(), "HTTP/1.1 200 OK\r\n");
}

TEST(HeadWriter, FillsItsBufferToTheLastByte) {
  std::array<char, 25> buffer;
  HeadWriter writer(buffer);

  writer.status_line(200);
  writer.field("a", "b");
  writer.end();

  EXPECT_EQ(writer.view(), "HTTP/1.1 200 OK\r\na: b\r\n\r\n");
  EXPECT_FALSE(writer.overflow());
}

TEST(HeadWriter, NamesEveryStatusOfTheContract) {
  for (const int status : {200, 400, 401, 402, 403, 404, 405, 408, 409, 411, 413, 414,
                           415, 417, 422, 429, 431, 500, 501, 502, 503, 504, 505, 529}) {
    EXPECT_NE(reason_phrase(status), "Unknown") << status;
  }
  EXPECT_EQ(reason_phrase(299), "Unknown");
}

}  // namespace
}  // namespace sluice::net::http1
