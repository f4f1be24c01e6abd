// The way of access lines from one worker to the log's thread: a ring of bytes with one producer
// and one consumer. Lines lie one right behind the other, so that the sink takes them from here,
// many at once. None goes over the ring's end: a lap ends before the line that might, or earlier.
#pragma once

#include "telemetry/access_line.h"
#include "telemetry/metrics/cell.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace sluice::telemetry {

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): each side has cache lines of its own.
class AccessRing {
 public:
  // `bytes` is a power of two; in twice kLongestLine any line finds room sooner or later. `dropped`
  // belongs to the producer's thread.
  AccessRing(std::size_t bytes, metrics::Cell& dropped);

  // By the worker. What the log's level does not want is passed over: a failure of ours or of a
  // provider (5xx) is a warning, all else information. Writes the line in the format of the
  // diagnostics (log::format()), or counts it as dropped when there is no room. Never waits, and
  // wakes nobody: the log's thread looks by itself.
  void push(const AccessRecord& record) noexcept;

  // By the log's thread: the oldest lines that lie in one piece; empty when there is none.
  std::string_view lines() noexcept;
  // So many of their bytes went on their way.
  void taken(std::size_t bytes) noexcept;
  // Bytes waiting, and those left empty between two laps.
  std::size_t fill() const noexcept;
  std::size_t capacity() const noexcept { return capacity_; }

 private:
  char* reserve(std::size_t size) noexcept;
  bool may_begin_anew(std::uint64_t written, std::size_t size) noexcept;
  void look_at_reader(std::uint64_t written) noexcept;
  void commit(std::size_t size) noexcept;
  std::uint64_t offset_of(std::uint64_t position) const noexcept {
    return position & (capacity_ - 1);
  }

  const std::size_t capacity_;
  const std::unique_ptr<char[]> bytes_;
  metrics::Cell& dropped_;

  // Positions only grow; modulo capacity they are offsets. The producer keeps what it last saw of
  // the consumer's, so that the two do not pull a cache line to and fro for every line.
  alignas(64) std::atomic<std::uint64_t> written_ = 0;
  // Of the lap before the producer's, which the consumer may still be in. There is no other: the
  // producer ends a lap only after the consumer began it.
  std::uint64_t lap_end_ = 0;
  std::uint64_t read_seen_ = 0;
  AccessLineWriter writer_;
  alignas(64) std::atomic<std::uint64_t> read_ = 0;
};

}  // namespace sluice::telemetry
