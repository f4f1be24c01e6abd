#include "config/quantity.h"

#include "base/text.h"

#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace sluice::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// The largest first: texts are written with the largest that leaves no rest.
constexpr std::array kDurations = {Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000},
                                   Unit{"s", 1'000}, Unit{"ms", 1}};
constexpr std::array kSizes = {Unit{"GiB", 1ULL << 30}, Unit{"MiB", 1ULL << 20},
                               Unit{"KiB", 1ULL << 10}, Unit{"B", 1}};
constexpr std::array kCounts = {Unit{"M", 1'000'000}, Unit{"k", 1'000}, Unit{"", 1}};

constexpr std::uint64_t kLongestDuration = 3650ULL * 86'400'000;
constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();

// Digits without a leading zero: 010 is 8 to some readers and 10 to others.
std::optional<std::uint64_t> parse_whole(std::string_view digits) {
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
  return text::parse_uint(digits);
}

std::optional<std::uint64_t> parse_units(std::string_view text, std::span<const Unit> units,
                                         std::uint64_t largest) {
  const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_whole(text.substr(0, end));
  if (!number) return std::nullopt;
  for (const Unit& unit : units) {
    if (unit.name != text.substr(end)) continue;
    if (*number > largest / unit.factor) return std::nullopt;
    return *number * unit.factor;
  }
  return std::nullopt;
}

std::string units_text(std::uint64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0) {
      return std::to_string(value / unit.factor) + std::string(unit.name);
    }
  }
  return "0" + std::string(units.back().name);
}

}  // namespace

std::optional<Milliseconds> parse_duration(std::string_view text) {
  const auto found = parse_units(text, kDurations, kLongestDuration);
  if (!found) return std::nullopt;
  return Milliseconds(*found);
}

std::string duration_text(Milliseconds duration) {
  if (duration.count() == 0) return "0s";
  return units_text(static_cast<std::uint64_t>(duration.count()), kDurations);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse_units(text, kSizes, kLargest);
}

std::string size_text(std::uint64_t bytes) {
  return units_text(bytes, kSizes);
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  return parse_units(text, kCounts, kLargest);
}

std::string count_text(std::uint64_t count) {
  return units_text(count, kCounts);
}

std::optional<std::int64_t> parse_money(std::string_view text) {
  constexpr std::string_view kCurrency = " USD";
  constexpr std::size_t kDecimals = 12;
  constexpr std::uint64_t kDollar = 1'000'000'000'000;
  if (!text.ends_with(kCurrency)) return std::nullopt;
  text.remove_suffix(kCurrency.size());

  const auto point = std::min(text.find('.'), text.size());
  const auto dollars = parse_whole(text.substr(0, point));
  if (!dollars || *dollars >= kLargest / kDollar) return std::nullopt;
  std::uint64_t rest = 0;
  if (point < text.size()) {
    std::string decimals(text.substr(point + 1));
    if (decimals.empty() || decimals.size() > kDecimals) return std::nullopt;
    decimals.resize(kDecimals, '0');
    const auto read = text::parse_uint(decimals);
    if (!read) return std::nullopt;
    rest = *read;
  }
  return static_cast<std::int64_t>(*dollars * kDollar + rest);
}

std::optional<double> parse_ratio(std::string_view text) {
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  if (text.empty() || text.find_first_not_of("0123456789.") != std::string_view::npos) {
    return std::nullopt;
  }
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (percent) value /= 100;
  if (value < 0 || value > 1) return std::nullopt;
  return value;
}

std::optional<std::chrono::year_month_day> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = text::parse_uint(text.substr(0, 4));
  const auto month = text::parse_uint(text.substr(5, 2));
  const auto day = text::parse_uint(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return date;
}

}  // namespace sluice::config
