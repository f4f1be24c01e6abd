#include "routing/framer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::routing {
namespace {

struct Cut {
  std::vector<std::string> data;
  std::vector<std::string> events;
  std::string raw;
  Framer::Step last = Framer::Step::NeedMore;
};

// Everything that comes of a text, given in pieces of `step` bytes.
Cut cut(Framing framing, std::string_view text, std::size_t step, std::size_t limit = 1024) {
  Framer framer(framing, limit);
  Cut found;
  std::string pending;
  for (std::size_t at = 0; at < text.size(); at += step) {
    pending += text.substr(at, step);
    std::string_view rest = pending;
    Frame frame;
    while ((found.last = framer.next(rest, frame)) == Framer::Step::Frame) {
      found.raw += frame.raw;
      if (!frame.has_data) continue;
      found.data.emplace_back(frame.data);
      found.events.emplace_back(frame.event);
    }
    if (found.last != Framer::Step::NeedMore) return found;
    pending.erase(0, pending.size() - rest.size());
  }
  Frame frame;
  if (framer.finish(pending, frame)) found.data.emplace_back(frame.data);
  return found;
}

std::string message(std::string_view kind, std::string_view name, std::string_view payload) {
  const std::vector<aws::Header> headers{
      {":message-type", aws::HeaderType::String, kind},
      {kind == "event" ? ":event-type" : ":exception-type", aws::HeaderType::String, name}};
  std::string out;
  aws::append_message(out, headers, payload);
  return out;
}

TEST(Framer, CutsLinesWhereverTheyAreSplit) {
  const std::string text = "{\"a\":1}\n\r\n{\"b\":2}\n{\"c\":3}";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    const Cut found = cut(Framing::Lines, text, step);
    EXPECT_EQ(found.data, (std::vector<std::string>{"{\"a\":1}", "{\"b\":2}", "{\"c\":3}"}))
        << step;
  }
}

TEST(Framer, TellsAmazonsExceptionsByTheirNames) {
  const std::string text = message("event", "contentBlockDelta", R"({"delta":{}})") +
                           message("exception", "throttlingException", R"({"message":"slow"})");
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, text.size()}) {
    const Cut found = cut(Framing::AwsEvents, text, step);
    EXPECT_EQ(found.events,
              (std::vector<std::string>{"contentBlockDelta", "exception:throttlingException"}));
    EXPECT_EQ(found.data.back(), R"({"message":"slow"})");
    EXPECT_EQ(found.raw, text);
  }
}

TEST(Framer, RefusesWhatIsTooLongOrTorn) {
  EXPECT_EQ(cut(Framing::Lines, std::string(100, 'x'), 10, 50).last, Framer::Step::TooLarge);
  std::string torn = message("event", "e", "{}");
  torn[torn.size() - 1] ^= 1;
  EXPECT_EQ(cut(Framing::AwsEvents, torn, torn.size()).last, Framer::Step::Malformed);
  EXPECT_TRUE(cut(Framing::AwsEvents, std::string_view(torn).substr(0, 20), 20).data.empty());
}

}  // namespace
}  // namespace sluice::routing
