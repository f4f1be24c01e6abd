#include "routing/bulkhead.h"

#include <functional>
#include <limits>
#include <memory>
#include <string>

namespace sluice::routing {
namespace {

std::unexpected<Failure> no_place(const char* why) {
  return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                       .code = "overloaded",
                       .message = "The target answers as many requests as it may.",
                       .detail = why,
                       .retry = Retry::OtherTarget});
}

}  // namespace

// In the frame of whoever waits. It is admitted by whoever leaves, often on another thread; all
// else happens on its own.
class Bulkhead::Waiter {
 public:
  Waiter(Bulkhead& bulkhead, net::Loop& loop, std::uint64_t key)
      : key(key), bulkhead_(bulkhead), loop_(loop), alarm_(*this) {}
  ~Waiter() {
    seat_->waiter = nullptr;
    // Cut short with a place that nobody has taken: it is the next one's.
    if (place_ == Place::InLine && !bulkhead_.step_out(*this)) bulkhead_.leave();
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // False: the queue is full.
  bool line_up(Instant patience) {
    if (!bulkhead_.line_up(*this)) return false;
    place_ = Place::InLine;
    loop_.timers().arm(alarm_, patience);
    return true;
  }

  // From any thread, with the bulkhead's mutex held: so the loop is still there.
  void admit() {
    loop_.post([seat = seat_] {
      if (seat->waiter) seat->waiter->wake_up();
    });
  }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller) { wake_.caller = caller; }
  // Whether there is a place.
  bool await_resume() { return std::exchange(place_, Place::Elsewhere) == Place::InLine; }

  const std::uint64_t key;
  Turn turn;  // While it is in the queue; guarded by the bulkhead's mutex.

 private:
  // What admit() finds out here: whether there still is somebody. Touched on the waiter's thread.
  struct Seat {
    Waiter* waiter;
  };
  // In line or admitted, and not yet told; or with the place in hand, too late, not in line at all.
  enum class Place : std::uint8_t { Elsewhere, InLine };
  struct Alarm final : net::Timer {
    Waiter& waiter;
    explicit Alarm(Waiter& owner) : waiter(owner) {}
    void on_time() override { waiter.give_up(); }
  };
  struct Wake final : net::Ready {
    std::coroutine_handle<> caller;
    void run() override { caller.resume(); }
  };

  void wake_up() {
    alarm_.disarm();
    loop_.queue(wake_);
  }
  void give_up() {
    if (!bulkhead_.step_out(*this)) return;  // Just admitted: that is on its way here.
    place_ = Place::Elsewhere;
    loop_.queue(wake_);
  }

  Bulkhead& bulkhead_;
  net::Loop& loop_;
  const std::shared_ptr<Seat> seat_ = std::make_shared<Seat>(this);
  Alarm alarm_;
  Wake wake_;
  Place place_ = Place::Elsewhere;
};

void Bulkhead::apply(std::optional<std::uint64_t> concurrent) {
  constexpr std::uint64_t most = std::numeric_limits<std::int32_t>::max();
  std::lock_guard lock(mutex_);
  limit_.store(concurrent
                   ? static_cast<std::uint32_t>(std::clamp<std::uint64_t>(*concurrent, 1, most))
                   : kUnlimited,
               std::memory_order_relaxed);
  hand_on();
}

std::optional<Bulkhead::Slot> Bulkhead::try_enter() {
  if (!is_limited()) return Slot();
  std::uint64_t word = crowd_.load(std::memory_order_relaxed);
  for (;;) {
    // Nobody goes in before those who wait.
    const Crowd now = unpacked(word);
    if (now.waiting > 0 || !admits(now.inside)) return std::nullopt;
    if (crowd_.compare_exchange_weak(word, packed({now.inside + 1, 0}), std::memory_order_acq_rel,
                                     std::memory_order_relaxed)) {
      return Slot(*this);
    }
  }
}

Task<Result<Bulkhead::Slot>> Bulkhead::enter(net::Loop& loop, std::string_view key,
                                             Instant patience) {
  if (auto slot = try_enter()) co_return *std::move(slot);
  if (patience <= loop.now()) co_return no_place("no time is left to wait");
  Waiter waiter(*this, loop, std::hash<std::string_view>()(key));
  if (!waiter.line_up(patience)) co_return no_place("the queue is full");
  const bool admitted = co_await waiter;
  if (!admitted) co_return no_place("waited too long");
  co_return Slot(*this);
}

void Bulkhead::leave() {
  std::uint64_t word = crowd_.load(std::memory_order_relaxed);
  while (unpacked(word).waiting == 0) {
    if (crowd_.compare_exchange_weak(word, packed({unpacked(word).inside - 1, 0}),
                                     std::memory_order_acq_rel, std::memory_order_relaxed)) {
      return;
    }
  }
  std::lock_guard lock(mutex_);
  change(-1, 0);
  hand_on();
}

bool Bulkhead::line_up(Waiter& waiter) {
  std::lock_guard lock(mutex_);
  if (queue_.size() >= queue_limit()) return false;
  waiter.turn = {last_.round, ++last_.arrival};
  for (auto other = queue_.rbegin(); other != queue_.rend(); ++other) {
    if (other->second->key != waiter.key) continue;
    waiter.turn.round = other->first.round + 1;
    break;
  }
  queue_.emplace(waiter.turn, &waiter);
  change(0, 1);
  // Somebody may have left since it was full; from here on whoever leaves sees that one waits.
  hand_on();
  return true;
}

bool Bulkhead::step_out(Waiter& waiter) {
  std::lock_guard lock(mutex_);
  const auto place = queue_.find(waiter.turn);
  if (place == queue_.end()) return false;
  queue_.erase(place);
  change(0, -1);
  return true;
}

void Bulkhead::hand_on() {
  while (!queue_.empty() && admits(crowd().inside)) {
    const auto first = queue_.begin();
    last_.round = first->first.round;
    first->second->admit();
    queue_.erase(first);
    change(1, -1);
  }
}

void Bulkhead::change(int inside, int waiting) {
  const std::int64_t difference = std::int64_t{waiting} * (std::int64_t{1} << 32) + inside;
  crowd_.fetch_add(static_cast<std::uint64_t>(difference), std::memory_order_acq_rel);
}

Bulkhead::Crowd Bulkhead::unpacked(std::uint64_t word) {
  return {.inside = static_cast<std::uint32_t>(word),
          .waiting = static_cast<std::uint32_t>(word >> 32)};
}

std::uint64_t Bulkhead::packed(Crowd crowd) {
  return std::uint64_t{crowd.waiting} << 32 | crowd.inside;
}

}  // namespace sluice::routing
