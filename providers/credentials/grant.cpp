#include "providers/credentials/grant.h"

#include <algorithm>
#include <utility>

namespace sluice::providers {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using GrantPtr = std::shared_ptr<const Grant>;

constexpr Duration kLongestRenewal = seconds(30);
constexpr Duration kAhead = minutes(5);
constexpr Duration kSpare = seconds(10);  // A request is on its way for a while.
// How soon after a failure one asks again: while there is a grant, and while there is none.
constexpr Duration kPauseWithGrant = seconds(10);
constexpr Duration kPause = seconds(1);
constexpr Duration kNew = minutes(1);
constexpr std::chrono::hours kLongest(24 * 365);

// A short life is halved.
Instant renewal_of(const Grant& grant) {
  if (grant.expires == kNever) return kNever;
  return grant.expires - std::min<Duration>(kAhead, (grant.expires - grant.obtained) / 2);
}

bool usable(const GrantPtr& grant, Instant now) {
  if (!grant) return false;
  if (grant->expires == kNever) return true;
  return now < grant->expires - std::min<Duration>(kSpare, (grant->expires - grant->obtained) / 10);
}

std::unexpected<Failure> too_late() {
  return fail(ApiError{.kind = ErrorKind::DeadlineExceeded,
                       .code = "upstream_timeout",
                       .message = "The provider's credential could not be renewed in time.",
                       .retry = Retry::OtherTarget});
}

}  // namespace

GrantPtr GrantShelf::take() const {
  std::lock_guard lock(mutex_);
  return grant_;
}

void GrantShelf::put(GrantPtr grant) {
  std::lock_guard lock(mutex_);
  grant_ = std::move(grant);
}

void GrantShelf::drop(const Grant& grant) {
  std::lock_guard lock(mutex_);
  if (grant_.get() == &grant) grant_.reset();
}

struct Grants::State {
  net::Loop& loop;
  const Clock& clock;
  std::unique_ptr<GrantSource> source;
  std::shared_ptr<GrantShelf> shelf;
  GrantPtr held{};
  ApiError failure{};  // Of the last renewal, while nothing came of it.
  bool failed = false;
  bool renewing = false;
  Instant pause_until{};
  net::IntrusiveList<Waiter> waiters{};

  // The best that any thread has.
  const GrantPtr& newest(Instant now) {
    if (!usable(held, now) || now >= renewal_of(*held)) {
      GrantPtr other = shelf->take();
      if (usable(other, now) && (!held || other->expires > held->expires)) held = std::move(other);
    }
    return held;
  }
  bool may_start(Instant now) const { return !renewing && now >= pause_until; }
  void start(const std::shared_ptr<State>& self) {
    renewing = true;
    loop.spawn(renew(self));
  }
};

// Waits until the renewal that is under way has ended, or for the deadline.
class Grants::Waiter final : public net::ListNode {
 public:
  Waiter(State& state, Instant deadline) : state_(state), alarm_(*this) {
    if (!state_.renewing) return;
    state_.waiters.push_back(*this);
    state_.loop.timers().arm(alarm_, deadline);
  }

  void wake() {
    unlink();
    alarm_.disarm();
    state_.loop.queue(wake_);
  }

  bool await_ready() const noexcept { return !linked(); }
  void await_suspend(std::coroutine_handle<> caller) { wake_.caller = caller; }
  void await_resume() const noexcept {}

 private:
  struct Alarm final : net::Timer {
    Waiter& waiter;
    explicit Alarm(Waiter& owner) : waiter(owner) {}
    void on_time() override { waiter.wake(); }
  };
  struct Wake final : net::Ready {
    std::coroutine_handle<> caller;
    void run() override { caller.resume(); }
  };

  State& state_;
  Alarm alarm_;
  Wake wake_;
};

Grants::Grants(net::Loop& loop, const Clock& clock, std::unique_ptr<GrantSource> source,
               std::shared_ptr<GrantShelf> shelf)
    : state_(std::make_shared<State>(loop, clock, std::move(source), std::move(shelf))) {
  if (!state_->shelf) state_->shelf = std::make_shared<GrantShelf>();
}

Grants::~Grants() = default;

Task<void> Grants::renew(std::shared_ptr<State> state) {
  // Also when the task is abandoned, or ends by an exception.
  struct End {
    State& state;
    ~End() {
      state.renewing = false;
      while (Waiter* const waiter = state.waiters.pop_front()) waiter->wake();
    }
  } const end{*state};
  state->failed = true;
  state->failure = *too_late().error();

  auto grant = co_await state->source->obtain(state->clock.now() + kLongestRenewal);
  const Instant now = state->clock.now();
  if (!grant) {
    state->failure = *std::move(grant.error());
    state->pause_until = now + (usable(state->held, now) ? kPauseWithGrant : kPause);
    co_return;
  }
  grant->obtained = now;
  state->failed = false;
  state->held = std::make_shared<const Grant>(*std::move(grant));
  state->shelf->put(state->held);
}

Task<Result<GrantPtr>> Grants::get(Instant deadline) {
  const std::shared_ptr<State> state = state_;
  const Instant now = state->clock.now();
  if (GrantPtr grant = state->newest(now); usable(grant, now)) {
    if (now >= renewal_of(*grant) && state->may_start(now)) state->start(state);
    co_return grant;
  }
  const GrantPtr before = state->held;
  if (state->may_start(now)) state->start(state);
  co_await Waiter(*state, deadline);
  // Whatever has come is used: had it expired on its way, the provider would say so.
  if (state->held && state->held != before) co_return state->held;
  if (state->renewing) co_return too_late();
  co_return fail(state->failure);
}

void Grants::refused() {
  const GrantPtr held = state_->held;
  if (!held || state_->clock.now() - held->obtained < kNew) return;
  state_->shelf->drop(*held);
  state_->held.reset();
}

Instant expiry_after(const Clock& clock, std::chrono::seconds lifetime) {
  return clock.now() + std::clamp<std::chrono::seconds>(lifetime, seconds(0), kLongest);
}

Instant expiry_at(const Clock& clock, std::chrono::system_clock::time_point when) {
  return expiry_after(clock, std::chrono::duration_cast<seconds>(when - clock.wall()));
}

}  // namespace sluice::providers
