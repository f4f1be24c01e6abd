// The event loop of one thread: sockets by edge-triggered epoll, timers by the wheel, calls from
// other threads by an eventfd. Whatever becomes ready is queued and run from the loop itself, never
// from inside somebody else's call; so whoever is run may destroy anything, also what is queued
// behind it.
#pragma once

#include "sluice/clock.h"
#include "sluice/task.h"

#include "net/intrusive_list.h"
#include "net/timer_wheel.h"

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

namespace sluice::net {

class Descriptor;

// Something that the loop runs once, soon. Destroying it takes it out of the queue.
class Ready : private ListNode {
 public:
  virtual void run() = 0;
  bool queued() const { return linked(); }
  void cancel() { unlink(); }

 protected:
  Ready() = default;
  ~Ready() = default;

 private:
  friend class Loop;
  friend class IntrusiveList<Ready>;
};

class Loop final : public Clock {
 public:
  Loop();
  ~Loop() override;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();                            // Until stop().
  void stop();                           // From any thread.
  bool run_once(Duration longest_wait);  // One turn, for tests; false after stop().

  // Runs `call` on the loop's thread. From any thread.
  void post(std::move_only_function<void()> call);

  void queue(Ready& ready) { ready_.push_back(ready); }
  TimerWheel& timers() { return timers_; }

  // Starts a task that nobody awaits. It is destroyed with the loop if it has not ended by then; an
  // exception that leaves it is logged.
  void spawn(Task<void> task);
  std::size_t spawned() const { return spawned_; }
  void abandon_all();  // Destroys every spawned task that has not ended.

  // As of this turn of the loop: cheap, and the same for all that runs in one turn.
  Instant now() const override { return now_; }
  std::chrono::system_clock::time_point wall() const override {
    return wall_ + std::chrono::duration_cast<std::chrono::system_clock::duration>(now_ - wall_at_);
  }
  Task<void> sleep_until(Instant deadline) override;

 private:
  friend class Descriptor;
  friend class Root;

  void watch(Descriptor& descriptor);
  void forget(Descriptor& descriptor) noexcept;  // Also drops what this turn still holds for it.
  void look_at_the_clock();
  void run_ready();
  void run_posted();

  static constexpr int kBatch = 256;

  int epoll_ = -1;
  int wake_ = -1;
  Instant now_;
  Instant wall_at_;  // When the wall's time was asked for last: it may be set meanwhile.
  std::chrono::system_clock::time_point wall_;
  TimerWheel timers_;
  IntrusiveList<Ready> ready_;
  IntrusiveList<ListNode> roots_;
  std::size_t spawned_ = 0;
  std::atomic<bool> stopping_ = false;

  std::array<epoll_event, kBatch> events_;
  int event_at_ = 0;
  int event_count_ = 0;

  std::mutex posted_mutex_;
  std::vector<std::move_only_function<void()>> posted_;
};

}  // namespace sluice::net
