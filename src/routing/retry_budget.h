// How many second tries a target may be asked for. Only those that fail cost anything, so where
// targets are clean every try is allowed; a pool that fails as a whole gets hardly more load than
// its callers make.
#pragma once

#include "sluice/clock.h"

#include <atomic>
#include <cstdint>
#include <limits>

namespace sluice::routing {

class RetryBudget {
 public:
  // A credit is worth a tenth of a second: ten come each second, and one with ten successes.
  static constexpr Duration kCredit = std::chrono::milliseconds(100);
  static constexpr Duration kSuccess = kCredit / 10;
  static constexpr Duration kMost = 100 * kCredit;

  bool allows(Instant now) const { return empty_at_.load(std::memory_order_relaxed) < ticks(now); }
  // Below zero when tries that had begun already failed.
  double credits(Instant now) const;

  // Any request to the target.
  void succeeded(Instant now) {
    if (empty_at_.load(std::memory_order_relaxed) <= ticks(now) - kMost.count()) return;
    empty_at_.fetch_sub(kSuccess.count(), std::memory_order_relaxed);
  }
  // A second try.
  void failed(Instant now);

 private:
  // Credits come with time, so they are kept as time: since when there are some. What has been full
  // for long takes no writes at all.
  using Ticks = Duration::rep;
  static Ticks ticks(Instant now) { return now.time_since_epoch().count(); }

  std::atomic<Ticks> empty_at_ = std::numeric_limits<Ticks>::min() / 2;
};

}  // namespace sluice::routing
