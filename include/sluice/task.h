// Task<T>: a coroutine that starts when it is awaited and resumes whoever awaits it.
//
// A function whose answer is already there may return it as it is: such a Task never suspends and
// has no frame.
//
// Destroying a Task that is suspended abandons it: everything on its frames is destroyed, from the
// innermost call outwards, and every awaiter of ours unlinks itself in its destructor. So a
// cancelled exchange is simply one whose Task was destroyed; nobody writes clean-up but in
// destructors.
//
// Who keeps a task instead of handing it over may leave and come back: awaited by join(), it goes
// on when whoever awaits it is destroyed, and answers the next one who joins. Destroying the task
// itself is what cancels it, as always.
//
// A Task stays on the thread that started it.
#pragma once

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace sluice {

namespace task_detail {

// Coroutine frames come and go a few times per request: they are kept in per-thread lists by size.
void* allocate_frame(std::size_t size);
void free_frame(void* frame, std::size_t size) noexcept;

struct FinalAwaiter {
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) const noexcept {
    return finished.promise().continuation;
  }
  void await_resume() const noexcept {}
};

struct PromiseBase {
  std::coroutine_handle<> continuation;  // Null until the task has begun.
  std::exception_ptr exception;

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { exception = std::current_exception(); }

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;

  template <class U = T>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (exception) std::rethrow_exception(exception);
    return *std::move(value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  void return_void() const noexcept {}
  void take() const {
    if (exception) std::rethrow_exception(exception);
  }
};

}  // namespace task_detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  struct promise_type : task_detail::Promise<T> {
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
  };

  Task() = default;
  // Done before it began.
  template <class U>
    requires(std::convertible_to<U, T> && !std::same_as<std::remove_cvref_t<U>, Task>)
  explicit(false) Task(U&& answer) : answer_(std::forward<U>(answer)) {}
  Task(Task&& other) noexcept
      : frame_(std::exchange(other.frame_, nullptr)),
        answer_(std::exchange(other.answer_, std::nullopt)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(frame_, other.frame_);
    std::swap(answer_, other.answer_);
    return *this;
  }
  ~Task() { reset(); }

  explicit operator bool() const { return frame_ != nullptr || answer_.has_value(); }
  bool done() const { return !frame_ || frame_.done(); }

  // Abandons the task if it is still suspended somewhere.
  void reset() {
    if (auto frame = std::exchange(frame_, nullptr)) frame.destroy();
  }

  // For the few that keep the task they await: where to go when it ends; answers its first step.
  std::coroutine_handle<> enter(std::coroutine_handle<> continuation) {
    if (!frame_) return continuation;
    frame_.promise().continuation = continuation;
    return frame_;
  }
  // Likewise for a task that has begun and not ended: it is not resumed, but goes there instead of
  // where it would have.
  void rejoin(std::coroutine_handle<> continuation) {
    frame_.promise().continuation = continuation;
  }
  T take() {
    if (frame_) return frame_.promise().take();
    if constexpr (!std::is_void_v<T>) return *std::move(answer_);
  }

  // co_await task.join(): its answer, and an empty task. The task must stay where it is meanwhile.
  class Joined {
   public:
    explicit Joined(Task& task) : task_(task) {}
    Joined(const Joined&) = delete;
    Joined& operator=(const Joined&) = delete;
    // Also when the caller is destroyed meanwhile: then there is nobody to go to.
    ~Joined() {
      if (waits_ && task_.frame_) task_.rejoin(std::noop_coroutine());
    }

    bool await_ready() const noexcept { return task_.done(); }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) {
      waits_ = true;
      if (!task_.frame_.promise().continuation) return task_.enter(caller);
      task_.rejoin(caller);
      return std::noop_coroutine();
    }
    T await_resume() {
      waits_ = false;
      Task ended = std::move(task_);
      return ended.take();
    }

   private:
    Task& task_;
    bool waits_ = false;
  };
  Joined join() { return Joined(*this); }

  auto operator co_await() && noexcept {
    struct Awaiter {
      Task& task;
      bool await_ready() const noexcept { return !task.frame_; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) const noexcept {
        task.frame_.promise().continuation = caller;
        return task.frame_;
      }
      T await_resume() const { return task.take(); }
    };
    return Awaiter{*this};
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

  std::coroutine_handle<promise_type> frame_;
  std::optional<std::conditional_t<std::is_void_v<T>, std::monostate, T>> answer_;
};

}  // namespace sluice
