#include "config/decimal.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>

namespace sluice::config {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr int kLargestExponent = 100;

// The power that stands behind e or E.
std::optional<int> exponent_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int exponent = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, exponent);
  if (error != std::errc() || stopped != end) return std::nullopt;
  if (exponent > kLargestExponent || exponent < -kLargestExponent) return std::nullopt;
  return exponent;
}

std::optional<std::int64_t> number_of(std::string_view digits) {
  std::int64_t value = 0;
  for (const char digit : digits) {
    const std::int64_t next = digit - '0';
    if (value > (std::numeric_limits<std::int64_t>::max() - next) / 10) return std::nullopt;
    value = value * 10 + next;
  }
  return value;
}

}  // namespace

std::optional<std::int64_t> parse_decimal(std::string_view text, int places) {
  int shift = places;
  if (const auto e = text.find_first_of("eE"); e != std::string_view::npos) {
    const auto exponent = exponent_of(text.substr(e + 1));
    if (!exponent) return std::nullopt;
    shift += *exponent;
    text = text.substr(0, e);
  }
  const auto point = text.find('.');
  std::string digits(text.substr(0, point));
  if (point != std::string_view::npos) {
    const auto behind = text.substr(point + 1);
    shift -= static_cast<int>(std::min<std::size_t>(behind.size(), 4096));
    digits += behind;
  }
  if (digits.empty() || digits.size() > 4096) return std::nullopt;
  if (digits.find_first_not_of(kDigits) != std::string::npos) return std::nullopt;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return 0;
  if (shift >= 0) return number_of(digits.append(static_cast<std::size_t>(shift), '0'));

  const auto cut = static_cast<std::size_t>(-shift);
  if (cut > digits.size()) return 0;
  const bool up = digits[digits.size() - cut] >= '5';
  digits.resize(digits.size() - cut);
  const auto whole = number_of(digits);
  if (!whole || *whole == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return *whole + (up ? 1 : 0);
}

}  // namespace sluice::config
