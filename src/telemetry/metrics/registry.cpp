#include "telemetry/metrics/registry.h"

namespace sluice::metrics {

ThreadMetrics& MetricsRegistry::add_thread() {
  const std::lock_guard lock(guard_);
  return *threads_.emplace_back(std::make_unique<ThreadMetrics>());
}

void MetricsRegistry::each_thread(const std::function<void(const ThreadMetrics&)>& visit) const {
  const std::lock_guard lock(guard_);
  for (const auto& thread : threads_) visit(*thread);
}

}  // namespace sluice::metrics
