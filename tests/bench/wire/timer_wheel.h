// Milliseconds on a ring: thousands of streams wait here for their next event.
#pragma once

#include <array>
#include <cstdint>

namespace sluice::bench {

// What can wait in the wheel derives from it. Leaving costs nothing to search for.
struct Waiting {
  Waiting* before = nullptr;
  Waiting* after = nullptr;
  std::int64_t due_ns = 0;

  void leave() {
    if (!before) return;
    before->after = after;
    if (after) after->before = before;
    before = after = nullptr;
  }
};

class TimerWheel {
 public:
  explicit TimerWheel(std::int64_t now_ns) : tick_(now_ns / tick_ns) {}

  void add(Waiting& waiting, std::int64_t due_ns) {
    waiting.leave();
    waiting.due_ns = due_ns;
    // Rounded up, and never into the slot that is being emptied: nothing fires early or twice.
    std::int64_t tick = due_ns / tick_ns + 1;
    if (tick <= tick_) tick = tick_ + 1;
    Waiting& slot = slots_[static_cast<std::size_t>(tick) % slots_.size()];
    waiting.before = &slot;
    waiting.after = slot.after;
    if (slot.after) slot.after->before = &waiting;
    slot.after = &waiting;
  }

  template <class Fire>
  void advance(std::int64_t now_ns, Fire&& fire) {
    while (tick_ < now_ns / tick_ns) {
      ++tick_;
      Waiting due;
      take(slots_[static_cast<std::size_t>(tick_) % slots_.size()], due);
      while (Waiting* waiting = due.after) {
        waiting->leave();
        if (waiting->due_ns / tick_ns >= tick_) {
          add(*waiting, waiting->due_ns);  // A later turn of the ring.
        } else {
          fire(*waiting);
        }
      }
    }
  }

  // Milliseconds until a slot that is not empty; -1 when nothing waits.
  int wait_ms(std::int64_t now_ns) const {
    std::int64_t late = now_ns / tick_ns - tick_;
    for (std::int64_t ahead = 1; ahead <= static_cast<std::int64_t>(slots_.size()); ++ahead) {
      if (slots_[static_cast<std::size_t>(tick_ + ahead) % slots_.size()].after) {
        return ahead <= late ? 0 : static_cast<int>(ahead - late);
      }
    }
    return -1;
  }

 private:
  static constexpr std::int64_t tick_ns = 1'000'000;

  static void take(Waiting& slot, Waiting& into) {
    into.after = slot.after;
    if (into.after) into.after->before = &into;
    slot.after = nullptr;
  }

  std::int64_t tick_;
  std::array<Waiting, 4096> slots_;
};

}  // namespace sluice::bench
