// The time for those who run on no loop.
#pragma once

#include "sluice/clock.h"

namespace sluice::daemon {

class ProcessClock final : public Clock {
 public:
  Instant now() const override { return std::chrono::steady_clock::now(); }
  std::chrono::system_clock::time_point wall() const override {
    return std::chrono::system_clock::now();
  }
  // Nobody sleeps by it: that takes a loop.
  Task<void> sleep_until(Instant) override { co_return; }
};

}  // namespace sluice::daemon
