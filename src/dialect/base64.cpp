#include "dialect/base64.h"

#include <array>
#include <cstdint>

namespace sluice::dialect {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> digits() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  values['-'] = 62;
  values['_'] = 63;
  return values;
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j)
      bits = bits << 8 | (j < group.size() ? static_cast<unsigned char>(group[j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      out += j <= group.size() ? kAlphabet[bits >> (18 - 6 * j) & 63] : '=';
  }
}

std::string_view from_base64(std::string_view text, Arena& arena) {
  static constexpr auto kDigits = digits();
  while (text.ends_with('=')) text.remove_suffix(1);
  const std::span<char> room = arena.array<char>(text.size());
  std::size_t size = 0;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char letter : text) {
    const std::int8_t digit = kDigits[static_cast<unsigned char>(letter)];
    if (digit < 0) return {};
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    room[size++] = static_cast<char>(bits >> count & 255);
  }
  return {room.data(), size};
}

}  // namespace sluice::dialect
