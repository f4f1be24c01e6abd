#include "base/sse.h"

#include <gtest/gtest.h>

#include <vector>

namespace sluice::sse {
namespace {

// A frame with views of its own.
struct Seen {
  std::string raw;
  std::string event;
  std::string data;
  std::string plain;  // As append_clean() writes it.
  bool clean = false;
  bool has_data = false;
  bool operator==(const Seen&) const = default;
};

struct Stream {
  std::vector<Seen> frames;
  std::vector<Seen> tail;  // What finish() found.
  bool too_large = false;
  bool operator==(const Stream&) const = default;
};

Seen see(const Frame& frame) {
  std::string scratch;
  Seen seen;
  seen.raw = frame.raw();
  seen.event = frame.event();
  seen.data = frame.data(scratch);
  seen.clean = frame.clean();
  seen.has_data = frame.has_data();
  frame.append_clean(seen.plain);
  return seen;
}

// Feeds the text up to each of the cuts, from a buffer that moves.
Stream feed(std::string_view text, const std::vector<std::size_t>& cuts,
            std::size_t max_event = 10'000) {
  Stream stream;
  Splitter splitter(max_event);
  std::size_t taken = 0;
  Frame frame;
  auto step = Splitter::Step::NeedMore;
  for (const auto cut : cuts) {
    const std::vector<char> moved(text.begin() + static_cast<std::ptrdiff_t>(taken),
                                  text.begin() + static_cast<std::ptrdiff_t>(cut));
    std::string_view input(moved.data(), moved.size());
    while ((step = splitter.next(input, frame)) == Splitter::Step::Frame) {
      stream.frames.push_back(see(frame));
    }
    taken += moved.size() - input.size();
    stream.too_large = step == Splitter::Step::TooLarge;
  }
  if (splitter.finish(text.substr(taken), frame)) stream.tail.push_back(see(frame));
  return stream;
}

Stream feed(std::string_view text, std::size_t max_event = 10'000) {
  return feed(text, {text.size()}, max_event);
}

std::vector<std::size_t> every_byte(std::string_view text) {
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i <= text.size(); ++i) cuts.push_back(i);
  return cuts;
}

const std::vector<std::string>& samples() {
  using namespace std::string_literals;
  static const std::vector<std::string> kSamples = {
      // OpenAI's chat.
      "data: "
      "{\"id\":\"c1\",\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
      "data: {\"id\":\"c1\",\"choices\":[{\"delta\":{\"content\":\"Gr\xC3\xBC\xC3\x9F "
      "\xF0\x9F\x98\x80"
      "\"}}]}\n\ndata: {\"id\":\"c1\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
      "data: [DONE]\n\n",
      // Anthropic's messages.
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\n\n"
      "event: ping\ndata: {\"type\": \"ping\"}\n\n"
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
      "{\"type\":\"text_delta\",\"text\":\"a\\n\\ndata: b\"}}\n\n"
      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
      // Gemini's, with CRLF.
      "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]}\r\n\r\n"
      "data: {\"candidates\":[],\"usageMetadata\":{\"totalTokenCount\":3}}\r\n\r\n",
      // What proxies in between make of it.
      ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\ndata: {\"id\":1}\n\n",
      "\xEF\xBB\xBF"
      "data: x\n\ndata: y\n\n",
      "\xEF\xBB\xBF\r\n\r\nevent: a\rdata: x\r\r\ndata: y\n\n",
      "data: x\r\rdata: y\r\rdata: z\r\r",
      "id: 7\nretry: 10\nevent: e\ndata: x\n\nid: 8\r\ndata: y\r\n\r\n",
      "data: one\ndata: two\r\ndata:\ndata: four\n\n",
      "data:x\n\ndata:  y\n\ndata\n\nevent:e\ndata:x\n\nevent\ndata: x\n\n",
      "foo: bar\ndata: x\n\nevent: a\nevent: b\ndata: x\n\n",
      "\n\n\ndata: x\n\n\n\r\n\rdata: y\n\n",
      "data: x\r\n\rdata: y\n\r\n",
      "event: only\n\n\n",
      "data: x\n\ndata: tail without an end",
      "data: x\n\ndata: tail\n",
      "data: x\r\n\r\ndata: tail\r\n\r",
      "data: a\xE2\x80\xA8"
      "b\0c\x0b\n\n"s,
      "\xEF\xBB",
      "\r",
      "",
  };
  return kSamples;
}

TEST(SseSplitter, GivesTheSameFramesWholeAndByteByByteAndCutAnywhere) {
  for (const auto& sample : samples()) {
    const auto whole = feed(sample);
    EXPECT_EQ(feed(sample, every_byte(sample)), whole) << sample;
    for (std::size_t cut = 0; cut <= sample.size(); ++cut) {
      ASSERT_EQ(feed(sample, {cut, sample.size()}), whole) << sample << " cut at " << cut;
    }
  }
}

TEST(SseSplitter, LosesNoByte) {
  for (const auto& sample : samples()) {
    std::string all;
    const auto stream = feed(sample);
    for (const auto& frame : stream.frames) all += frame.raw;

    EXPECT_TRUE(sample.starts_with(all));
    if (!stream.tail.empty()) {
      EXPECT_EQ(all + stream.tail[0].raw, sample);
    }
  }
}

TEST(SseSplitter, GivesWhatIsReadOutOfTheFramesItCleaned) {
  for (const auto& sample : samples()) {
    for (const auto& frame : feed(sample).frames) {
      if (!frame.has_data) {
        EXPECT_EQ(frame.plain, "") << sample;
        continue;
      }
      const auto again = feed(frame.plain);
      ASSERT_EQ(again.frames.size(), 1U) << sample;
      EXPECT_TRUE(again.frames[0].clean) << sample;
      EXPECT_EQ(again.frames[0].event, frame.event) << sample;
      EXPECT_EQ(again.frames[0].data, frame.data) << sample;
      EXPECT_EQ(again.frames[0].plain, frame.plain) << sample;
    }
  }
}

TEST(SseSplitter, RelaysTheFramesOfTheGreatProvidersAsTheyCame) {
  for (std::size_t i = 0; i < 3; ++i) {
    std::string relayed;
    for (const auto& frame : feed(samples()[i]).frames) {
      EXPECT_TRUE(frame.clean) << frame.raw;
      relayed += frame.raw;
    }
    EXPECT_EQ(relayed, samples()[i]);
  }
}

TEST(SseSplitter, ReadsNameAndData) {
  const auto stream = feed("event: message_start\ndata: {\"a\": 1}\n\ndata: [DONE]\n\n");

  ASSERT_EQ(stream.frames.size(), 2U);
  EXPECT_EQ(stream.frames[0].event, "message_start");
  EXPECT_EQ(stream.frames[0].data, "{\"a\": 1}");
  EXPECT_EQ(stream.frames[1].event, "");
  EXPECT_EQ(stream.frames[1].data, "[DONE]");
}

TEST(SseSplitter, CopiesNothingOfAFrameWithOneLineOfData) {
  constexpr std::string_view kText = "event: e\ndata: x\n\n";
  Splitter splitter(100);
  Frame frame;
  auto input = kText;
  std::string scratch;

  ASSERT_EQ(splitter.next(input, frame), Splitter::Step::Frame);

  EXPECT_EQ(frame.raw().data(), kText.data());
  EXPECT_EQ(frame.data(scratch).data(), kText.data() + 15);
  EXPECT_TRUE(scratch.empty());
}

TEST(SseSplitter, JoinsTheLinesOfData) {
  const auto stream = feed("data: one\r\n: comment\r\ndata\r\ndata:three\r\n\r\n");

  ASSERT_EQ(stream.frames.size(), 1U);
  EXPECT_EQ(stream.frames[0].data, "one\n\nthree");
  EXPECT_EQ(stream.frames[0].plain, "data: one\ndata: \ndata: three\n\n");
}

TEST(SseSplitter, TakesOneBlankBehindTheColonAndNoMore) {
  const auto stream = feed("data:x\n\ndata:  y\n\ndata:\tz\n\n");

  ASSERT_EQ(stream.frames.size(), 3U);
  EXPECT_EQ(stream.frames[0].data, "x");
  EXPECT_TRUE(stream.frames[0].clean);
  EXPECT_EQ(stream.frames[1].data, " y");
  EXPECT_EQ(stream.frames[2].data, "\tz");
}

TEST(SseSplitter, CallsOddWhatIsNotPlain) {
  for (const auto* text : {"id: 1\ndata: x\n\n", "retry: 1\ndata: x\n\n", ": comment\ndata: x\n\n",
                           "data: x\r\r", "data: x\rdata: y\n\n",
                           "\xEF\xBB\xBF"
                           "data: x\n\n",
                           "\ndata: x\n\n", "data\n\n", "other: x\ndata: x\n\n",
                           "event: a\nevent: b\ndata: x\n\n", "Data: x\n\n", " data: x\n\n"}) {
    const auto stream = feed(text);
    ASSERT_EQ(stream.frames.size(), 1U) << text;
    EXPECT_FALSE(stream.frames[0].clean) << text;
  }
}

TEST(SseSplitter, CleansOddFrames) {
  EXPECT_EQ(feed("id: 1\nretry: 5\nevent: e\n: c\ndata: x\n\n").frames[0].plain,
            "event: e\ndata: x\n\n");
  EXPECT_EQ(feed("event:e\rdata:x\r\r").frames[0].plain, "event: e\ndata: x\n\n");
  EXPECT_EQ(feed("\xEF\xBB\xBF"
                 "data: x\n\n")
                .frames[0]
                .plain,
            "data: x\n\n");
  EXPECT_EQ(feed("event: a\nevent: b\ndata: x\n\n").frames[0].plain, "event: b\ndata: x\n\n");
}

TEST(SseSplitter, LetsFramesOfCommentsVanish) {
  const auto stream = feed(": keep-alive\n\nid: 7\n\n");

  ASSERT_EQ(stream.frames.size(), 2U);
  EXPECT_EQ(stream.frames[0].plain + stream.frames[1].plain, "");
}

TEST(SseSplitter, DoesNotHoldBackFramesThatEndWithReturnsAlone) {
  Splitter splitter(100);
  Frame frame;
  std::string_view input = "data: x\r\r";

  EXPECT_EQ(splitter.next(input, frame), Splitter::Step::Frame);
  EXPECT_EQ(frame.raw(), "data: x\r\r");
}

TEST(SseSplitter, TakesAByteOrderMarkAtTheStartAlone) {
  const auto stream = feed(
      "\xEF\xBB\xBF"
      "data: x\n\n\xEF\xBB\xBF"
      "data: y\n\n");

  ASSERT_EQ(stream.frames.size(), 2U);
  EXPECT_EQ(stream.frames[0].data, "x");
  EXPECT_FALSE(stream.frames[1].has_data);
  EXPECT_FALSE(stream.frames[1].clean);
}

TEST(SseSplitter, ReportsATailWithoutItsEnd) {
  EXPECT_EQ(feed("data: x\n\ndata: [DONE]").tail[0].data, "[DONE]");
  EXPECT_EQ(feed("data: x\n\nevent: e\ndata: y\n").tail[0].event, "e");
  EXPECT_FALSE(feed("data: x\n\ndata: y\n").tail[0].clean);
  EXPECT_TRUE(feed("data: x\n\n").tail.empty());
  EXPECT_TRUE(feed("data: x\n\n\n\r\n\r").tail.empty());
  EXPECT_TRUE(feed("").tail.empty());
}

TEST(SseSplitter, RefusesAFrameAboveTheLimitHoweverItComes) {
  const std::string large = "data: " + std::string(100, 'x') + "\n\n";
  const auto text = "data: y\n\n" + large;

  EXPECT_EQ(feed(text, large.size()).frames.size(), 2U);
  EXPECT_FALSE(feed(text, large.size()).too_large);
  for (const auto& stream :
       {feed(text, large.size() - 1), feed(text, every_byte(text), large.size() - 1)}) {
    EXPECT_EQ(stream.frames.size(), 1U);
    EXPECT_TRUE(stream.too_large);
    EXPECT_TRUE(stream.tail.empty());
  }
}

TEST(SseSplitter, RefusesAFloodOfComments) {
  std::string flood;
  for (int i = 0; i < 1000; ++i) flood += ": comment\n";

  EXPECT_TRUE(feed(flood, 1000).too_large);
}

TEST(SseFrames, CannotBeEndedByTheirData) {
  std::string out;

  append_frame(out, "e", "a\n\ndata: b\revent: c\r\nd\n");

  EXPECT_EQ(out, "event: e\ndata: a\ndata: \ndata: data: b\ndata: event: c\ndata: d\ndata: \n\n");
  ASSERT_EQ(feed(out).frames.size(), 1U);
  EXPECT_EQ(feed(out).frames[0].data, "a\n\ndata: b\nevent: c\nd\n");
}

TEST(SseFrames, LeaveOutANameThatWouldEndItsLine) {
  std::string out;

  append_frame(out, "a\ndata: b", "x");

  EXPECT_EQ(out, "data: x\n\n");
}

TEST(SseFrames, MayBeEmpty) {
  std::string out;

  append_frame(out, "", "");

  EXPECT_EQ(out, "data: \n\n");
}

}  // namespace
}  // namespace sluice::sse
