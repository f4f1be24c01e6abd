// A clock whose hands the test turns.
#pragma once

#include "sluice/clock.h"

#include <algorithm>

namespace sluice {

class FakeClock final : public Clock {
 public:
  Instant now() const override { return now_; }
  std::chrono::system_clock::time_point wall() const override {
    return std::chrono::system_clock::time_point(
        std::chrono::duration_cast<std::chrono::system_clock::duration>(now_.time_since_epoch()));
  }
  // Sleeping takes no time but the clock's own.
  Task<void> sleep_until(Instant deadline) override {
    turn_to(deadline);
    co_return;
  }

  void turn_to(Instant when) { now_ = std::max(now_, when); }
  void turn_by(Duration by) { now_ += by; }

 private:
  Instant now_ = Instant(std::chrono::hours(1));
};

}  // namespace sluice
