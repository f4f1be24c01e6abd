#include "net/http1/chunk.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace sluice::net::http1 {
namespace {

using Kind = ChunkStep::Kind;

struct Decoded {
  Kind end = Kind::NeedMore;
  std::string body;
  std::string rest;  // What was left of the input at the end.
  std::string_view complaint;
};

// Feeds pieces of that size.
Decoded decode(std::string_view text, std::size_t piece = SIZE_MAX) {
  Decoded decoded;
  ChunkDecoder decoder;
  while (!text.empty()) {
    auto input = text.substr(0, piece);
    text.remove_prefix(input.size());
    ChunkStep step{};
    while ((step = decoder.next(input)).kind == Kind::Data) decoded.body += step.data;
    if (step.kind == Kind::NeedMore) continue;
    decoded.end = step.kind;
    decoded.complaint = step.data;
    decoded.rest = std::string(input) + std::string(text);
    break;
  }
  return decoded;
}

bool refuses(std::string_view text) {
  return decode(text).end == Kind::Error && decode(text, 1).end == Kind::Error;
}

TEST(ChunkDecoder, ReadsABodyAndLeavesWhatFollows) {
  constexpr std::string_view kText =
      "5\r\nhello\r\n00A\r\n, world\r\n.\r\n0\r\n\r\nGET / HTTP/1.1\r\n";
  for (const std::size_t piece : {SIZE_MAX, std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
    const auto decoded = decode(kText, piece);

    EXPECT_EQ(decoded.end, Kind::End);
    EXPECT_EQ(decoded.body, "hello, world\r\n.");
    EXPECT_EQ(decoded.rest, "GET / HTTP/1.1\r\n");
  }
}

TEST(ChunkDecoder, GivesViewsIntoTheInput) {
  constexpr std::string_view kText = "5\r\nhello\r\n";
  ChunkDecoder decoder;
  auto input = kText;

  const auto step = decoder.next(input);

  EXPECT_EQ(step.data.data(), kText.data() + 3);
  EXPECT_EQ(step.data.size(), 5U);
}

TEST(ChunkDecoder, SaysTheEndAgainAndAgain) {
  ChunkDecoder decoder;
  std::string_view input = "0\r\n\r\n0\r\n\r\n";

  EXPECT_EQ(decoder.next(input).kind, Kind::End);
  EXPECT_EQ(decoder.next(input).kind, Kind::End);
  EXPECT_TRUE(decoder.done());
  EXPECT_EQ(input, "0\r\n\r\n");
}

TEST(ChunkDecoder, WaitsForTheBlankLineBehindTheLastChunk) {
  EXPECT_EQ(decode("5\r\nhello\r\n0\r\n").end, Kind::NeedMore);
  EXPECT_EQ(decode("5\r\nhello\r\n0\r\n\r").end, Kind::NeedMore);
}

TEST(ChunkDecoder, DropsWellFormedExtensions) {
  for (const auto* line : {"5;a", "5;a=b", "5;a=\"b;\\\" \t\xC3\xA9\"", "5;a;b=c;d=\"\""}) {
    const auto decoded = decode(std::string(line) + "\r\nhello\r\n0;last\r\n\r\n", 1);
    EXPECT_EQ(decoded.end, Kind::End) << line;
    EXPECT_EQ(decoded.body, "hello") << line;
  }
}

TEST(ChunkDecoder, H10RefusesExtensionsThatHideALineEnd) {
  using namespace std::string_view_literals;
  for (const auto line :
       {"5;a=\"b\nc\"\r\nhello"sv, "5;a=\"b\r\n\"\r\nhello"sv, "5;a=\"\0\"\r\nhello"sv,
        "5;a\nhello"sv, "5;a=\x7f\r\nhello"sv, "5;a=b\"c\"\r\nhello"sv, "5;a=\"b\"c\r\nhello"sv,
        "5;\r\nhello"sv, "5;a=\r\nhello"sv, "5;=b\r\nhello"sv, "5;a=b=c\r\nhello"sv,
        "5;a=\"\\\n\"\r\nhello"sv, "5; a\r\nhello"sv, "5;a\rhello"sv}) {
    EXPECT_TRUE(refuses(line)) << line;
  }
}

TEST(ChunkDecoder, H11RefusesSizesThatAreNotPlainHex) {
  for (const auto* text :
       {"0x1\r\nA\r\n", "+1\r\nA\r\n", "-1\r\nA\r\n", " 1\r\nA\r\n", "1 \r\nA\r\n", "\r\n", "G\r\n",
        "1\nA\r\n", "1\rA", "1\r\r\n", "\t1\r\n", "1_0\r\n", ";a\r\n", "00000000000000001\r\nA\r\n",
        "FFFFFFFFFFFFFFFFF\r\n"}) {
    EXPECT_TRUE(refuses(text)) << text;
  }
}

TEST(ChunkDecoder, H11RefusesDataThatDoesNotEndWithItsChunk) {
  EXPECT_TRUE(refuses("5\r\nhello0\r\n\r\n"));
  EXPECT_TRUE(refuses("5\r\nhello\n0\r\n\r\n"));
  EXPECT_TRUE(refuses("5\r\nhello\r0\r\n\r\n"));
  EXPECT_TRUE(refuses("5\r\nhello world\r\n0\r\n\r\n"));
  EXPECT_EQ(decode("5\r\nhello!").complaint, "chunk longer than its size");
}

TEST(ChunkDecoder, H11TakesTheLargestSizeWithoutOverflow) {
  ChunkDecoder decoder;
  std::string_view input = "FFFFFFFFFFFFFFFF\r\nabc";

  EXPECT_EQ(decoder.next(input).data, "abc");
  EXPECT_EQ(decoder.next(input).kind, Kind::NeedMore);
}

TEST(ChunkDecoder, H12RefusesALongLine) {
  EXPECT_EQ(decode("5;" + std::string(1021, 'a') + "\r\nhello\r\n0\r\n\r\n").end, Kind::End);
  EXPECT_TRUE(refuses("5;" + std::string(1022, 'a') + "\r\nhello\r\n0\r\n\r\n"));
  EXPECT_TRUE(refuses("5;" + std::string(100'000, 'a')));
}

TEST(ChunkDecoder, H12RefusesAFloodOfExtensions) {
  std::string flood;
  for (int i = 0; i < 100; ++i) flood += "1;" + std::string(100, 'a') + "\r\nx\r\n";

  EXPECT_TRUE(refuses(flood));
  EXPECT_EQ(decode(flood).complaint, "too many chunk extensions");
}

TEST(ChunkDecoder, H12TakesAnyNumberOfPlainChunks) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "1\r\nx\r\n";

  const auto decoded = decode(text + "0\r\n\r\n", 4096);

  EXPECT_EQ(decoded.end, Kind::End);
  EXPECT_EQ(decoded.body.size(), 100'000U);
}

TEST(ChunkDecoder, H13RefusesAFloodOfTrailers) {
  std::string flood = "0\r\n";
  for (int i = 0; i < 1000; ++i) flood += "X-Trailer: value\r\n";

  EXPECT_TRUE(refuses(flood));
  EXPECT_TRUE(refuses("0\r\nX: " + std::string(10'000, 'x')));
}

TEST(ChunkDecoder, H14DropsTrailers) {
  const auto decoded = decode(
      "2\r\nok\r\n0\r\nAuthorization: Bearer x\r\nHost: other\r\nConnection: close\r\n\r\nrest", 3);

  EXPECT_EQ(decoded.end, Kind::End);
  EXPECT_EQ(decoded.body, "ok");
  EXPECT_EQ(decoded.rest, "rest");
}

TEST(ChunkDecoder, H14RefusesTrailersThatAreNoFields) {
  for (const auto* text : {"0\r\n: x\r\n\r\n", "0\r\nX : y\r\n\r\n", "0\r\nX: y\r\n z\r\n\r\n",
                           "0\r\nX: y\nZ: a\r\n\r\n", "0\r\nX: \x01\r\n\r\n", "0\r\nX\r\n\r\n",
                           "0\r\n\n", "0\r\n\rX", "0\r\nX: y\rZ"}) {
    EXPECT_TRUE(refuses(text)) << text;
  }
}

TEST(ChunkDecoder, StaysRefused) {
  ChunkDecoder decoder;
  std::string_view bad = "x";
  std::string_view good = "0\r\n\r\n";

  EXPECT_EQ(decoder.next(bad).kind, Kind::Error);
  EXPECT_EQ(decoder.next(good).kind, Kind::Error);
  EXPECT_EQ(decoder.next(good).data, "bad chunk size");
}

TEST(ChunkHeads, AreReadBack) {
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{15}, std::size_t{16}, std::size_t{65536}}) {
    std::array<char, kMaxChunkHead> head;
    std::string text(head.data(), write_chunk_head(head.data(), size));
    text += std::string(size, 'x');
    text += kChunkEnd;
    text += kLastChunk;

    const auto decoded = decode(text);

    EXPECT_EQ(decoded.end, Kind::End);
    EXPECT_EQ(decoded.body.size(), size);
  }
}

TEST(ChunkHeads, FitTheRoomTheyAskFor) {
  std::array<char, kMaxChunkHead> head;

  EXPECT_EQ(write_chunk_head(head.data(), SIZE_MAX), kMaxChunkHead);
  EXPECT_EQ(std::string_view(head.data(), head.size()), "ffffffffffffffff\r\n");
}

}  // namespace
}  // namespace sluice::net::http1
