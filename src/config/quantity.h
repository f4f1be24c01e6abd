// Numbers with a unit, as the file writes them. Each parse gives nothing for what it cannot read
// exactly, and each text is what its parse reads.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::config {

using Milliseconds = std::chrono::milliseconds;

// 250ms 10s 5m 1h 30d; up to 3650d.
std::optional<Milliseconds> parse_duration(std::string_view text);
std::string duration_text(Milliseconds duration);

// 512B 64KiB 32MiB 1GiB.
std::optional<std::uint64_t> parse_size(std::string_view text);
std::string size_text(std::uint64_t bytes);

// 200 5k 2M. No sign, no leading zero.
std::optional<std::uint64_t> parse_count(std::string_view text);
std::string count_text(std::uint64_t count);

// "12.50 USD" in pico-dollars: at most 12 digits behind the point.
std::optional<std::int64_t> parse_money(std::string_view text);

// 0.2, 5% or 1.
std::optional<double> parse_ratio(std::string_view text);

// A day of the calendar, 2027-01-31.
std::optional<std::chrono::year_month_day> parse_date(std::string_view text);

}  // namespace sluice::config
