// Runs a task that may be cut short from outside: the client left, the deadline passed, we shut
// down. The task is then destroyed where it stands, and its destructors settle what it had begun.
#pragma once

#include "net/loop.h"

#include <coroutine>

namespace sluice::net {

enum class Interrupt : std::uint8_t { None, ClientGone, Deadline, Shutdown };

class Interruption final : private Ready, private Timer {
 public:
  explicit Interruption(Loop& loop) : loop_(loop) {}

  // Takes effect from the loop, so it may be called from inside the task too. The first reason
  // holds.
  void interrupt(Interrupt why) {
    if (!running_ || why_ != Interrupt::None) return;
    why_ = why;
    loop_.queue(*this);
  }
  void interrupt_at(Instant deadline) { loop_.timers().arm(*this, deadline); }

  ~Interruption() {
    if (awaiter_) awaiter_->owner_ = nullptr;
  }
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  class Awaiter {
   public:
    explicit Awaiter(Interruption& of) : owner_(&of) { of.awaiter_ = this; }
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;
    // Also when the caller is destroyed meanwhile: the task uses what its frame holds, so it must
    // not outlive it.
    ~Awaiter() {
      if (owner_) owner_->abandon();
    }

    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) const {
      owner_->caller_ = caller;
      owner_->running_ = true;
      return owner_->task_.enter(caller);
    }
    Interrupt await_resume() const { return owner_->settle(); }

   private:
    friend class Interruption;
    Interruption* owner_;  // Null when it died before the caller did.
  };

  // co_await run(task) → why the task was cut short, or None when it ended by itself. An exception
  // that leaves the task leaves run(), too.
  Awaiter run(Task<void> task) {
    task_ = std::move(task);
    why_ = Interrupt::None;
    return Awaiter(*this);
  }

 private:
  void run() override {
    if (task_.done()) return;
    task_.reset();
    caller_.resume();
  }
  void on_time() override { interrupt(Interrupt::Deadline); }

  void abandon() {
    awaiter_ = nullptr;
    running_ = false;
    cancel();
    disarm();
    task_.reset();
  }

  Interrupt settle() {
    running_ = false;
    cancel();
    disarm();
    if (!task_) return why_;
    Task<void> ended = std::move(task_);
    ended.take();
    return Interrupt::None;
  }

  Loop& loop_;
  Task<void> task_;
  Awaiter* awaiter_ = nullptr;
  std::coroutine_handle<> caller_;
  bool running_ = false;
  Interrupt why_ = Interrupt::None;
};

}  // namespace sluice::net
