// Amazon's event streams: cuts change nothing, no byte is lost, and what is written is read again.
// Checksums are put right where the first byte asks for it, or no mutation would get past them.
#include "base/aws_event_stream.h"

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::aws {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

struct Seen {
  std::string raw;
  std::string headers;
  std::string payload;
  std::string types;
  bool operator==(const Seen&) const = default;
};

struct Stream {
  std::vector<Seen> frames;
  Splitter::Step end = Splitter::Step::NeedMore;
  std::size_t left = 0;
  bool operator==(const Stream&) const = default;
};

Seen see(const Frame& frame) {
  Seen seen{std::string(frame.raw), std::string(frame.headers), std::string(frame.payload), {}};
  for (const std::string_view type : {frame.message_type, frame.event_type, frame.exception_type,
                                      frame.error_code, frame.error_message, frame.content_type}) {
    seen.types.append(type) += '\n';
  }
  return seen;
}

template <class NextSize>
Stream feed(std::string_view text, std::size_t max_message, NextSize next_size) {
  Stream stream;
  Splitter splitter(max_message);
  Frame frame;
  std::size_t taken = 0;
  for (std::size_t given = 0; given < text.size();) {
    given += std::min(next_size(), text.size() - given);
    const std::size_t size = given - taken;
    const auto moved = std::make_unique<char[]>(size);
    std::copy_n(text.data() + taken, size, moved.get());
    std::string_view input(moved.get(), size);
    while ((stream.end = splitter.next(input, frame)) == Splitter::Step::Frame) {
      stream.frames.push_back(see(frame));
    }
    taken += size - input.size();
  }
  stream.left = text.size() - taken;
  return stream;
}

Stream feed_whole(std::string_view text, std::size_t max_message) {
  return feed(text, max_message, [] { return SIZE_MAX; });
}

void put(std::string& text, std::size_t at, std::uint64_t value) {
  for (unsigned i = 0; i < 4; ++i) text[at + i] = static_cast<char>(value >> (24 - 8 * i) & 0xffU);
}

void seal(std::string& text, std::size_t size) {
  put(text, size, ::crc32_z(0, reinterpret_cast<const unsigned char*>(text.data()), size));
}

// One message around the text, which begins with its headers.
std::string wrap(std::string_view text, std::size_t headers_size) {
  std::string message(12, '\0');
  message.append(text).append(4, '\0');
  put(message, 0, message.size());
  put(message, 4, headers_size);
  seal(message, 8);
  seal(message, message.size() - 4);
  return message;
}

// The headers and the payload, written anew, are the same bytes.
void check(const Seen& frame) {
  std::vector<Header> headers;
  std::string_view rest = frame.headers;
  while (const auto header = take_header(rest)) headers.push_back(*header);
  require(rest.empty());
  std::string again;
  append_message(again, headers, frame.payload);
  require(again == frame.raw);
}

}  // namespace
}  // namespace sluice::aws

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::aws;
  if (size < 2) return 0;
  std::uint32_t seed = data[0];
  const std::size_t max_message = data[1] < 128 ? SIZE_MAX : data[1] - 100U;
  std::string text(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (data[0] >= 64) {
    const std::size_t headers_size = std::min<std::size_t>(data[0] - 64U, text.size());
    text = wrap(text, headers_size) + wrap(text, text.size());
  }

  const auto whole = feed_whole(text, max_message);
  require(feed(text, max_message, [] { return std::size_t{1}; }) == whole);
  require(feed(text, max_message, [&] {
            seed = seed * 1664525U + 1013904223U;
            return std::size_t{1} + (seed >> 24U) % 30;
          }) == whole);

  std::string all;
  for (const auto& frame : whole.frames) {
    all += frame.raw;
    require(frame.raw.size() <= max_message);
    check(frame);
  }
  require(text.starts_with(all) && all.size() + whole.left == text.size());
  return 0;
}
