// Records for the tests of the access log, and lines back.
#pragma once

#include "telemetry/access_record.h"
#include "telemetry/access_ring.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::telemetry {

inline constexpr AccessAttempt kSampleAttempts[] = {{.provider = "azure",
                                                     .model = "gpt-4o",
                                                     .outcome = "failed",
                                                     .status = 503,
                                                     .microseconds = 1'500},
                                                    {.provider = "openai",
                                                     .model = "gpt-4o",
                                                     .outcome = "answered",
                                                     .status = 200,
                                                     .microseconds = 20'000}};

// 2026-01-02T03:04:05.678Z
inline AccessRecord sample_record() {
  using std::chrono::milliseconds;
  return {.time = std::chrono::system_clock::time_point(milliseconds(1'767'323'045'678)),
          .id = "req-1",
          .trace_id = "0af7651916cd43dd8448eb211c80319c",
          .surface = "openai",
          .operation = "chat",
          .method = "POST",
          .path = "/v1/chat/completions",
          .asked = "assistant",
          .model = "gpt-4o",
          .provider = "openai",
          .key = "dev",
          .user = "ann",
          .error = {},
          .detail = {},
          .client = "127.0.0.1",
          .attempts = kSampleAttempts,
          .input_tokens = 100,
          .output_tokens = 20,
          .cached_tokens = 0,
          .bytes_in = 700,
          .bytes_out = 1'270,
          .total_us = 22'045,
          .gateway_us = 45,
          .connect_us = 0,
          .first_token_us = 9'000,
          .status = 200,
          .accounting = Accounting::Exact,
          .stream = true};
}

// Every text is there, of so many bytes, each of which JSON writes as six.
class WorstRecord {
 public:
  explicit WorstRecord(std::size_t size) : text_(size, '\x01') {
    for (const auto text : kAccessTexts) record.*text = text_;
    attempts_.fill({text_, text_, text_, 65'535, UINT32_MAX - 1});
    record.attempts = attempts_;
  }
  WorstRecord(const WorstRecord&) = delete;
  WorstRecord& operator=(const WorstRecord&) = delete;

  AccessRecord record;

 private:
  const std::string text_;
  std::array<AccessAttempt, AccessRecord::kMostAttempts> attempts_;
};

// The oldest line, or nothing.
inline std::string take_line(AccessRing& ring) {
  const std::string_view lines = ring.lines();
  const std::string line(lines.substr(0, lines.find('\n') + 1));
  ring.taken(line.size());
  return line;
}

}  // namespace sluice::telemetry
