#include "telemetry/access_log.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <string_view>

namespace sluice::telemetry {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kWriteBytes = 64 * 1024;

// Signals are for the threads that wait for them.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

// Lines on their way out, of all rings: they go to the sink in one piece.
struct AccessLog::Buffer {
  static_assert(kWriteBytes >= kLongestLine);

  std::unique_ptr<char[]> bytes = std::make_unique_for_overwrite<char[]>(kWriteBytes);
  std::size_t size = 0;

  bool append(std::string_view line) {
    if (line.size() > kWriteBytes - size) return false;
    std::memcpy(bytes.get() + size, line.data(), line.size());
    size += line.size();
    return true;
  }
};

AccessLog::AccessLog(log::Sink& sink, metrics::MetricsRegistry& registry, std::size_t ring_bytes)
    : sink_(sink),
      ring_bytes_(ring_bytes),
      dropped_(registry.add_thread().cell(metrics::Family::LogLinesDropped)),
      buffer_(std::make_unique<Buffer>()),
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
  std::unique_lock lock(guard_);
  while (!stopping_) {
    lock.unlock();
    const auto pace = gather();
    bool moving = write_out();
    if (!moving) {
      sink_.wait(20ms);
      moving = write_out();
    }
    lock.lock();
    if (stopping_) break;
    // A full buffer that went out may have left more in the rings.
    if (moving && pace == Pace::Busy) continue;
    wake_.wait_for(lock, pace == Pace::Idle ? 100ms : 20ms);
  }
  const auto until = std::chrono::steady_clock::now() + patience_;
  lock.unlock();
  flush(until);
}

// Fills the buffer from the rings.
AccessLog::Pace AccessLog::gather() {
  const std::lock_guard lock(guard_);
  bool any = false;
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    auto& ring = *rings_[next_ring_++ % rings_.size()];
    for (auto line = ring.front(); !line.empty(); line = ring.front()) {
      if (!buffer_->append(line)) return Pace::Busy;
      ring.pop();
      any = true;
    }
  }
  return any ? Pace::Calm : Pace::Idle;
}

// False when the sink took nothing of what there was.
bool AccessLog::write_out() {
  auto& [bytes, size] = *buffer_;
  if (size == 0) return true;
  const auto taken = sink_.write({bytes.get(), size});
  std::memmove(bytes.get(), bytes.get() + taken, size - taken);
  size -= taken;
  return taken > 0;
}

void AccessLog::flush(std::chrono::steady_clock::time_point until) {
  for (;;) {
    const auto pace = gather();
    if (pace == Pace::Idle && buffer_->size == 0) return;
    if (write_out()) continue;
    if (std::chrono::steady_clock::now() >= until) break;
    sink_.wait(10ms);
  }
  dropped_.add(static_cast<std::int64_t>(count_lines_left()));
}

std::size_t AccessLog::count_lines_left() {
  const std::lock_guard lock(guard_);
  const std::string_view waiting(buffer_->bytes.get(), buffer_->size);
  auto count = static_cast<std::size_t>(std::ranges::count(waiting, '\n'));
  for (auto& ring : rings_) {
    for (; !ring->front().empty(); ring->pop()) ++count;
  }
  return count;
}

}  // namespace sluice::telemetry
