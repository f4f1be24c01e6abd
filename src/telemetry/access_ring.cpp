#include "telemetry/access_ring.h"

#include "base/log.h"

#include <cstring>
#include <new>

namespace sluice::telemetry {
namespace {

using Size = std::uint32_t;
constexpr std::size_t kAlignment = 8;

// Of an entry with a line of so many bytes.
std::size_t entry_size(std::size_t line) {
  return (sizeof(Size) + line + kAlignment - 1) & ~(kAlignment - 1);
}

Size line_size(const char* entry) {
  Size size = 0;
  std::memcpy(&size, entry, sizeof size);
  return size;
}

void set_line_size(char* entry, std::size_t line) {
  const auto size = static_cast<Size>(line);
  std::memcpy(entry, &size, sizeof size);
}

}  // namespace

AccessRing::AccessRing(std::size_t bytes, metrics::Cell& dropped)
    : capacity_(bytes), bytes_(std::make_unique_for_overwrite<char[]>(bytes)), dropped_(dropped) {}

void AccessRing::push(const AccessRecord& record) noexcept {
  if (!log::enabled(record.status >= 500 ? log::Level::Warn : log::Level::Info)) return;
  char* entry = reserve(entry_size(room_for(record)));
  if (!entry) return dropped_.add();
  try {
    char* line = entry + sizeof(Size);
    commit(entry, static_cast<std::size_t>(lines_.write(record, log::format(), line) - line));
  } catch (const std::bad_alloc&) {
    dropped_.add();
  }
}

// Room for `size` bytes in one piece, or null. Leaves a mark where the ring's end is skipped.
char* AccessRing::reserve(std::size_t size) noexcept {
  const auto written = written_.load(std::memory_order_relaxed);
  const auto offset = written & (capacity_ - 1);
  const auto to_end = capacity_ - offset;
  const auto needed = size <= to_end ? size : to_end + size;
  if (written + needed - read_seen_ > capacity_) {
    read_seen_ = read_.load(std::memory_order_acquire);
    if (written + needed - read_seen_ > capacity_) return nullptr;
  }
  if (size <= to_end) return bytes_.get() + offset;
  set_line_size(bytes_.get() + offset, 0);
  written_.store(written + to_end, std::memory_order_release);
  return bytes_.get();
}

void AccessRing::commit(char* entry, std::size_t line) noexcept {
  set_line_size(entry, line);
  const auto written = written_.load(std::memory_order_relaxed) + entry_size(line);
  written_.store(written, std::memory_order_release);

  // The ring is too long to stay in a core's cache: where the next line goes is fetched meanwhile,
  // or whoever needs the stores done would wait for memory.
  constexpr std::size_t kCacheLine = 64;
  constexpr std::size_t kUsualLine = 11 * kCacheLine;
  const auto offset = written & (capacity_ - 1);
  const char* next = bytes_.get() + (capacity_ - offset < kUsualLine ? 0 : offset);
  for (std::size_t ahead = 0; ahead < kUsualLine; ahead += kCacheLine) {
    __builtin_prefetch(next + ahead, 1);
  }
}

std::string_view AccessRing::front() noexcept {
  auto read = read_.load(std::memory_order_relaxed);
  for (;;) {
    if (read == written_seen_) {
      written_seen_ = written_.load(std::memory_order_acquire);
      if (read == written_seen_) return {};
    }
    const auto offset = read & (capacity_ - 1);
    const char* entry = bytes_.get() + offset;
    if (const auto size = line_size(entry); size != 0) return {entry + sizeof size, size};
    read += capacity_ - offset;
    read_.store(read, std::memory_order_release);
  }
}

void AccessRing::pop() noexcept {
  const auto read = read_.load(std::memory_order_relaxed);
  const auto size = line_size(bytes_.get() + (read & (capacity_ - 1)));
  read_.store(read + entry_size(size), std::memory_order_release);
}

std::size_t AccessRing::fill() const noexcept {
  return written_.load(std::memory_order_relaxed) - read_.load(std::memory_order_relaxed);
}

}  // namespace sluice::telemetry
