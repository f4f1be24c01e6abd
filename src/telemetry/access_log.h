// The access log: workers write lines into their rings, one thread hands them to the sink.
#pragma once

#include "base/log_sink.h"
#include "telemetry/access_ring.h"
#include "telemetry/metrics/registry.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace sluice::telemetry {

// Nobody ever waits for it: with a sink that does not take lines the rings fill, and what finds no
// room is counted in sluice_log_lines_dropped_total.
class AccessLog {
 public:
  static constexpr std::size_t kRingBytes = std::size_t{1} << 20;
  static constexpr std::chrono::milliseconds kPatience{1000};

  AccessLog(log::Sink& sink, metrics::MetricsRegistry& registry,
            std::size_t ring_bytes = kRingBytes);
  ~AccessLog();  // stop(kPatience)

  // Once per worker, which alone pushes into it; lives as long as the log.
  AccessRing& open_ring(metrics::ThreadMetrics& owner);

  // Writes what was pushed before, for so long at most; the rest is dropped and counted. After it
  // nothing is written.
  void stop(std::chrono::milliseconds patience);

 private:
  // How busy the rings were: how soon to look again. Stuck: the sink took nothing.
  enum class Pace { Idle, Calm, Busy, Stuck };

  void run();
  Pace write_some();
  Pace write_some_of(AccessRing& ring);
  void flush(std::chrono::steady_clock::time_point until);
  std::size_t count_lines_left();

  log::Sink& sink_;
  const std::size_t ring_bytes_;
  metrics::Cell& dropped_;  // Of the log's thread.

  std::mutex guard_;
  std::condition_variable wake_;
  std::vector<std::unique_ptr<AccessRing>> rings_;
  std::size_t next_ring_ =
      0;  // Another one each time, so that a busy worker does not starve the rest.
  bool stopping_ = false;
  std::chrono::milliseconds patience_ = kPatience;

  std::thread writer_;  // Last: it uses the others.
};

}  // namespace sluice::telemetry
