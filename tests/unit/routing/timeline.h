// A clock on which several tasks sleep beside each other: its hands move on when all of them do.
#pragma once

#include "sluice/clock.h"

#include <algorithm>
#include <coroutine>
#include <map>
#include <stdexcept>
#include <utility>

namespace sluice::routing {

class Timeline final : public Clock {
 public:
  Instant now() const override { return now_; }
  std::chrono::system_clock::time_point wall() const override {
    constexpr std::chrono::sys_days kBegun(std::chrono::year(2026) / 11 / 1);
    return kBegun +
           std::chrono::duration_cast<std::chrono::system_clock::duration>(now_.time_since_epoch());
  }
  Task<void> sleep_until(Instant until) override {
    if (until > now_) co_await Sleep{*this, until};
  }

  // The task's answer. Whoever wakes meanwhile goes on, too.
  template <class T>
  T run(Task<T> task) {
    begin(task);
    while (!task.done()) wake_next();
    return task.take();
  }
  // Until its first sleep; the test keeps it.
  template <class T>
  void begin(Task<T>& task) {
    task.enter(std::noop_coroutine()).resume();
  }
  void turn_by(Duration by) {
    const Instant end = now_ + by;
    while (!sleepers_.empty() && sleepers_.begin()->first <= end) wake_next();
    now_ = std::max(now_, end);
  }

 private:
  struct Sleep {
    Timeline& timeline;
    Instant until;
    std::coroutine_handle<> sleeper = nullptr;
    std::multimap<Instant, Sleep*>::iterator place = {};
    bool in_bed = false;

    ~Sleep() {
      if (in_bed) timeline.sleepers_.erase(place);
    }
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> caller) {
      sleeper = caller;
      place = timeline.sleepers_.emplace(until, this);
      in_bed = true;
    }
    void await_resume() const {}
  };

  void wake_next() {
    if (sleepers_.empty() || sleepers_.begin()->first == kNever) {
      throw std::logic_error("everybody waits for ever");
    }
    Sleep& first = *sleepers_.begin()->second;
    now_ = std::max(now_, first.until);
    sleepers_.erase(first.place);
    first.in_bed = false;
    first.sleeper.resume();
  }

  Instant now_ = Instant(std::chrono::hours(1));
  std::multimap<Instant, Sleep*> sleepers_;
};

}  // namespace sluice::routing
