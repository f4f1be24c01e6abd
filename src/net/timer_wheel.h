// One wheel of 10 ms ticks per thread. Arming and disarming a timer is a few stores: every wait for
// a socket can have a deadline without costing a system call or an allocation.
#pragma once

#include "sluice/clock.h"

#include "net/intrusive_list.h"

#include <array>
#include <cstdint>

namespace sluice::net {

class Timer : private ListNode {
 public:
  virtual void on_time() = 0;  // May arm the timer again, or destroy it.

  bool armed() const { return linked(); }
  void disarm() { unlink(); }

 protected:
  Timer() = default;
  ~Timer() = default;

 private:
  friend class TimerWheel;
  friend class IntrusiveList<Timer>;
  std::uint64_t tick_ = 0;
};

class TimerWheel {
 public:
  static constexpr Duration kTick = std::chrono::milliseconds(10);

  explicit TimerWheel(Instant start) : start_(start) {}

  // Fires at the first tick that is not before `deadline`. kNever disarms.
  void arm(Timer& timer, Instant deadline);

  // Fires what is due at `now`.
  void advance(Instant now);

  // When something may be due next; kNever when the wheel is empty. May be early, never late.
  Instant next_due() const;

 private:
  static constexpr std::size_t kSlots = 4096;  // Later than 41 s: the timer waits for another turn.

  std::uint64_t tick_after(Instant when) const;

  Instant start_;
  std::uint64_t now_tick_ = 0;  // Everything up to here has fired.
  std::array<IntrusiveList<Timer>, kSlots> slots_;
  std::array<std::uint64_t, kSlots / 64> occupied_{};  // Slots that may hold timers.
};

}  // namespace sluice::net
