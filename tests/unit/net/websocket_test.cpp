#include "net/websocket.h"

#include "net/both.h"
#include "unit/net/drive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice::net::websocket {
namespace {

using Kind = FrameStep::Kind;
using testing::HasSubstr;
using std::string_literals::operator""s;

TEST(WebSocketHandshake, AnswersAKeyAsTheStandardsExampleDoes) {
  EXPECT_EQ(accept_value("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketHandshake, KnowsAKeyWhenItSeesOne) {
  EXPECT_TRUE(is_key("dGhlIHNhbXBsZSBub25jZQ=="));
  EXPECT_TRUE(is_key(new_key()));
  EXPECT_NE(new_key(), new_key());
  for (const std::string_view key :
       {"", "abc", "dGhlIHNhbXBsZSBub25jZQ= ", "dGhlIHNhbXBsZSBub25jZR==",
        "dGhlIHNhbXBsZSBub25j!Q==", "dGhlIHNhbXBsZSBub25jZQ==A", "dGhlIHNhbXBsZSBub25jZQAA"}) {
    EXPECT_FALSE(is_key(key)) << key;
  }
}

std::string frame(int first, std::string_view payload, bool masked = false) {
  std::string text(1, static_cast<char>(first));
  const char mask_bit = masked ? '\x80' : '\0';
  if (payload.size() < 126) {
    text += static_cast<char>(mask_bit | static_cast<char>(payload.size()));
  } else if (payload.size() < 65536) {
    text += static_cast<char>(mask_bit | 126);
    text += static_cast<char>(payload.size() >> 8);
    text += static_cast<char>(payload.size() & 0xff);
  } else {
    text += static_cast<char>(mask_bit | 127);
    for (int shift = 56; shift >= 0; shift -= 8) text += static_cast<char>(payload.size() >> shift);
  }
  if (masked) text += "mask";
  return text + std::string(payload);
}

// "T(Hello)" and so on: what was told, whatever the cuts.
std::string tell(std::string_view bytes, Sender sender = Sender::Server,
                 std::size_t piece = SIZE_MAX, std::uint64_t limit = 100'000) {
  FrameReader reader(sender, limit);
  std::string told;
  for (;;) {
    std::string_view input = bytes.substr(0, piece);
    bytes.remove_prefix(input.size());
    for (bool more = true; more;) {
      const FrameStep step = reader.next(input);
      switch (step.kind) {
        case Kind::NeedMore:
          more = false;
          break;
        case Kind::Head:
          told += step.begins ? "^" : "";
          told += "?TB?????CPO"[static_cast<int>(step.opcode)];
          told += '(';
          break;
        case Kind::Payload:
          told += step.payload;
          break;
        case Kind::End:
          told += step.ends ? ")$" : ")";
          break;
        case Kind::Error:
          return told + "!" + std::to_string(step.code) + " " + std::string(step.why);
      }
    }
    if (bytes.empty()) return told + (reader.closed() ? "." : "");
  }
}

TEST(FrameReader, TellsMessagesAndWhatComesBetweenTheirFrames) {
  const std::string bytes = frame(0x81, "Hello") + frame(0x02, "a") + frame(0x89, "ping") +
                            frame(0x00, "") + frame(0x80, "b") + frame(0x8a, "") +
                            frame(0x88, "\x03\xe8");
  const std::string expected = "^T(Hello)$^B(a)P(ping)B()B(b)$O()C(\x03\xe8).";
  EXPECT_EQ(tell(bytes), expected);
  for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
    EXPECT_EQ(tell(bytes, Sender::Server, piece), expected);
  }
}

TEST(FrameReader, LeavesMaskedPayloadsAsTheyCame) {
  EXPECT_EQ(tell(frame(0x81, "abc", true), Sender::Client, 1), "^T(abc)$");
}

TEST(FrameReader, ReadsEveryFormOfLength) {
  for (const std::size_t size : {0U, 125U, 126U, 65535U, 65536U}) {
    const std::string payload(size, 'x');
    EXPECT_EQ(tell(frame(0x82, payload)), "^B(" + payload + ")$") << size;
    EXPECT_EQ(tell(frame(0x82, payload, true), Sender::Client, 1000), "^B(" + payload + ")$");
  }
}

TEST(FrameReader, RefusesWhatTheStandardForbids) {
  EXPECT_THAT(tell("\x91\x00"s), HasSubstr("!1002 a reserved bit"));
  EXPECT_THAT(tell("\xc1\x00"s), HasSubstr("!1002 a reserved bit"));
  EXPECT_THAT(tell("\x83\x00"s), HasSubstr("!1002 unknown opcode"));
  EXPECT_THAT(tell("\x8b\x00"s), HasSubstr("!1002 unknown opcode"));
  EXPECT_THAT(tell(frame(0x80, "a")), HasSubstr("!1002 nothing to continue"));
  EXPECT_THAT(tell(frame(0x01, "a") + frame(0x81, "b")), HasSubstr("!1002 a message within"));
  EXPECT_THAT(tell(frame(0x09, "a")), HasSubstr("!1002 a control frame in pieces"));
  EXPECT_THAT(tell(frame(0x89, std::string(126, 'a'))), HasSubstr("!1002 a control frame is too"));
  EXPECT_THAT(tell(frame(0x88, "a")), HasSubstr("!1002 half"));
  EXPECT_THAT(tell(frame(0x81, "a", true)), HasSubstr("!1002 a server's"));
  EXPECT_THAT(tell(frame(0x81, "a"), Sender::Client), HasSubstr("!1002 a client's"));
  EXPECT_THAT(tell("\x81\x7e\x00\x7d"s), HasSubstr("!1002 a length is not"));
  EXPECT_THAT(tell("\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff"s),
              HasSubstr("!1002 a length is not"));
  EXPECT_THAT(tell("\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00"s),
              HasSubstr("!1002 a length is too"));
  EXPECT_EQ(tell(frame(0x88, "") + "x"), "C()!1002 bytes follow the close frame");
}

TEST(FrameReader, BoundsAMessageOverAllItsFrames) {
  EXPECT_EQ(tell(frame(0x81, "1234"), Sender::Server, 1, 4), "^T(1234)$");
  EXPECT_EQ(tell(frame(0x81, "12345"), Sender::Server, 1, 4), "!1009 a message is too long");
  EXPECT_EQ(
      tell(frame(0x01, "123") + frame(0x89, "ping") + frame(0x80, "45"), Sender::Server, 1, 4),
      "^T(123)P(ping)!1009 a message is too long");
  EXPECT_EQ(tell(frame(0x81, "1234") + frame(0x81, "1234"), Sender::Server, 1, 4),
            "^T(1234)$^T(1234)$");
}

TEST(FrameReader, CountsTheBytesOfAHeadThatMustWait) {
  FrameReader reader(Sender::Client, 1000);
  std::string_view input = "\x81\x85ma";
  EXPECT_EQ(reader.next(input).kind, Kind::NeedMore);
  EXPECT_EQ(reader.open_head(), 4U);
  input = "sk";
  EXPECT_EQ(reader.next(input).kind, Kind::Head);
  EXPECT_EQ(reader.open_head(), 0U);
  EXPECT_TRUE(reader.in_frame());
}

TEST(CloseFrame, IsAProperFrameOfItsSender) {
  EXPECT_EQ(close_frame(Sender::Server, 1002), "\x88\x02\x03\xea");
  const std::string masked = close_frame(Sender::Client, 1001);
  ASSERT_EQ(masked.size(), 8U);
  EXPECT_THAT(tell(masked, Sender::Client), testing::EndsWith("."));
  EXPECT_EQ(static_cast<char>(masked[6] ^ masked[2]), '\x03');
  EXPECT_EQ(static_cast<char>(masked[7] ^ masked[3]), '\xe9');
}

// ---- Two tasks side by side

struct Trace {
  std::string& text;
  char name;
  ~Trace() { text += name; }
};

Task<void> sleep_then(Loop& loop, Duration wait, std::string& text, char name) {
  Trace trace{text, name};
  co_await loop.sleep_until(loop.now() + wait);
  text += '!';
}

Task<void> at_once(std::string& text, char name) {
  text += name;
  co_return;
}

Task<void> fails() {
  throw std::runtime_error("by accident");
  co_return;
}

Task<Both::Ended> race(Loop& loop, Task<void> first, Task<void> second) {
  Both both(loop);
  co_return co_await both.run(std::move(first), std::move(second));
}

constexpr Duration kLong = std::chrono::hours(1);
constexpr Duration kShort = std::chrono::milliseconds(1);

TEST(Both, EndsWithTheFirstToEndAndDestroysTheOther) {
  Loop loop;
  std::string text;
  EXPECT_EQ(net::run(loop, race(loop, sleep_then(loop, kShort, text, 'a'),
                                sleep_then(loop, kLong, text, 'b'))),
            Both::Ended::First);
  EXPECT_EQ(text, "!ab");
  text.clear();
  EXPECT_EQ(net::run(loop, race(loop, sleep_then(loop, kLong, text, 'a'),
                                sleep_then(loop, kShort, text, 'b'))),
            Both::Ended::Second);
  EXPECT_EQ(text, "!ba");
}

TEST(Both, NeverBeginsTheSecondWhenTheFirstEndsAtOnce) {
  Loop loop;
  std::string text;
  EXPECT_EQ(net::run(loop, race(loop, at_once(text, 'a'), at_once(text, 'b'))), Both::Ended::First);
  turn(loop);
  EXPECT_EQ(text, "a");
}

TEST(Both, EndsWithASecondThatEndsAtOnce) {
  Loop loop;
  std::string text;
  EXPECT_EQ(net::run(loop, race(loop, sleep_then(loop, kLong, text, 'a'), at_once(text, 'b'))),
            Both::Ended::Second);
  EXPECT_EQ(text, "ba");
}

Task<void> expect_accident(Loop& loop, std::string& text) {
  try {
    co_await race(loop, sleep_then(loop, kLong, text, 'a'), fails());
  } catch (const std::runtime_error& error) {
    text += error.what();
  }
}

TEST(Both, PassesOnAnException) {
  Loop loop;
  std::string text;
  loop.spawn(expect_accident(loop, text));
  turn_until(loop, [&] { return loop.spawned() == 0; });
  EXPECT_EQ(text, "aby accident");
}

Task<void> uses_a_local(Loop& loop, const std::string& name, std::string& text) {
  struct Reader {
    const std::string& name;
    std::string& text;
    ~Reader() { text += name; }
  } reader{name, text};
  co_await loop.sleep_until(kNever);
}

Task<void> lends_locals(Loop& loop, std::string& text) {
  Both both(loop);
  const std::string one = "a string that is long enough for the heap, 1";
  const std::string two = "a string that is long enough for the heap, 2";
  co_await both.run(uses_a_local(loop, one, text), uses_a_local(loop, two, text));
}

TEST(Both, EndBeforeWhatTheirCallerDeclaredBehindThem) {
  Loop loop;
  std::string text;
  loop.spawn(lends_locals(loop, text));
  turn(loop);
  loop.abandon_all();
  EXPECT_THAT(text, testing::EndsWith("heap, 1"));
}

TEST(Both, AreBothDestroyedWithWhomeverAwaitsThem) {
  Loop loop;
  std::string text;
  std::optional<Both::Ended> ended;
  loop.spawn(store(
      race(loop, sleep_then(loop, kLong, text, 'a'), sleep_then(loop, kLong, text, 'b')), ended));
  turn(loop);
  loop.abandon_all();
  EXPECT_FALSE(ended);
  EXPECT_EQ(text, "ba");
}

}  // namespace
}  // namespace sluice::net::websocket
