#include "net/loop.h"

#include "base/log.h"
#include "net/descriptor.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>

namespace sluice::net {

// The outermost frame of a spawned task. It frees itself when the task ends; until then it is
// listed in the loop, so that the loop can destroy it.
class Root {
 public:
  struct promise_type : ListNode {
    Loop* loop = nullptr;

    Root get_return_object() {
      return Root(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
    ~promise_type() {
      if (loop) --loop->spawned_;
    }
    static void* operator new(std::size_t size) { return task_detail::allocate_frame(size); }
    static void operator delete(void* frame, std::size_t size) noexcept {
      task_detail::free_frame(frame, size);
    }
  };

  explicit Root(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

  static Root run(Task<void> task) {
    try {
      co_await std::move(task);
    } catch (const std::exception& exception) {
      log::error("loop", "a task ended by an exception", {{"what", exception.what()}});
    }
  }

  static void start(Loop& loop, Task<void> task) {
    auto frame = run(std::move(task)).frame_;
    frame.promise().loop = &loop;
    ++loop.spawned_;
    loop.roots_.push_back(frame.promise());
    frame.resume();
  }

  static void destroy_all(Loop& loop) {
    while (ListNode* node = loop.roots_.pop_front()) {
      auto& promise = static_cast<promise_type&>(*node);
      std::coroutine_handle<promise_type>::from_promise(promise).destroy();
    }
  }

 private:
  std::coroutine_handle<promise_type> frame_;
};

namespace {

class Sleeper final : private Timer, private Ready {
 public:
  Sleeper(Loop& loop, Instant deadline) : loop_(loop), deadline_(deadline) {}

  bool await_ready() const noexcept { return deadline_ <= loop_.now(); }
  void await_suspend(std::coroutine_handle<> caller) {
    caller_ = caller;
    loop_.timers().arm(*this, deadline_);
  }
  void await_resume() const noexcept {}

 private:
  void on_time() override { loop_.queue(*this); }
  void run() override { caller_.resume(); }

  Loop& loop_;
  Instant deadline_;
  std::coroutine_handle<> caller_;
};

[[noreturn]] void refuse(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

constexpr Duration kWallHolds = std::chrono::seconds(1);

}  // namespace

Loop::Loop()
    : now_(std::chrono::steady_clock::now()),
      wall_at_(now_),
      wall_(std::chrono::system_clock::now()),
      timers_(now_) {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) refuse("epoll_create1");
  wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake_ < 0) refuse("eventfd");
  epoll_event event{.events = EPOLLIN, .data = {.ptr = this}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) refuse("epoll_ctl");
}

Loop::~Loop() {
  abandon_all();
  ::close(wake_);
  ::close(epoll_);
}

void Loop::abandon_all() {
  Root::destroy_all(*this);
}

void Loop::watch(Descriptor& descriptor) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                    .data = {.ptr = &descriptor}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor.fd(), &event) != 0) refuse("epoll_ctl");
}

void Loop::forget(Descriptor& descriptor) noexcept {
  for (int i = event_at_; i < event_count_; ++i) {
    if (events_[i].data.ptr == &descriptor) events_[i].data.ptr = nullptr;
  }
}

void Loop::run() {
  while (run_once(std::chrono::hours(1))) {
  }
}

bool Loop::run_once(Duration longest_wait) {
  if (stopping_.load(std::memory_order_acquire)) return false;

  int wait_ms = 0;
  if (ready_.empty()) {
    now_ = std::chrono::steady_clock::now();
    const Instant due = timers_.next_due();
    const Duration wait = due == kNever ? longest_wait : std::min(longest_wait, due - now_);
    if (wait > Duration::zero()) {
      wait_ms = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
    }
  }
  const int count = ::epoll_wait(epoll_, events_.data(), kBatch, wait_ms);
  look_at_the_clock();
  event_count_ = std::max(count, 0);
  for (event_at_ = 0; event_at_ < event_count_;) {
    const epoll_event event = events_[event_at_++];
    if (event.data.ptr == this) {
      run_posted();
    } else if (event.data.ptr) {
      static_cast<Descriptor*>(event.data.ptr)->on_events(event.events);
    }
  }
  timers_.advance(now_);
  run_ready();
  return !stopping_.load(std::memory_order_acquire);
}

void Loop::look_at_the_clock() {
  now_ = std::chrono::steady_clock::now();
  if (now_ - wall_at_ < kWallHolds) return;
  wall_ = std::chrono::system_clock::now();
  wall_at_ = now_;
}

void Loop::run_ready() {
  // One round: what becomes ready meanwhile waits until the sockets were asked again.
  IntrusiveList<Ready> round;
  ready_.move_to(round);
  while (Ready* ready = round.pop_front()) ready->run();
}

void Loop::run_posted() {
  std::uint64_t count;
  while (::read(wake_, &count, sizeof(count)) > 0) {
  }
  std::vector<std::move_only_function<void()>> calls;
  {
    std::lock_guard lock(posted_mutex_);
    calls.swap(posted_);
  }
  for (auto& call : calls) call();
}

void Loop::post(std::move_only_function<void()> call) {
  {
    std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(call));
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof(one));
}

void Loop::stop() {
  stopping_.store(true, std::memory_order_release);
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof(one));
}

void Loop::spawn(Task<void> task) {
  Root::start(*this, std::move(task));
}

Task<void> Loop::sleep_until(Instant deadline) {
  co_await Sleeper(*this, deadline);
}

Descriptor::Descriptor(Loop& loop, int fd) : loop_(loop), fd_(fd) {
  loop_.watch(*this);
}

Descriptor::~Descriptor() {
  loop_.forget(*this);
  ::close(fd_);
}

void Descriptor::unwatch() {
  ::epoll_ctl(loop_.epoll_, EPOLL_CTL_DEL, fd_, nullptr);
}

void Descriptor::on_events(std::uint32_t events) {
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) can_read_ = true;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) can_write_ = true;
  if (events & EPOLLRDHUP) peer_finished_ = true;
  if (events & (EPOLLHUP | EPOLLERR)) peer_reset_ = true;
  if (peer_watcher_ && (peer_finished_ || peer_reset_) && !peer_watcher_->queued()) {
    loop_.queue(*peer_watcher_);
  }
  if (reader_ && can_read_) reader_->wake(Wake::Ready);
  if (writer_ && can_write_) writer_->wake(Wake::Ready);
}

}  // namespace sluice::net
