#include "base/aws_event_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <openssl/evp.h>
#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::aws {
namespace {

using std::string_view_literals::operator""sv;
using Step = Splitter::Step;

// A message with values of its own.
struct Seen {
  std::string raw;
  std::string message_type;
  std::string event_type;  // Or the exception's, or the error's code.
  std::string content_type;
  std::string payload;
  bool operator==(const Seen&) const = default;
};

Seen see(const Frame& frame) {
  std::string type(frame.event_type);
  type.append(frame.exception_type).append(frame.error_code);
  return {std::string(frame.raw), std::string(frame.message_type), type,
          std::string(frame.content_type), std::string(frame.payload)};
}

struct Stream {
  std::vector<Seen> frames;
  Step end = Step::NeedMore;
  std::size_t left = 0;  // Bytes that were not taken.
  bool operator==(const Stream&) const = default;
};

// Feeds the text up to each of the cuts, from a buffer that moves and has nothing behind it.
Stream feed(std::string_view text, const std::vector<std::size_t>& cuts,
            std::size_t max_message = 100'000) {
  Stream stream;
  Splitter splitter(max_message);
  std::size_t taken = 0;
  Frame frame;
  for (const auto cut : cuts) {
    const std::vector<char> moved(text.begin() + static_cast<std::ptrdiff_t>(taken),
                                  text.begin() + static_cast<std::ptrdiff_t>(cut));
    std::string_view input(moved.data(), moved.size());
    while ((stream.end = splitter.next(input, frame)) == Step::Frame) {
      stream.frames.push_back(see(frame));
    }
    taken += moved.size() - input.size();
  }
  stream.left = text.size() - taken;
  return stream;
}

Stream feed(std::string_view text, std::size_t max_message = 100'000) {
  return feed(text, {text.size()}, max_message);
}

std::string recording(const std::string& name) {
  std::ifstream file(SLUICE_SOURCE_DIR "/tests/unit/base/data/aws_event_stream/" + name +
                     "/stream.b64");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  std::erase(text, '\n');
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  if (size < 0) return {};
  bytes.resize(static_cast<std::size_t>(size - std::ranges::count(text, '=')));
  return bytes;
}

std::string message(std::initializer_list<Header> headers, std::string_view payload = {}) {
  std::string out;
  append_message(out, {headers.begin(), headers.size()}, payload);
  return out;
}

std::string event(std::string_view name, std::string_view payload) {
  return message({{":event-type", HeaderType::String, name},
                  {":content-type", HeaderType::String, "application/json"},
                  {":message-type", HeaderType::String, "event"}},
                 payload);
}

std::string number(std::size_t value) {
  std::string bytes;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

std::string with_checksum(std::string text) {
  return text +
         number(::crc32_z(0, reinterpret_cast<const unsigned char*>(text.data()), text.size()));
}

// Says what it is told about its lengths, with checksums that are right.
std::string sealed(std::size_t size, std::size_t headers_size, std::string_view headers,
                   std::string_view payload) {
  std::string text = with_checksum(number(size) + number(headers_size));
  return with_checksum(text.append(headers).append(payload));
}

const std::vector<std::string>& samples() {
  static const std::vector<std::string> kSamples = {
      recording("converse-stream-max-tokens-stop-4c8a3e"),
      recording("converse-stream-error-in-stream-vision-cf3e7d"),
      recording("invoke-stream-max-tokens-stop-1d587b"),
      event("a", "") + event("b", "{}") + message({}) + message({}, "x"),
  };
  return kSamples;
}

TEST(AwsEventStream, ReadsARecordedStream) {
  const Stream stream = feed(samples()[0]);

  std::vector<std::string> types;
  for (const Seen& frame : stream.frames) {
    EXPECT_EQ(frame.message_type, "event");
    EXPECT_EQ(frame.content_type, "application/json");
    types.push_back(frame.event_type);
  }
  EXPECT_EQ(types, (std::vector<std::string>{"messageStart", "contentBlockDelta",
                                             "contentBlockStop", "messageStop", "metadata"}));
  ASSERT_GT(stream.frames.size(), 1U);
  EXPECT_EQ(stream.frames[1].payload,
            R"({"contentBlockIndex":0,"delta":{"text":"Hi, did you have a question"},)"
            R"("p":"abcdefghijklmnopqrstuvwxyzABCDEFGHIJK"})");
  EXPECT_EQ(stream.left, 0U);
}

TEST(AwsEventStream, TellsAnExceptionFromAnEvent) {
  const Stream stream = feed(samples()[1]);

  ASSERT_EQ(stream.frames.size(), 1U);
  EXPECT_EQ(stream.frames[0].message_type, "exception");
  EXPECT_EQ(stream.frames[0].event_type, "validationException");
  EXPECT_THAT(stream.frames[0].payload, testing::StartsWith(R"({"message":"The model)"));
}

TEST(AwsEventStream, TellsAnErrorThatNoModelDeclares) {
  const std::string text =
      message({{":message-type", HeaderType::String, "error"},
               {":error-code", HeaderType::String, "InternalError"},
               {":error-message", HeaderType::String, "An internal server error occurred"}});
  std::string_view input = text;
  Frame frame;

  ASSERT_EQ(Splitter(1000).next(input, frame), Step::Frame);

  EXPECT_EQ(frame.message_type, "error");
  EXPECT_EQ(frame.error_code, "InternalError");
  EXPECT_EQ(frame.error_message, "An internal server error occurred");
}

TEST(AwsEventStream, ReadsTheSameHoweverTheStreamIsCut) {
  for (const std::string& text : samples()) {
    const Stream whole = feed(text);
    ASSERT_FALSE(whole.frames.empty());
    ASSERT_EQ(whole.left, 0U);

    std::vector<std::size_t> every_byte;
    for (std::size_t i = 1; i <= text.size(); ++i) every_byte.push_back(i);
    EXPECT_EQ(feed(text, every_byte), whole);
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
      EXPECT_EQ(feed(text, {cut, text.size()}), whole) << "cut at " << cut;
    }
  }
}

TEST(AwsEventStream, LosesNoByte) {
  for (const std::string& text : samples()) {
    std::string all;
    for (const Seen& frame : feed(text).frames) all += frame.raw;
    EXPECT_EQ(all, text);
  }
}

TEST(AwsEventStream, LeavesAMessageThatWasCutOff) {
  const std::string text = event("a", "{}") + event("b", "{}");
  const std::size_t first = event("a", "{}").size();
  for (std::size_t size = first + 1; size < text.size(); ++size) {
    const Stream stream = feed(text.substr(0, size));
    EXPECT_EQ(stream.frames.size(), 1U);
    EXPECT_EQ(stream.end, Step::NeedMore);
    EXPECT_EQ(stream.left, size - first);
  }
}

TEST(AwsEventStream, DetectsEveryDamagedByte) {
  for (const std::string& text : samples()) {
    const std::vector<Seen> whole = feed(text).frames;
    for (std::size_t i = 0; i < text.size(); ++i) {
      for (const unsigned flip : {1U, 0x80U, 0xffU}) {
        std::string damaged = text;
        damaged[i] = static_cast<char>(static_cast<unsigned char>(damaged[i]) ^ flip);
        const Stream stream = feed(damaged);
        EXPECT_EQ(stream.end, Step::Malformed) << "byte " << i;
        EXPECT_LT(stream.frames.size(), whole.size());
        EXPECT_TRUE(
            std::ranges::equal(stream.frames, std::span(whole).first(stream.frames.size())));
      }
    }
  }
}

TEST(AwsEventStream, SaysNothingMoreAfterADamagedMessage) {
  std::string text = event("a", "{}");
  text.back() ^= 1;
  text += event("b", "{}");
  std::string_view input = text;
  Splitter splitter(1000);
  Frame frame;

  EXPECT_EQ(splitter.next(input, frame), Step::Malformed);
  input.remove_prefix(event("a", "{}").size());
  EXPECT_EQ(splitter.next(input, frame), Step::Malformed);
}

TEST(AwsEventStream, BoundsAMessage) {
  const std::string text = event("a", std::string(100, 'x'));

  EXPECT_EQ(feed(text, text.size()).frames.size(), 1U);
  EXPECT_EQ(feed(text, text.size() - 1).end, Step::TooLarge);
  // Before the rest of it has come.
  EXPECT_EQ(feed(text.substr(0, 12), text.size() - 1).end, Step::TooLarge);
}

TEST(AwsEventStream, BoundsTheHeaders) {
  const std::string value(60'000, 'v');
  const Header header{"h", HeaderType::Bytes, value};

  EXPECT_EQ(feed(message({header, header}), 1'000'000).frames.size(), 1U);
  EXPECT_EQ(feed(message({header, header, header}), 1'000'000).end, Step::TooLarge);
}

TEST(AwsEventStream, KnowsEveryTypeOfHeader) {
  const std::vector<Header> headers = {
      {"true", HeaderType::True, ""},
      {"false", HeaderType::False, ""},
      {"byte", HeaderType::Byte, "\xff"},
      {"short", HeaderType::Short, "\0\1"sv},
      {"integer", HeaderType::Integer, "\0\0\0\1"sv},
      {"long", HeaderType::Long, "\0\0\0\0\0\0\0\1"sv},
      {"bytes", HeaderType::Bytes, "\xff\0"sv},
      {"string", HeaderType::String, "Gr\xC3\xBC\xC3\x9F"},
      {"timestamp", HeaderType::Timestamp, "\0\0\1\2\3\4\5\6"sv},
      {"uuid", HeaderType::Uuid, "0123456789abcdef"},
      {":message-type", HeaderType::String, "event"},
  };
  std::string text;
  append_message(text, headers, "payload");
  std::string_view input = text;
  Frame frame;

  ASSERT_EQ(Splitter(1000).next(input, frame), Step::Frame);

  std::vector<Header> read;
  while (const auto header = take_header(frame.headers)) read.push_back(*header);
  EXPECT_EQ(read, headers);
  EXPECT_TRUE(frame.headers.empty());
  EXPECT_EQ(frame.message_type, "event");
  EXPECT_EQ(frame.payload, "payload");
}

// With checksums that are right, so that only the headers are to blame.
TEST(AwsEventStream, RefusesMalformedHeaders) {
  for (const std::string_view headers : {
           "\1"sv,                   // No name.
           "\0\0"sv,                 // An empty one.
           "\1a"sv,                  // No type.
           "\1a\x0a"sv,              // None that there is.
           "\1a\2"sv,                // No value.
           "\1a\7\0"sv,              // Half a length.
           "\1a\7\0\2x"sv,           // Half a value.
           "\1a\7\xff\xffx"sv,       // A length beyond the headers.
           "\1a\7\0\1\xff"sv,        // A string that is no UTF-8.
           "\1\xff\0"sv,             // A name that is none.
           "\1a\0\1"sv,              // Something behind the last one.
           "\x0d:message-type\0"sv,  // "Yes" is no type.
       }) {
    const std::string text = sealed(16 + headers.size() + 1, headers.size(), headers, "}");
    EXPECT_EQ(feed(text).end, Step::Malformed) << testing::PrintToString(headers);
  }
  EXPECT_EQ(feed(sealed(16 + 3, 3, "\1a\0"sv, "")).frames.size(), 1U);
}

TEST(AwsEventStream, RefusesLengthsThatCannotBe) {
  EXPECT_EQ(feed(sealed(15, 0, "", "")).end, Step::Malformed);
  EXPECT_EQ(feed(sealed(0, 0, "", "")).end, Step::Malformed);
  EXPECT_EQ(feed(sealed(20, 5, "\1a\0"sv, "xx")).end, Step::Malformed);
  EXPECT_EQ(feed(sealed(20, 0xffffffff, "", "xxxx")).end, Step::Malformed);
}

TEST(AwsEventStream, RefusesAHeaderThatStandsTwice) {
  const Header type{":event-type", HeaderType::String, "a"};

  EXPECT_EQ(feed(message({type, type})).end, Step::Malformed);
  EXPECT_EQ(feed(message({{"x", HeaderType::True, ""}, {"x", HeaderType::True, ""}})).frames.size(),
            1U);
}

TEST(AwsEventStream, RefusesAWellKnownHeaderThatIsNoString) {
  EXPECT_EQ(feed(message({{":message-type", HeaderType::True, ""}})).end, Step::Malformed);
}

}  // namespace
}  // namespace sluice::aws
