// A non-blocking file descriptor in a loop: awaits "readable" and "writable" with a deadline, and
// tells at once when the peer has gone, without reading.
#pragma once

#include "net/loop.h"

namespace sluice::net {

enum class Wake : std::uint8_t { Ready, TimedOut };

class Descriptor {
 public:
  Descriptor(Loop& loop, int fd);  // Takes ownership of fd.
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int fd() const { return fd_; }
  Loop& loop() const { return loop_; }

  // Edge-triggered: whoever has drained the socket (EAGAIN or a short read) says so.
  void drained_read() { can_read_ = peer_finished_ || peer_reset_; }
  void drained_write() { can_write_ = peer_reset_; }
  bool can_read() const { return can_read_; }
  bool can_write() const { return can_write_; }

  bool peer_finished() const { return peer_finished_; }  // It sent FIN: no more bytes will come.
  bool peer_reset() const { return peer_reset_; }

  // For a socket that was duplicated: as long as a copy is open, closing ours does not end its
  // events.
  void unwatch();

  // Queued once when the peer finishes or resets; at most one watcher.
  void watch_peer(Ready* watcher) { peer_watcher_ = watcher; }

  class Waiter;
  Waiter readable(Instant deadline);
  Waiter writable(Instant deadline);

 private:
  friend class Loop;
  void on_events(std::uint32_t events);

  Loop& loop_;
  int fd_;
  bool can_read_ = false;
  bool can_write_ = false;
  bool peer_finished_ = false;
  bool peer_reset_ = false;
  Waiter* reader_ = nullptr;
  Waiter* writer_ = nullptr;
  Ready* peer_watcher_ = nullptr;
};

class Descriptor::Waiter final : private Ready, private Timer {
 public:
  Waiter(Descriptor& descriptor, bool ready, Waiter*& slot, Instant deadline)
      : descriptor_(descriptor),
        slot_(slot),
        deadline_(deadline),
        ready_(ready || deadline <= descriptor.loop_.now()),
        wake_(ready ? Wake::Ready : Wake::TimedOut) {}
  ~Waiter() {
    if (slot_ == this) slot_ = nullptr;
  }

  bool await_ready() const noexcept { return ready_; }
  void await_suspend(std::coroutine_handle<> caller) {
    caller_ = caller;
    slot_ = this;
    descriptor_.loop_.timers().arm(*this, deadline_);
  }
  Wake await_resume() const noexcept { return wake_; }

 private:
  friend class Descriptor;

  void wake(Wake why) {
    wake_ = why;
    slot_ = nullptr;
    disarm();
    descriptor_.loop_.queue(*this);
  }
  void run() override { caller_.resume(); }
  void on_time() override { wake(Wake::TimedOut); }

  Descriptor& descriptor_;
  Waiter*& slot_;
  Instant deadline_;
  std::coroutine_handle<> caller_;
  bool ready_;
  Wake wake_;
};

inline Descriptor::Waiter Descriptor::readable(Instant deadline) {
  return Waiter(*this, can_read_, reader_, deadline);
}

inline Descriptor::Waiter Descriptor::writable(Instant deadline) {
  return Waiter(*this, can_write_, writer_, deadline);
}

}  // namespace sluice::net
