#include "net/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace sluice::net {

std::uint64_t TimerWheel::tick_after(Instant when) const {
  if (when <= start_) return 0;
  return static_cast<std::uint64_t>((when - start_ + kTick - Duration(1)) / kTick);
}

void TimerWheel::arm(Timer& timer, Instant deadline) {
  timer.disarm();
  if (deadline == kNever) return;
  timer.tick_ = std::max(tick_after(deadline), now_tick_ + 1);
  const std::size_t slot = timer.tick_ % kSlots;
  slots_[slot].push_back(timer);
  occupied_[slot / 64] |= std::uint64_t{1} << (slot % 64);
}

void TimerWheel::advance(Instant now) {
  if (now < start_) return;
  const auto target = static_cast<std::uint64_t>((now - start_) / kTick);
  if (target <= now_tick_) return;

  // After a long pause one turn of the wheel meets every timer.
  const std::uint64_t first = now_tick_ + 1;
  const std::uint64_t turns = std::min<std::uint64_t>(target - now_tick_, kSlots);
  now_tick_ = target;

  IntrusiveList<Timer> due;
  for (std::uint64_t i = 0; i < turns; ++i) {
    const std::size_t slot = (first + i) % kSlots;
    std::uint64_t& word = occupied_[slot / 64];
    const std::uint64_t bit = std::uint64_t{1} << (slot % 64);
    if (!(word & bit)) continue;
    IntrusiveList<Timer> later;
    while (Timer* timer = slots_[slot].pop_front()) {
      (timer->tick_ <= target ? due : later).push_back(*timer);
    }
    later.move_to(slots_[slot]);
    if (slots_[slot].empty()) word &= ~bit;
  }
  while (Timer* timer = due.pop_front()) timer->on_time();
}

Instant TimerWheel::next_due() const {
  for (std::size_t i = 1; i <= kSlots;) {
    const std::size_t slot = (now_tick_ + i) % kSlots;
    const std::uint64_t rest = occupied_[slot / 64] >> (slot % 64);
    if (rest == 0) {
      i += 64 - slot % 64;
      continue;
    }
    i += static_cast<std::size_t>(std::countr_zero(rest));
    if (i > kSlots) break;
    return start_ + (now_tick_ + i) * kTick;
  }
  return kNever;
}

}  // namespace sluice::net
