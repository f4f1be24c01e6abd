#include "base/text.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <utility>

namespace sluice::text {
namespace {

// Longer words are no typing mistakes, and the cost of a comparison grows with the square.
constexpr std::size_t kLongestWord = 128;

using Row = std::array<std::size_t, kLongestWord + 1>;

// Insertions, deletions, substitutions and swaps of neighbours that make one word the other.
std::size_t edit_distance(std::string_view one, std::string_view other) {
  Row before_previous{};
  Row previous{};
  Row current{};
  std::iota(previous.begin(), previous.end(), std::size_t{0});
  for (std::size_t i = 1; i <= one.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const bool same = lower(one[i - 1]) == lower(other[j - 1]);
      current[j] =
          std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower(one[i - 1]) == lower(other[j - 2]) &&
                           lower(one[i - 2]) == lower(other[j - 1]);
      if (swapped) current[j] = std::min(current[j], before_previous[j - 2] + 1);
    }
    before_previous = std::exchange(previous, current);
  }
  return previous[other.size()];
}

bool is_space(char letter) {
  return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n';
}

bool is_continuation(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

}  // namespace

bool iequals(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, {}, lower, lower);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> parse_uint(std::string_view digits) {
  std::uint64_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

std::size_t utf8_sequence(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4 || !is_continuation(text, at + 1)) return 0;
  if (lead < 0xE0) return 2;
  const auto second = static_cast<unsigned char>(text[at + 1]);
  if (!is_continuation(text, at + 2)) return 0;
  // E0 and F0 could be overlong, ED could be a surrogate, F4 could be beyond the last code point.
  if (lead == 0xE0 && second < 0xA0) return 0;
  if (lead == 0xED && second > 0x9F) return 0;
  if (lead < 0xF0) return 3;
  if (lead == 0xF0 && second < 0x90) return 0;
  if (lead == 0xF4 && second > 0x8F) return 0;
  return is_continuation(text, at + 3) ? 4 : 0;
}

std::vector<std::string_view> nearest(std::string_view wanted,
                                      std::span<const std::string_view> names, std::size_t count) {
  if (wanted.empty() || wanted.size() > kLongestWord) return {};
  const std::size_t tolerated = std::max<std::size_t>(1, wanted.size() / 3);
  std::vector<std::pair<std::size_t, std::string_view>> near;
  for (const auto name : names) {
    if (name.size() > std::min(kLongestWord, wanted.size() + tolerated)) continue;
    if (name.size() + tolerated < wanted.size()) continue;
    const auto distance = edit_distance(wanted, name);
    if (distance <= tolerated) near.emplace_back(distance, name);
  }
  std::ranges::sort(near);

  std::vector<std::string_view> result;
  for (const auto& [distance, name] : near) {
    if (result.size() == count) break;
    result.push_back(name);
  }
  return result;
}

}  // namespace sluice::text
