// The mark in every streamed event: which stream, which event, when it was sent, and a checksum, so
// that the client sees loss, doubling, disorder and bytes that belong to another caller.
//   mark = "~" stream:8 "." sequence:8 "." sent_ns:16 "." check:8 "~"   (lower-case hexadecimal)
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::bench {

struct Mark {
  std::uint32_t stream;
  std::uint32_t sequence;
  std::uint64_t sent_ns;
};

inline constexpr std::size_t mark_size = 8 + 8 + 16 + 8 + 5;

inline std::uint32_t check_of(const Mark& mark) {
  std::uint64_t mixed = (std::uint64_t{mark.stream} << 32 | mark.sequence) ^ mark.sent_ns * 31;
  mixed *= 0x9E3779B97F4A7C15ULL;
  return static_cast<std::uint32_t>(mixed >> 32);
}

inline void put_hex(char* into, std::uint64_t value, int digits) {
  for (int digit = digits; digit-- > 0; value >>= 4) into[digit] = "0123456789abcdef"[value & 15];
}

inline void put_mark(char* into, const Mark& mark) {
  put_hex(into + 1, mark.stream, 8);
  put_hex(into + 10, mark.sequence, 8);
  put_hex(into + 19, mark.sent_ns, 16);
  put_hex(into + 36, check_of(mark), 8);
  into[9] = into[18] = into[35] = '.';
  into[0] = into[44] = '~';
}

inline std::optional<std::uint64_t> read_hex(std::string_view text) {
  std::uint64_t value = 0;
  for (char c : text) {
    bool digit = c >= '0' && c <= '9';
    if (!digit && (c < 'a' || c > 'f')) return std::nullopt;
    value = value << 4 | static_cast<std::uint64_t>(digit ? c - '0' : c - 'a' + 10);
  }
  return value;
}

// nullopt: no mark, or one that was damaged.
inline std::optional<Mark> find_mark(std::string_view event) {
  std::size_t at = event.find('~');
  if (at == std::string_view::npos || event.size() - at < mark_size) return std::nullopt;
  auto stream = read_hex(event.substr(at + 1, 8));
  auto sequence = read_hex(event.substr(at + 10, 8));
  auto sent = read_hex(event.substr(at + 19, 16));
  auto check = read_hex(event.substr(at + 36, 8));
  if (!stream || !sequence || !sent || !check) return std::nullopt;
  Mark mark{static_cast<std::uint32_t>(*stream), static_cast<std::uint32_t>(*sequence), *sent};
  if (check_of(mark) != *check) return std::nullopt;
  return mark;
}

}  // namespace sluice::bench
