#include "base/timestamp.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sluice::text {
namespace {

using std::chrono::day;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::month;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

struct Digits {
  std::string_view text;
  bool good = true;

  std::int64_t at(std::size_t place, std::size_t size) {
    const auto number = parse_uint(text.substr(place, size));
    good = good && number;
    return number ? static_cast<std::int64_t>(*number) : 0;
  }
};

std::optional<Moment> moment(std::int64_t years, std::int64_t months, std::int64_t days_of,
                             seconds of_day) {
  // The clock counts nanoseconds: its time begins in 1677 and ends in 2262.
  years = std::clamp<std::int64_t>(years, 1700, 2200);
  const year_month_day date(year(static_cast<int>(years)), month(static_cast<unsigned>(months)),
                            day(static_cast<unsigned>(days_of)));
  if (!date.ok()) return std::nullopt;
  return sys_days(date) + of_day;
}

// "HH:MM:SS"
std::optional<seconds> time_of_day(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  Digits digits{text};
  const auto hour = digits.at(0, 2);
  const auto minute = digits.at(3, 2);
  const auto second = digits.at(6, 2);
  if (!digits.good || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return hours(hour) + minutes(minute) + seconds(second);
}

// "Z", "+02:00"
std::optional<seconds> offset_of(std::string_view text) {
  if (text == "Z") return seconds(0);
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  Digits digits{text};
  const auto hour = digits.at(1, 2);
  const auto minute = digits.at(4, 2);
  if (!digits.good || hour > 23 || minute > 59) return std::nullopt;
  const seconds offset = hours(hour) + minutes(minute);
  return text[0] == '-' ? -offset : offset;
}

}  // namespace

std::optional<Moment> parse_timestamp(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T') return std::nullopt;
  Digits digits{text};
  const auto years = digits.at(0, 4);
  const auto months = digits.at(5, 2);
  const auto days_of = digits.at(8, 2);
  const auto of_day = time_of_day(text.substr(11, 8));
  std::string_view rest = text.substr(19);
  if (rest.front() == '.') {
    const std::size_t end = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
    if (end == 1) return std::nullopt;
    rest.remove_prefix(end);
  }
  const auto offset = offset_of(rest);
  if (!digits.good || !of_day || !offset) return std::nullopt;
  return moment(years, months, days_of, *of_day - *offset);
}

std::optional<Moment> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
      text[16] != ' ' || text.substr(25) != " GMT") {
    return std::nullopt;
  }
  const auto named = std::ranges::find(kMonths, text.substr(8, 3));
  const auto of_day = time_of_day(text.substr(17, 8));
  Digits digits{text};
  const auto days_of = digits.at(5, 2);
  const auto years = digits.at(12, 4);
  if (named == kMonths.end() || !digits.good || !of_day) return std::nullopt;
  return moment(years, named - kMonths.begin() + 1, days_of, *of_day);
}

}  // namespace sluice::text
