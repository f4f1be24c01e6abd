// Runs two tasks side by side on one loop, until either ends: the other is then destroyed where it
// stands, as by an Interruption.
#pragma once

#include "net/loop.h"

#include <coroutine>

namespace sluice::net {

class Both final : private Ready {
 public:
  enum class Ended : std::uint8_t { First, Second };

  explicit Both(Loop& loop) : loop_(loop) {}

  // co_await run(first, second) → which of them ended. An exception that leaves it leaves run(),
  // too.
  auto run(Task<void> first, Task<void> second) {
    struct Awaiter {
      Both& owner;
      explicit Awaiter(Both& of) : owner(of) {}
      Awaiter(const Awaiter&) = delete;
      Awaiter& operator=(const Awaiter&) = delete;
      // Also when the caller is destroyed meanwhile: the tasks use what its frame holds.
      ~Awaiter() { owner.abandon(); }
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) const {
        owner.caller_ = caller;
        // The second begins from the loop: here only one of them can be entered.
        owner.loop_.queue(owner);
        return owner.first_.enter(caller);
      }
      Ended await_resume() const { return owner.settle(); }
    };
    first_ = std::move(first);
    second_ = std::move(second);
    return Awaiter(*this);
  }

 private:
  void run() override { second_.enter(caller_).resume(); }

  void abandon() {
    cancel();
    second_.reset();
    first_.reset();
  }

  // Whoever ends resumes the caller at once: so exactly one has ended.
  Ended settle() {
    cancel();
    const Ended ended = first_.done() ? Ended::First : Ended::Second;
    Task<void> over = std::move(ended == Ended::First ? first_ : second_);
    (ended == Ended::First ? second_ : first_).reset();
    over.take();
    return ended;
  }

  Loop& loop_;
  Task<void> first_;
  Task<void> second_;
  std::coroutine_handle<> caller_;
};

}  // namespace sluice::net
