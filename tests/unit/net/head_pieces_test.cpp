// Heads that come in pieces.
#include "head_support.h"

#include <gtest/gtest.h>

#include <vector>

namespace sluice::net::http1 {
namespace {

constexpr std::string_view kRequest =
    "\r\nPOST /v1/chat/completions?api-version=2024-10-21 HTTP/1.1\r\n"
    "Host: gateway.example:8080\r\nX-Long: "
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"
    "Authorization: Bearer sk-test\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n";

// Grows in a buffer that moves each time, as a real one may.
HeadState grow(std::string_view text, std::size_t& scanned, RequestHead& head) {
  const std::vector<char> moved(text.begin(), text.end());
  HeadError error;
  return parse_request_head({moved.data(), moved.size()}, {}, head, error, scanned);
}

TEST(HeadInPieces, IsCompleteWithItsLastByteAndNoSooner) {
  std::size_t scanned = 0;
  RequestHead head;

  for (std::size_t size = 1; size < kRequest.size(); ++size) {
    ASSERT_EQ(grow(kRequest.substr(0, size), scanned, head), HeadState::Incomplete) << size;
  }

  EXPECT_EQ(grow(kRequest, scanned, head), HeadState::Complete);
  EXPECT_EQ(head.size, kRequest.size());
  EXPECT_EQ(head.fields.size(), 5U);
}

TEST(HeadInPieces, MayBeCutAnywhere) {
  for (std::size_t cut = 1; cut < kRequest.size(); ++cut) {
    std::size_t scanned = 0;
    RequestHead head;

    ASSERT_EQ(grow(kRequest.substr(0, cut), scanned, head), HeadState::Incomplete) << cut;
    ASSERT_EQ(grow(kRequest, scanned, head), HeadState::Complete) << cut;

    ASSERT_EQ(head.content_length, 2U);
  }
}

TEST(HeadInPieces, OfAnAnswerMayBeCutAnywhere) {
  constexpr std::string_view kAnswer =
      "HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nRetry-After: 7\r\n"
      "x-ratelimit-remaining-requests: 0\r\nContent-Length: 2\r\n\r\n";
  for (std::size_t cut = 1; cut < kAnswer.size(); ++cut) {
    std::size_t scanned = 0;
    ResponseHead head;
    HeadError error;

    ASSERT_EQ(parse_response_head(kAnswer.substr(0, cut), {}, head, error, scanned),
              HeadState::Incomplete)
        << cut;
    ASSERT_EQ(parse_response_head(kAnswer, {}, head, error, scanned), HeadState::Complete) << cut;

    ASSERT_EQ(head.fields.value(HeaderId::RetryAfter), "7");
  }
}

TEST(HeadInPieces, SearchesOnWhereItStopped) {
  const std::string start = "GET / HTTP/1.1\r\nHost: gateway\r\nX-Filler: " + std::string(200, 'x');
  std::size_t scanned = 0;
  RequestHead head;

  grow(start, scanned, head);

  EXPECT_EQ(scanned, start.size());
}

// How many bytes of the text it takes to be refused, coming byte by byte.
std::size_t bytes_to_refusal(std::string_view text) {
  std::size_t scanned = 0;
  RequestHead head;
  HeadError error;
  for (std::size_t size = 1; size <= text.size(); ++size) {
    const auto state = parse_request_head(text.substr(0, size), {}, head, error, scanned);
    if (state == HeadState::Failed) return size;
  }
  return 0;
}

TEST(HeadInPieces, IsRefusedAsSoonAsItsFirstLineIsWrong) {
  const std::string target(200, 'x');
  const std::string line = "GET /" + target + " HTTP/1.2\r\n";

  EXPECT_EQ(bytes_to_refusal(line + "Host: a\r\n"), line.size());
  EXPECT_EQ(bytes_to_refusal("\x16\x03\x01"), 1U);
  EXPECT_EQ(bytes_to_refusal("brew / HTTP/1.1\r\n"), 5U);
}

TEST(HeadInPieces, IsRefusedBeforeALineOrTheWholeHoldsMuchMemory) {
  EXPECT_LE(bytes_to_refusal("GET /" + std::string(70000, 'x')), 17000U);
  EXPECT_LE(bytes_to_refusal("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(70000, 'x')), 17000U);

  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 5000; ++i) many += "X-Filler: xxxxxxxxxxxx\r\n";
  const auto size = bytes_to_refusal(many);
  EXPECT_GT(size, 0U);
  EXPECT_LE(size, std::size_t{64} * 1024);
}

TEST(HeadInPieces, IsRefusedForABareLineFeedAtOnce) {
  const std::string start =
      "GET / HTTP/1.1\r\nHost: gateway.example:8080\r\nX-Filler: " + std::string(100, 'x');

  EXPECT_EQ(bytes_to_refusal(start + "\nX: y"), start.size() + 1);
}

}  // namespace
}  // namespace sluice::net::http1
