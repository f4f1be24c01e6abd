#include "routing/allowance.h"

#include <algorithm>

namespace sluice::routing {
namespace {

constexpr double kMinute = 60e9;
constexpr std::uint64_t kBurst = 6;  // A minute's amount by this is what a bucket holds.

std::int64_t ticks(Instant moment) {
  return moment.time_since_epoch().count();
}

}  // namespace

Bucket::Bucket(std::optional<std::uint64_t> per_minute) {
  if (!per_minute) return;
  each_ = kMinute / static_cast<double>(std::max<std::uint64_t>(*per_minute, 1));
  whole_ = filling_time(std::max<std::uint64_t>(*per_minute / kBurst, 1));
}

std::int64_t Bucket::filling_time(std::uint64_t amount) const {
  // Rounded down: then what fills the bucket at once also does one by one.
  return static_cast<std::int64_t>(each_ * static_cast<double>(amount));
}

std::optional<Duration> Bucket::take(std::uint64_t amount, Instant now) {
  if (each_ == 0) return std::nullopt;
  const std::int64_t cost = filling_time(amount);
  const std::int64_t latest = ticks(now) + whole_ - std::min(cost, whole_);
  std::int64_t full = full_at_.load(std::memory_order_relaxed);
  do {
    if (full > latest) return Duration(full - latest);
  } while (!full_at_.compare_exchange_weak(full, std::max(full, ticks(now)) + cost,
                                           std::memory_order_relaxed));
  return std::nullopt;
}

void Bucket::give_back(std::uint64_t amount) {
  // In the past it stands for a full bucket, however far: take() fills up from now.
  if (each_ > 0) full_at_.fetch_sub(filling_time(amount), std::memory_order_relaxed);
}

void Bucket::charge(std::uint64_t amount, Instant now) {
  if (each_ == 0) return;
  const std::int64_t cost = filling_time(amount);
  std::int64_t full = full_at_.load(std::memory_order_relaxed);
  while (!full_at_.compare_exchange_weak(full, std::max(full, ticks(now)) + cost,
                                         std::memory_order_relaxed)) {
  }
}

Allowance::Allowance(std::optional<std::uint64_t> requests_per_minute,
                     std::optional<std::uint64_t> tokens_per_minute)
    : requests_(requests_per_minute), tokens_(tokens_per_minute) {}

std::optional<Duration> Allowance::take(std::uint64_t requests, std::uint64_t tokens, Instant now) {
  if (const auto wait = requests_.take(requests, now)) return wait;
  const auto wait = tokens_.take(tokens, now);
  if (wait) requests_.give_back(requests);
  return wait;
}

void Allowance::give_back(std::uint64_t requests, std::uint64_t tokens) {
  requests_.give_back(requests);
  tokens_.give_back(tokens);
}

void Allowance::settle(std::uint64_t reserved, std::uint64_t used, Instant now) {
  if (used < reserved) tokens_.give_back(reserved - used);
  if (used > reserved) tokens_.charge(used - reserved, now);
}

}  // namespace sluice::routing
