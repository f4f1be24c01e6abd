// Decimal numbers as whole ones of a smaller unit, without floating point on the way.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::config {

// "2.5e-07" as ten to the `places`-th of it: digits, one point at most, an exponent; no sign. What
// lies behind the last place is rounded, half up. Nothing: it is no such number, or too large.
std::optional<std::int64_t> parse_decimal(std::string_view text, int places);

}  // namespace sluice::config
