#include "routing/breaker.h"

#include <algorithm>

namespace sluice::routing {
namespace {

constexpr std::uint64_t kTickMask = (1 << 24) - 1;
constexpr std::uint64_t kCountMask = (1 << 20) - 1;
constexpr std::uint64_t kOneFailure = std::uint64_t{1} << 20;
// A slice that is as good as full counts no further: neighbours must not be touched.
constexpr std::uint64_t kFull = kCountMask - 4096;

constexpr std::uint64_t tick_in(std::uint64_t slice) {
  return slice >> 40;
}
constexpr std::uint64_t failures_in(std::uint64_t slice) {
  return (slice >> 20) & kCountMask;
}
constexpr std::uint64_t all_in(std::uint64_t slice) {
  return slice & kCountMask;
}

// How far a slice lies behind `tick`; more than half the circle: ahead of it.
constexpr std::uint64_t behind(std::uint64_t tick, std::uint64_t slice) {
  return (tick - tick_in(slice)) & kTickMask;
}

// From 0.9 to 1.1.
double spread(std::uint64_t dice) {
  return 0.9 + 0.2 * static_cast<double>(dice >> 11) * 0x1p-53;
}

}  // namespace

std::string_view standing_name(Standing standing) {
  constexpr std::array<std::string_view, 3> names{"closed", "half_open", "open"};
  return names[static_cast<std::size_t>(standing)];
}

void Breaker::apply(const config::BreakerSettings& settings) {
  std::lock_guard lock(mutex_);
  const Duration window = settings.window;
  const std::int64_t slice = std::max<std::int64_t>(window.count() / kSlices, 1);
  if (slice_.exchange(slice, std::memory_order_relaxed) != slice) forget_results();
  consecutive_.store(std::max<std::uint64_t>(settings.consecutive, 1), std::memory_order_relaxed);
  ratio_.store(settings.ratio, std::memory_order_relaxed);
  of_at_least_.store(std::max<std::uint64_t>(settings.of_at_least, 1), std::memory_order_relaxed);
  rest_.store(settings.rest, std::memory_order_relaxed);
  slow_start_.store(settings.slow_start, std::memory_order_relaxed);
}

void Breaker::become(State state) {
  state_.store(std::uint64_t{state.generation} << 8 | static_cast<std::uint64_t>(state.standing),
               std::memory_order_release);
}

Breaker::Claim Breaker::claim(Instant now) {
  State current = state();
  if (current.standing == Standing::Closed) [[likely]] {
    return {Claim::Kind::Free, current.generation};
  }
  if (current.standing == Standing::Open) {
    if (rests(now)) return {Claim::Kind::Refused, current.generation};
    std::lock_guard lock(mutex_);
    current = state();
    if (current.standing == Standing::Closed) return {Claim::Kind::Free, current.generation};
    if (current.standing == Standing::Open) {
      if (rests(now)) return {Claim::Kind::Refused, current.generation};
      half_open();
    }
  }
  Claim probe(Claim::Kind::Probe, current.generation);
  probe.until_ = now + kClaimLasts;
  Instant claimed = claimed_until_.load(std::memory_order_relaxed);
  if (now < claimed ||
      !claimed_until_.compare_exchange_strong(claimed, probe.until_, std::memory_order_relaxed)) {
    return {Claim::Kind::Refused, current.generation};
  }
  return probe;
}

void Breaker::succeeded(const Claim& claim, Instant now) {
  const State then = state();
  if (then.standing == Standing::Closed) [[likely]] {
    if (then.generation != claim.generation_) return;
    if (in_a_row_.load(std::memory_order_relaxed) != 0) {
      in_a_row_.store(0, std::memory_order_relaxed);
    }
    count(now, false);
    return;
  }
  std::lock_guard lock(mutex_);
  give_back(claim);
  const State current = state();
  if (current.generation != claim.generation_ || current.standing == Standing::Closed) return;
  if (current.standing == Standing::Open) half_open();
  rests_ = 0;
  if (++successes_ >= kSuccessesToClose) close(now);
}

void Breaker::failed(const Claim& claim, Instant now, std::uint64_t dice) {
  const State then = state();
  if (then.standing == Standing::Closed) {
    if (then.generation != claim.generation_) return;
    const std::uint32_t in_a_row = in_a_row_.fetch_add(1, std::memory_order_relaxed) + 1;
    count(now, true);
    if (!is_too_much(in_a_row, now)) return;
  }
  std::lock_guard lock(mutex_);
  give_back(claim);
  const State current = state();
  // It may rest already: others saw the same.
  if (current.generation != claim.generation_ || current.standing != then.standing) return;
  if (current.standing == Standing::Open && rests(now)) return;
  open(now, dice);
}

void Breaker::neutral(const Claim& claim) {
  give_back(claim);
}

void Breaker::report_probe(bool alive, Instant now, std::uint64_t dice) {
  const State current = state();
  if (!alive) {
    failed(Claim(Claim::Kind::Free, current.generation), now, dice);
  } else if (current.standing == Standing::Open) {
    std::lock_guard lock(mutex_);
    if (state().standing == Standing::Open) half_open();
  }
}

void Breaker::give_back(const Claim& claim) {
  if (!claim.is_probe()) return;
  // Unless it ran out and somebody else has it.
  Instant mine = claim.until_;
  claimed_until_.compare_exchange_strong(mine, Instant(), std::memory_order_relaxed);
}

void Breaker::open(Instant now, std::uint64_t dice) {
  const Duration rest = rest_.load(std::memory_order_relaxed) * (1U << rests_);
  if ((1U << rests_) < kLongestRest) ++rests_;
  const auto spread_rest = std::chrono::duration<double, Duration::period>(rest) * spread(dice);
  rests_until_.store(now + std::chrono::duration_cast<Duration>(spread_rest),
                     std::memory_order_relaxed);
  times_opened_.fetch_add(1, std::memory_order_relaxed);
  become({.generation = state().generation + 1, .standing = Standing::Open});
}

void Breaker::half_open() {
  successes_ = 0;
  claimed_until_.store(Instant(), std::memory_order_relaxed);
  become({.generation = state().generation, .standing = Standing::HalfOpen});
}

void Breaker::close(Instant now) {
  forget_results();
  closed_at_.store(now, std::memory_order_relaxed);
  become({.generation = state().generation, .standing = Standing::Closed});
}

void Breaker::forget_results() {
  in_a_row_.store(0, std::memory_order_relaxed);
  for (auto& slice : slices_) slice.store(0, std::memory_order_relaxed);
}

std::uint64_t Breaker::tick_of(Instant now) const {
  const std::int64_t at = now.time_since_epoch().count();
  const std::int64_t slice = slice_.load(std::memory_order_relaxed);
  std::int64_t tick = last_tick_.load(std::memory_order_relaxed);
  const std::int64_t into = at - tick * slice;
  if (into < 0 || into >= slice) {
    tick = at / slice;
    last_tick_.store(tick, std::memory_order_relaxed);
  }
  return static_cast<std::uint64_t>(tick);
}

void Breaker::count(Instant now, bool failure) {
  const std::uint64_t tick = tick_of(now);
  std::atomic<std::uint64_t>& slice = slices_[tick % kSlices];
  const std::uint64_t added = failure ? kOneFailure + 1 : 1;
  std::uint64_t held = slice.load(std::memory_order_relaxed);
  // A thread whose clock lags a little adds to what is newer.
  while (behind(tick, held) != 0 && behind(tick, held) <= kTickMask / 2) {
    const std::uint64_t fresh = (tick & kTickMask) << 40 | added;
    if (slice.compare_exchange_weak(held, fresh, std::memory_order_relaxed)) return;
  }
  if (all_in(held) < kFull) slice.fetch_add(added, std::memory_order_relaxed);
}

Breaker::Counts Breaker::counts(Instant now) const {
  const std::uint64_t tick = tick_of(now);
  Counts counts;
  for (const auto& slice : slices_) {
    const std::uint64_t held = slice.load(std::memory_order_relaxed);
    const std::uint64_t age = behind(tick, held);
    if (age >= kSlices && age <= kTickMask / 2) continue;
    counts.failures += failures_in(held);
    counts.all += all_in(held);
  }
  return counts;
}

bool Breaker::is_too_much(std::uint32_t in_a_row, Instant now) const {
  if (in_a_row >= consecutive_.load(std::memory_order_relaxed)) return true;
  const Counts recent = counts(now);
  return recent.all >= of_at_least_.load(std::memory_order_relaxed) &&
         static_cast<double>(recent.failures) >=
             ratio_.load(std::memory_order_relaxed) * static_cast<double>(recent.all);
}

double Breaker::share_after_opening(Instant now) const {
  if (state().standing != Standing::Closed) return kFirstShare;
  const Instant closed = closed_at_.load(std::memory_order_relaxed);
  const Duration slow_start = slow_start_.load(std::memory_order_relaxed);
  if (closed == Instant() || now - closed >= slow_start) return 1;
  const double risen = static_cast<double>(std::max((now - closed).count(), Duration::rep{0})) /
                       static_cast<double>(slow_start.count());
  return kFirstShare + (1 - kFirstShare) * risen;
}

std::optional<Instant> Breaker::opens_again_at() const {
  if (state().standing != Standing::Open) return std::nullopt;
  return rests_until_.load(std::memory_order_relaxed);
}

}  // namespace sluice::routing
