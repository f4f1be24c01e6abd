// What the access log says of one finished request.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sluice::telemetry {

struct AccessAttempt {
  std::string_view provider;
  std::string_view model;
  std::string_view outcome;
  std::uint16_t status = 0;  // The provider's; 0 when it never answered.
  std::uint32_t microseconds = 0;
};

enum class Accounting : std::uint8_t { None, Exact, Estimated };

// Views that live until push() returns. What is empty or kUnknown is left out of the line.
struct AccessRecord {
  static constexpr std::size_t kLongestText = 256;  // What is longer is cut.
  static constexpr std::size_t kMostAttempts = 8;   // Later ones are not told.
  static constexpr std::int64_t kUnknown = -1;
  static constexpr std::uint32_t kNoTime = UINT32_MAX;

  std::chrono::system_clock::time_point time;
  std::string_view id;
  std::string_view trace_id;
  std::string_view surface;
  std::string_view operation;
  std::string_view method;
  std::string_view path;   // A query in it is left out: it may hold a key.
  std::string_view asked;  // The model's name as the caller wrote it.
  std::string_view model;  // Who answered.
  std::string_view provider;
  std::string_view key;  // Its id, never its secret.
  std::string_view user;
  std::string_view error;   // The code, as in the reply.
  std::string_view detail;  // Of the error; already scrubbed, as cutting may leave half a secret.
  std::string_view client;  // Address.
  std::span<const AccessAttempt> attempts;
  std::int64_t input_tokens = kUnknown;
  std::int64_t output_tokens = kUnknown;
  std::int64_t cached_tokens = kUnknown;
  std::int64_t reasoning_tokens = kUnknown;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint32_t total_us = 0;
  std::uint32_t gateway_us = kNoTime;
  std::uint32_t connect_us = kNoTime;
  std::uint32_t first_token_us = kNoTime;
  std::uint16_t status = 0;
  Accounting accounting = Accounting::None;
  bool stream = false;
};

// Every text of a record.
inline constexpr std::array kAccessTexts = {
    &AccessRecord::id,        &AccessRecord::trace_id, &AccessRecord::surface,
    &AccessRecord::operation, &AccessRecord::method,   &AccessRecord::path,
    &AccessRecord::asked,     &AccessRecord::model,    &AccessRecord::provider,
    &AccessRecord::key,       &AccessRecord::user,     &AccessRecord::error,
    &AccessRecord::detail,    &AccessRecord::client};

}  // namespace sluice::telemetry
