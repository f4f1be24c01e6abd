// Text: small questions that many rooms ask of a string.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sluice::text {

constexpr char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
}

// Equal but for the case of ASCII letters.
bool iequals(std::string_view one, std::string_view other);

// Without the spaces, tabs and line ends around it.
std::string_view trim(std::string_view text);

// Decimal digits and nothing else; nothing when the number does not fit.
std::optional<std::uint64_t> parse_uint(std::string_view digits);

bool is_utf8(std::string_view text);

// Bytes of the well-formed UTF-8 sequence (1 to 4) that begins at `at`; 0 when none does.
std::size_t utf8_sequence(std::string_view text, std::size_t at);

// At most `count` of `names`, those a typing mistake away from `wanted`, the nearest first.
std::vector<std::string_view> nearest(std::string_view wanted,
                                      std::span<const std::string_view> names, std::size_t count);

}  // namespace sluice::text
