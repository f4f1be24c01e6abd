// Time comes in by argument, so that tests turn its hands.
#pragma once

#include "sluice/task.h"

#include <chrono>

namespace sluice {

using Instant = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

inline constexpr Instant kNever = Instant::max();

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;                                 // To measure and to expire.
  virtual std::chrono::system_clock::time_point wall() const = 0;  // To show and to store.
  virtual Task<void> sleep_until(Instant) = 0;
};

}  // namespace sluice
