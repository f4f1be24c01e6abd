// Server-sent events: cuts change nothing, no byte is lost, and a cleaned frame says the same.
#include "base/sse.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::sse {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

struct Seen {
  std::string raw;
  std::string event;
  std::string data;
  std::string plain;
  bool clean = false;
  bool has_data = false;
  bool operator==(const Seen&) const = default;
};

struct Stream {
  std::vector<Seen> frames;
  std::vector<Seen> tail;
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

template <class NextSize>
Stream feed(std::string_view text, std::size_t max_event, NextSize next_size) {
  Stream stream;
  Splitter splitter(max_event);
  Frame frame;
  std::size_t taken = 0;
  for (std::size_t given = 0; given < text.size();) {
    given += std::min(next_size(), text.size() - given);
    const std::string moved(text.substr(taken, given - taken));
    std::string_view input = moved;
    auto step = Splitter::Step::NeedMore;
    while ((step = splitter.next(input, frame)) == Splitter::Step::Frame) {
      stream.frames.push_back(see(frame));
    }
    taken += moved.size() - input.size();
    stream.too_large = step == Splitter::Step::TooLarge;
  }
  if (splitter.finish(text.substr(taken), frame)) stream.tail.push_back(see(frame));
  return stream;
}

Stream feed_whole(std::string_view text, std::size_t max_event) {
  return feed(text, max_event, [] { return SIZE_MAX; });
}

void check(const Seen& frame) {
  require(frame.plain.empty() == !frame.has_data);
  require(frame.has_data || frame.data.empty());
  if (!frame.has_data) return;
  const auto again = feed_whole(frame.plain, SIZE_MAX);
  require(again.frames.size() == 1 && again.tail.empty());
  require(again.frames[0].clean && again.frames[0].plain == frame.plain);
  require(again.frames[0].event == frame.event && again.frames[0].data == frame.data);
}

}  // namespace
}  // namespace sluice::sse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::sse;
  if (size < 2) return 0;
  std::uint32_t seed = data[0];
  const std::size_t max_event = data[1] < 128 ? SIZE_MAX : data[1] - 120U;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);

  const auto whole = feed_whole(text, max_event);
  require(feed(text, max_event, [] { return std::size_t{1}; }) == whole);
  require(feed(text, max_event, [&] {
            seed = seed * 1664525U + 1013904223U;
            return std::size_t{1} + (seed >> 24U) % 30;
          }) == whole);

  std::string all;
  for (const auto& frame : whole.frames) {
    all += frame.raw;
    require(frame.raw.size() <= max_event);
    check(frame);
  }
  require(text.starts_with(all));
  for (const auto& tail : whole.tail) {
    require(!tail.clean && all + tail.raw == text);
    check(tail);
  }

  std::string out;
  append_frame(out, text.substr(0, text.size() / 3), text);
  require(feed_whole(out, SIZE_MAX).frames.size() == 1);
  return 0;
}
