// What a provider's head says of its limits: x-ratelimit-* of OpenAI, Azure and their like,
// anthropic-ratelimit-*.
#pragma once

#include "sluice/clock.h"
#include "sluice/request.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace sluice::routing {

struct RateLimit {
  std::uint64_t limit = 0;
  std::uint64_t remaining = 0;  // At most the limit.
  Duration reset_in{};

  double share_left() const { return static_cast<double>(remaining) / static_cast<double>(limit); }
};

// What is not told whole, or makes no sense, is not there.
struct RateState {
  std::optional<RateLimit> requests;
  std::optional<RateLimit> tokens;  // Where several kinds are counted: the tightest.

  bool empty() const { return !requests && !tokens; }
  // Which of them refuses first.
  const RateLimit* tightest() const;
};

// Names in any case. Providers that say a time of day mean `wall`'s.
RateState read_rate_state(std::span<const Field> fields,
                          std::chrono::system_clock::time_point wall);

}  // namespace sluice::routing
