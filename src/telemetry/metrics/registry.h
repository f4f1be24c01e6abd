// All threads' counts and the names of their labels. Outlives the threads.
#pragma once

#include "telemetry/metrics/names.h"
#include "telemetry/metrics/thread_metrics.h"

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace sluice::metrics {

class MetricsRegistry {
 public:
  // Once for each thread that counts. What it counted stays after its end.
  ThreadMetrics& add_thread();

  Names& names() { return names_; }
  const Names& names() const { return names_; }

  void each_thread(const std::function<void(const ThreadMetrics&)>& visit) const;

 private:
  Names names_;
  mutable std::mutex guard_;
  std::vector<std::unique_ptr<ThreadMetrics>> threads_;
};

}  // namespace sluice::metrics
