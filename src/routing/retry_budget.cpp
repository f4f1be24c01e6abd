#include "routing/retry_budget.h"

#include <algorithm>

namespace sluice::routing {

double RetryBudget::credits(Instant now) const {
  const Ticks since = ticks(now) - empty_at_.load(std::memory_order_relaxed);
  return static_cast<double>(std::min(since, kMost.count())) / static_cast<double>(kCredit.count());
}

void RetryBudget::failed(Instant now) {
  const Ticks earliest = ticks(now) - kMost.count();
  Ticks empty_at = empty_at_.load(std::memory_order_relaxed);
  while (!empty_at_.compare_exchange_weak(empty_at, std::max(empty_at, earliest) + kCredit.count(),
                                          std::memory_order_relaxed)) {
  }
}

}  // namespace sluice::routing
