// Several tasks at once, on one thread: whoever awaits the race goes on when one of them has ended.
#pragma once

#include "sluice/task.h"

#include <array>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

namespace sluice::routing {

// Tasks that have not ended when the race is destroyed, or when they are dropped, are abandoned.
template <class T, std::size_t kPlaces>
class Race {
 public:
  Race() = default;
  Race(const Race&) = delete;
  Race& operator=(const Race&) = delete;

  // Starts the task at once, in a place that is free.
  void enter(std::size_t place, Task<T> task) {
    Entrant& entrant = entrants_[place];
    entrant.result.reset();
    entrant.task = std::move(task);
    entrant.runner = run(entrant);
    entrant.runner.enter(std::noop_coroutine()).resume();
  }
  bool running(std::size_t place) const {
    return static_cast<bool>(entrants_[place].runner) && !entrants_[place].ended();
  }
  // The place of one that has ended and was not taken.
  std::optional<std::size_t> ended() const {
    for (std::size_t i = 0; i < kPlaces; ++i) {
      if (entrants_[i].runner && entrants_[i].ended()) return i;
    }
    return std::nullopt;
  }
  T take(std::size_t place) {
    Entrant& entrant = entrants_[place];
    const std::exception_ptr exception = entrant.exception;
    std::optional<T> result = std::move(entrant.result);
    drop(place);
    if (exception) std::rethrow_exception(exception);
    return *std::move(result);
  }
  void drop(std::size_t place) {
    Entrant& entrant = entrants_[place];
    entrant.runner = {};
    entrant.task = {};
    entrant.result.reset();
    entrant.exception = nullptr;
  }

  // co_await race.one(): the place of one that has ended. At least one must be running or have
  // ended.
  auto one() {
    struct Awaiter {
      Race& race;
      ~Awaiter() { race.waiter_ = std::noop_coroutine(); }
      bool await_ready() const { return race.ended().has_value(); }
      void await_suspend(std::coroutine_handle<> caller) const { race.waiter_ = caller; }
      std::size_t await_resume() const { return *race.ended(); }
    };
    return Awaiter{*this};
  }

 private:
  struct Entrant {
    Task<T> task;
    Task<void> runner;  // Behind the task, so that it is destroyed first.
    std::optional<T> result;
    std::exception_ptr exception;

    bool ended() const { return result.has_value() || exception; }
  };

  // The last step of a runner: goes on with whoever waits, and is never come back to.
  struct Arrived {
    Race& race;
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<>) const noexcept {
      return std::exchange(race.waiter_, std::noop_coroutine());
    }
    void await_resume() const noexcept {}
  };

  Task<void> run(Entrant& entrant) {
    try {
      entrant.result.emplace(co_await std::move(entrant.task));
    } catch (...) {
      entrant.exception = std::current_exception();
    }
    co_await Arrived{*this};
  }

  std::coroutine_handle<> waiter_ = std::noop_coroutine();
  std::array<Entrant, kPlaces> entrants_;
};

}  // namespace sluice::routing
