// Moments as other services write them.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace sluice::text {

using Moment = std::chrono::system_clock::time_point;

// RFC 3339: "2015-08-30T12:36:00Z", with or without a fraction, which is not read; or with an
// offset instead of the Z.
std::optional<Moment> parse_timestamp(std::string_view text);

// As HTTP writes it: "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<Moment> parse_http_date(std::string_view text);

}  // namespace sluice::text
