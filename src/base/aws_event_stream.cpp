#include "base/aws_event_stream.h"

#include "base/text.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::aws {
namespace {

constexpr std::size_t kPrelude = 12;  // Both lengths and their checksum.
constexpr std::size_t kChecksum = 4;
// What Amazon's own readers take.
constexpr std::size_t kMostHeaders = std::size_t{128} * 1024;

std::uint32_t number_at(std::string_view text, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i)
    number = number << 8U | static_cast<unsigned char>(text[at + i]);
  return number;
}

void append_number(std::string& out, std::uint64_t number, std::size_t bytes) {
  while (bytes-- > 0) out += static_cast<char>(number >> (8 * bytes) & 0xffU);
}

std::uint32_t checksum(std::string_view text) {
  return static_cast<std::uint32_t>(
      ::crc32_z(0, reinterpret_cast<const unsigned char*>(text.data()), text.size()));
}

// Of values that have one size; nothing for those that bring their length.
std::optional<std::size_t> fixed_size(HeaderType type) {
  constexpr std::array<std::size_t, 6> kNumbers{0, 0, 1, 2, 4, 8};
  switch (type) {
    case HeaderType::Bytes:
    case HeaderType::String:
      return std::nullopt;
    case HeaderType::Timestamp:
      return 8;
    case HeaderType::Uuid:
      return 16;
    default:
      return kNumbers[static_cast<std::size_t>(type)];
  }
}

std::optional<std::string_view> take(std::string_view& from, std::size_t size) {
  if (from.size() < size) return std::nullopt;
  const auto taken = from.substr(0, size);
  from.remove_prefix(size);
  return taken;
}

// False when one of them is malformed or stands there twice.
bool read_headers(Frame& frame) {
  const std::array<std::pair<std::string_view, std::string_view*>, 6> known{{
      {":message-type", &frame.message_type},
      {":event-type", &frame.event_type},
      {":exception-type", &frame.exception_type},
      {":error-code", &frame.error_code},
      {":error-message", &frame.error_message},
      {":content-type", &frame.content_type},
  }};
  std::array<bool, 6> seen{};
  for (std::string_view rest = frame.headers; !rest.empty();) {
    const auto header = take_header(rest);
    if (!header) return false;
    const auto* const place =
        std::ranges::find(known, header->name, &decltype(known)::value_type::first);
    if (place == known.end()) continue;
    if (header->type != HeaderType::String) return false;
    if (std::exchange(seen[static_cast<std::size_t>(place - known.begin())], true)) return false;
    *place->second = header->value;
  }
  return true;
}

}  // namespace

std::optional<Header> take_header(std::string_view& headers) {
  std::string_view rest = headers;
  Header header;
  const auto name_size = take(rest, 1);
  if (!name_size) return std::nullopt;
  const auto name = take(rest, static_cast<unsigned char>(name_size->front()));
  const auto type = take(rest, 1);
  if (!name || name->empty() || !type) return std::nullopt;
  const auto number = static_cast<unsigned char>(type->front());
  if (number > static_cast<unsigned char>(HeaderType::Uuid)) return std::nullopt;
  header.name = *name;
  header.type = static_cast<HeaderType>(number);

  std::optional<std::size_t> size = fixed_size(header.type);
  if (!size) {
    const auto told = take(rest, 2);
    if (!told) return std::nullopt;
    size = std::size_t{static_cast<unsigned char>((*told)[0])} << 8U |
           static_cast<unsigned char>((*told)[1]);
  }
  const auto value = take(rest, *size);
  if (!value) return std::nullopt;
  header.value = *value;
  if (!text::is_utf8(header.name)) return std::nullopt;
  if (header.type == HeaderType::String && !text::is_utf8(header.value)) return std::nullopt;
  headers = rest;
  return header;
}

Splitter::Step Splitter::read_prelude(std::string_view input) {
  if (input.size() < kPrelude) return Step::NeedMore;
  if (number_at(input, 8) != checksum(input.substr(0, 8))) return end(Step::Malformed);
  const std::size_t size = number_at(input, 0);
  headers_size_ = number_at(input, 4);
  if (size < kPrelude + kChecksum || headers_size_ > size - kPrelude - kChecksum) {
    return end(Step::Malformed);
  }
  if (size > max_message_ || headers_size_ > kMostHeaders) return end(Step::TooLarge);
  size_ = size;
  return Step::Frame;
}

Splitter::Step Splitter::next(std::string_view& input, Frame& frame) {
  if (end_ != Step::NeedMore) return end_;
  if (size_ == 0) {
    const Step step = read_prelude(input);
    if (step != Step::Frame) return step;
  }
  if (input.size() < size_) return Step::NeedMore;

  const std::string_view raw = input.substr(0, size_);
  const std::size_t body = size_ - kChecksum;
  if (number_at(raw, body) != checksum(raw.substr(0, body))) return end(Step::Malformed);
  frame = {};
  frame.raw = raw;
  frame.headers = raw.substr(kPrelude, headers_size_);
  frame.payload = raw.substr(kPrelude + headers_size_, body - kPrelude - headers_size_);
  if (!read_headers(frame)) return end(Step::Malformed);
  input.remove_prefix(size_);
  size_ = 0;
  return Step::Frame;
}

void append_message(std::string& out, std::span<const Header> headers, std::string_view payload) {
  const std::size_t begin = out.size();
  out.append(kPrelude, '\0');
  for (const Header& header : headers) {
    append_number(out, header.name.size(), 1);
    out += header.name;
    append_number(out, static_cast<std::uint8_t>(header.type), 1);
    if (!fixed_size(header.type)) append_number(out, header.value.size(), 2);
    out += header.value;
  }
  const std::size_t headers_size = out.size() - begin - kPrelude;
  out += payload;

  std::string prelude;
  append_number(prelude, out.size() - begin + kChecksum, 4);
  append_number(prelude, headers_size, 4);
  append_number(prelude, checksum(prelude), 4);
  out.replace(begin, kPrelude, prelude);
  append_number(out, checksum(std::string_view(out).substr(begin)), 4);
}

}  // namespace sluice::aws
