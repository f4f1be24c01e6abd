#include "telemetry/access_ring.h"

#include "base/log.h"

#include <new>

namespace sluice::telemetry {
namespace {

// A lap that is as long ends as soon as nothing waits: where lines lay a moment ago they are still
// in the cache, farther on they would push out what requests need.
constexpr std::size_t kLongLap = 128 * 1024;

}  // namespace

AccessRing::AccessRing(std::size_t bytes, metrics::Cell& dropped)
    : capacity_(bytes), bytes_(std::make_unique_for_overwrite<char[]>(bytes)), dropped_(dropped) {}

void AccessRing::push(const AccessRecord& record) noexcept {
  if (!log::enabled(record.status >= 500 ? log::Level::Warn : log::Level::Info)) return;
  char* line = reserve(room_for(record));
  if (!line) return dropped_.add();
  try {
    commit(static_cast<std::size_t>(writer_.write(record, log::format(), line) - line));
  } catch (const std::bad_alloc&) {
    dropped_.add();
  }
}

// Room for `size` bytes in one piece, or null. A lap never ends where the ring does: so much as a
// byte is left empty, and lap_end_ tells where.
char* AccessRing::reserve(std::size_t size) noexcept {
  auto written = written_.load(std::memory_order_relaxed);
  const auto to_end = capacity_ - offset_of(written);
  const auto skipped = size < to_end && !may_begin_anew(written, size) ? 0 : to_end;
  if (written + skipped + size - read_seen_ > capacity_) {
    look_at_reader(written);
    if (written + skipped + size - read_seen_ > capacity_) return nullptr;
  }
  if (skipped != 0) {
    lap_end_ = written;
    written += skipped;
    written_.store(written, std::memory_order_release);
  }
  return bytes_.get() + offset_of(written);
}

bool AccessRing::may_begin_anew(std::uint64_t written, std::size_t size) noexcept {
  if (offset_of(written) < kLongLap || size > kLongLap) return false;
  look_at_reader(written);
  return read_seen_ == written;
}

// Who has taken a whole lap is as good as where the next one begins: all before it is free.
void AccessRing::look_at_reader(std::uint64_t written) noexcept {
  read_seen_ = read_.load(std::memory_order_acquire);
  if (read_seen_ == lap_end_) read_seen_ = written - offset_of(written);
}

void AccessRing::commit(std::size_t size) noexcept {
  written_.store(written_.load(std::memory_order_relaxed) + size, std::memory_order_release);
}

std::string_view AccessRing::lines() noexcept {
  const auto written = written_.load(std::memory_order_acquire);
  const auto lap = written - offset_of(written);
  auto read = read_.load(std::memory_order_relaxed);
  if (read < lap) {
    if (read != lap_end_) return {bytes_.get() + offset_of(read), lap_end_ - read};
    read = lap;
    read_.store(read, std::memory_order_release);
  }
  return {bytes_.get() + offset_of(read), written - read};
}

void AccessRing::taken(std::size_t bytes) noexcept {
  read_.store(read_.load(std::memory_order_relaxed) + bytes, std::memory_order_release);
}

std::size_t AccessRing::fill() const noexcept {
  return written_.load(std::memory_order_relaxed) - read_.load(std::memory_order_relaxed);
}

}  // namespace sluice::telemetry
