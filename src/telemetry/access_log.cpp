#include "telemetry/access_log.h"

#include <algorithm>
#include <csignal>
#include <string_view>

namespace sluice::telemetry {
namespace {

using namespace std::chrono_literals;

// The sink serves the diagnostics too: it is not held for all that a ring may have.
constexpr std::size_t kWriteBytes = 64 * 1024;

// The lines up to the one that makes them as many.
std::string_view one_write_of(std::string_view lines) {
  if (lines.size() <= kWriteBytes) return lines;
  return lines.substr(0, lines.find('\n', kWriteBytes - 1) + 1);
}

// Signals are for the threads that wait for them.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

AccessLog::AccessLog(log::Sink& sink, metrics::MetricsRegistry& registry, std::size_t ring_bytes)
    : sink_(sink),
      ring_bytes_(ring_bytes),
      dropped_(registry.add_thread().cell(metrics::Family::LogLinesDropped)),
      writer_([this] { run(); }) {}

AccessLog::~AccessLog() {
  stop(kPatience);
}

AccessRing& AccessLog::open_ring(metrics::ThreadMetrics& owner) {
  auto ring =
      std::make_unique<AccessRing>(ring_bytes_, owner.cell(metrics::Family::LogLinesDropped));
  const std::lock_guard lock(guard_);
  return *rings_.emplace_back(std::move(ring));
}

void AccessLog::stop(std::chrono::milliseconds patience) {
  if (!writer_.joinable()) return;
  {
    const std::lock_guard lock(guard_);
    stopping_ = true;
    patience_ = patience;
  }
  wake_.notify_one();
  writer_.join();
}

void AccessLog::run() {
  block_signals();
  bool busy = false;  // Since the last wait.
  std::unique_lock lock(guard_);
  while (!stopping_) {
    lock.unlock();
    auto pace = write_some();
    if (pace == Pace::Stuck) {
      sink_.wait(20ms);
      pace = write_some();
    }
    lock.lock();
    if (stopping_) break;
    if (pace == Pace::Busy) {
      busy = true;
      continue;
    }
    wake_.wait_for(lock, busy ? 4ms : pace == Pace::Idle ? 100ms : 20ms);
    busy = false;
  }
  const auto until = std::chrono::steady_clock::now() + patience_;
  lock.unlock();
  flush(until);
}

// A turn for each ring.
AccessLog::Pace AccessLog::write_some() {
  auto pace = Pace::Idle;
  std::unique_lock lock(guard_);
  for (auto turns = rings_.size(); turns > 0 && pace != Pace::Stuck; --turns) {
    auto& ring = *rings_[next_ring_++ % rings_.size()];
    lock.unlock();
    pace = std::max(pace, write_some_of(ring));
    lock.lock();
  }
  return pace;
}

AccessLog::Pace AccessLog::write_some_of(AccessRing& ring) {
  const auto lines = ring.lines();
  if (lines.empty()) return Pace::Idle;
  const auto waiting = ring.fill();
  const auto taken = sink_.write(one_write_of(lines));
  ring.taken(taken);
  if (taken == 0) return Pace::Stuck;
  return taken < waiting ? Pace::Busy : Pace::Calm;
}

void AccessLog::flush(std::chrono::steady_clock::time_point until) {
  for (auto pace = write_some(); pace != Pace::Idle; pace = write_some()) {
    if (pace != Pace::Stuck) continue;
    if (std::chrono::steady_clock::now() >= until) break;
    sink_.wait(10ms);
  }
  dropped_.add(static_cast<std::int64_t>(count_lines_left()));
}

std::size_t AccessLog::count_lines_left() {
  const std::lock_guard lock(guard_);
  std::size_t count = 0;
  for (auto& ring : rings_) {
    for (auto lines = ring->lines(); !lines.empty(); lines = ring->lines()) {
      count += static_cast<std::size_t>(std::ranges::count(lines, '\n'));
      ring->taken(lines.size());
    }
  }
  return count;
}

}  // namespace sluice::telemetry
