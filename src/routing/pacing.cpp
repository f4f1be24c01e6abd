#include "routing/pacing.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sluice::routing {
namespace {

constexpr std::uint64_t kMostTokens = std::uint64_t{1} << 32;
constexpr double kComfortable = 0.1;  // Of the limit: while more is left, nothing waits.

std::int64_t ticks(Instant moment) {
  return moment.time_since_epoch().count();
}

Instant moment(std::int64_t ticks) {
  return Instant(Duration(ticks));
}

// How long a bucket that fills steadily takes to gain one; 0 where the arithmetic is not that of a
// bucket which fills within a minute or a day.
double gains_one_in(const RateLimit& limit) {
  constexpr std::array<double, 2> kPeriods{60e9, 86'400e9};
  constexpr double kCoarse = 1e9;  // Some say the time to the second.
  const auto used = static_cast<double>(limit.limit - limit.remaining);
  const auto reset = static_cast<double>(limit.reset_in.count());
  for (const double period : kPeriods) {
    const double each = period / static_cast<double>(limit.limit);
    const double expected = each * used;
    if (used > 0 && std::abs(reset - expected) <= 0.05 * expected + std::min(kCoarse, expected)) {
      return each;
    }
  }
  return 0;
}

}  // namespace

void Gauge::told(const RateLimit& limit, std::uint64_t begun, Instant now) {
  // Two tellings at one time are the same news.
  if (limit.limit == 0 || writing_.exchange(true, std::memory_order_acquire)) return;
  // Answers overtake each other: what was begun earlier knows less.
  if (begun >= last_) {
    last_ = begun;
    granted_.store(begun + limit.remaining, std::memory_order_relaxed);
    seen_.store(ticks(now), std::memory_order_relaxed);
    reset_.store(ticks(now + limit.reset_in), std::memory_order_relaxed);
    each_.store(gains_one_in(limit), std::memory_order_relaxed);
    if (limit.share_left() > kComfortable) next_.store(0, std::memory_order_relaxed);
    limit_.store(limit.limit, std::memory_order_release);
  }
  writing_.store(false, std::memory_order_release);
}

void Gauge::give_back(std::uint64_t amount, std::uint64_t begun) {
  if (!known() || writing_.exchange(true, std::memory_order_acquire)) return;
  // Else a newer telling knows it already.
  if (begun > last_) granted_.fetch_add(amount, std::memory_order_relaxed);
  writing_.store(false, std::memory_order_release);
}

Gauge::Plan Gauge::plan(std::uint64_t amount, std::uint64_t begun, Instant now) const {
  const std::uint64_t limit = limit_.load(std::memory_order_acquire);
  if (limit == 0) return {.earliest = now};
  const double each = each_.load(std::memory_order_relaxed);
  const std::int64_t reset = reset_.load(std::memory_order_relaxed);
  if (each == 0 && ticks(now) >= reset) return {.earliest = now};

  const auto whole = static_cast<double>(limit);
  const auto want = static_cast<double>(std::clamp<std::uint64_t>(amount, 1, limit));
  const std::uint64_t granted = granted_.load(std::memory_order_relaxed);
  double left = static_cast<double>(static_cast<std::int64_t>(granted - begun));
  if (each > 0) {
    const std::int64_t seen = seen_.load(std::memory_order_relaxed);
    left = std::min(whole, left + static_cast<double>(ticks(now) - seen) / each);
  }
  if (left >= want && left > kComfortable * whole) return {.earliest = now};
  if (each > 0) {
    const double lack = std::max(want - left, 0.0);
    return {.earliest = now + Duration(std::llround(lack * each)),
            .apart = std::llround(want * each)};
  }
  if (left < want) return {.earliest = moment(reset)};
  const auto time_left = static_cast<double>(reset - ticks(now));
  return {.earliest = now, .apart = std::llround(time_left / left * want)};
}

Instant Gauge::slot(std::uint64_t amount, std::uint64_t begun, Instant now) const {
  const Plan to_be = plan(amount, begun, now);
  if (to_be.apart == 0) return to_be.earliest;
  return std::max(to_be.earliest, moment(next_.load(std::memory_order_relaxed)));
}

std::optional<Instant> Gauge::take(std::uint64_t amount, std::uint64_t begun, Instant now,
                                   Instant latest) {
  const Plan to_be = plan(amount, begun, now);
  std::int64_t next = next_.load(std::memory_order_relaxed);
  for (;;) {
    const Instant at = to_be.apart == 0 ? to_be.earliest : std::max(to_be.earliest, moment(next));
    if (at > latest) return std::nullopt;
    if (to_be.apart == 0) return at;
    if (next_.compare_exchange_weak(next, ticks(at) + to_be.apart, std::memory_order_relaxed)) {
      return at;
    }
  }
}

Instant Pace::slot_as_told(std::uint64_t tokens, Instant now) const {
  const Instant by_requests =
      requests_.slot(1, requests_begun_.load(std::memory_order_relaxed), now);
  const Instant by_tokens =
      tokens_.slot(tokens, tokens_begun_.load(std::memory_order_relaxed), now);
  return std::max(by_requests, by_tokens);
}

std::optional<Pace::Begun> Pace::begin(std::uint64_t tokens, Instant now, Instant latest) {
  if (!is_told()) return Begun{.turn = {}, .at = now};
  // Whatever a caller says that it wants: no request takes more than all.
  tokens = std::min(tokens, tokens_.known() ? tokens_.limit() : kMostTokens);
  if (slot(tokens, now) > latest) return std::nullopt;
  const std::uint64_t requests_before = requests_begun_.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t tokens_before = tokens_begun_.fetch_add(tokens, std::memory_order_relaxed);
  const auto by_tokens = tokens_.take(tokens, tokens_before, now, latest);
  const auto by_requests =
      by_tokens ? requests_.take(1, requests_before, now, latest) : std::nullopt;
  if (!by_requests) {
    requests_begun_.fetch_sub(1, std::memory_order_relaxed);
    tokens_begun_.fetch_sub(tokens, std::memory_order_relaxed);
    return std::nullopt;
  }
  return Begun{
      .turn = {.requests = requests_before + 1, .tokens = tokens_before + tokens, .own = tokens},
      .at = std::max(*by_tokens, *by_requests)};
}

void Pace::told(const RateState& state, const Turn& turn, Instant now) {
  if (state.requests) requests_.told(*state.requests, turn.requests, now);
  if (state.tokens) tokens_.told(*state.tokens, turn.tokens, now);
}

}  // namespace sluice::routing
