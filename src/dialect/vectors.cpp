#include "dialect/vectors.h"

#include "dialect/base64.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>

namespace sluice::dialect {

std::string_view base64_of_numbers(const json::Value& numbers, Arena& arena) {
  std::string bytes;
  for (const json::Value number : numbers.elements()) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(number.number().value_or(0)));
    for (unsigned shift = 0; shift < 32; shift += 8)
      bytes += static_cast<char>(bits >> shift & 255U);
  }
  std::string base64;
  append_base64(base64, bytes);
  return arena.keep(base64);
}

JsonText numbers_of_base64(std::string_view base64, Arena& arena) {
  const std::string_view bytes = from_base64(base64, arena);
  if (bytes.empty() || bytes.size() % 4 != 0) return {};
  std::string numbers = "[";
  std::array<char, 32> digits{};
  for (std::size_t at = 0; at < bytes.size(); at += 4) {
    std::uint32_t bits = 0;
    for (unsigned i = 0; i < 4; ++i)
      bits |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    const auto number = std::bit_cast<float>(bits);
    if (at > 0) numbers += ',';
    if (!std::isfinite(number)) {
      numbers += "null";  // JSON has no word for it.
      continue;
    }
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    numbers.append(digits.data(), end);
  }
  return arena.keep(numbers += ']');
}

}  // namespace sluice::dialect
