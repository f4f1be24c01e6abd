// The way of access records from one worker to the writer: a ring of bytes with one producer and
// one consumer. A record is packed, so that it takes the room of its texts and no more.
//
//   record := size(u32) Packed attempt* text-bytes pad-to-8      size 0: the rest of the ring is
//   empty
#pragma once

#include "telemetry/access_record.h"
#include "telemetry/metrics/cell.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace sluice::telemetry {

// A record as the consumer sees it; its views point into the ring.
struct UnpackedAccess {
  AccessRecord record;
  std::array<AccessAttempt, AccessRecord::kMostAttempts> attempts;
};

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): each side has cache lines of its own.
class AccessRing {
 public:
  // `bytes` is a power of two, at least 64 KiB; `dropped` belongs to the producer's thread.
  AccessRing(std::size_t bytes, metrics::Cell& dropped);

  // By the worker. What the log's level does not want is passed over: a failure of ours or of a
  // provider (5xx) is a warning, all else information. Copies the record, or counts it as dropped
  // when there is no room. Neither waits nor allocates, and wakes nobody: the writer looks by
  // itself.
  void push(const AccessRecord& record) noexcept;

  // By the writer: the oldest record, until pop(); false when there is none.
  bool front(UnpackedAccess& out) noexcept;
  void pop() noexcept;
  // Bytes waiting.
  std::size_t fill() const noexcept;
  std::size_t capacity() const noexcept { return capacity_; }

 private:
  std::byte* reserve(std::size_t size) noexcept;
  void warm_next(std::uint64_t written) const noexcept;

  const std::size_t capacity_;
  const std::unique_ptr<std::byte[]> bytes_;
  metrics::Cell& dropped_;

  // Positions only grow; modulo capacity they are offsets. Each side keeps what it last saw of the
  // other's, so that the two do not pull a cache line to and fro for every record.
  alignas(64) std::atomic<std::uint64_t> written_ = 0;
  std::uint64_t read_seen_ = 0;
  alignas(64) std::atomic<std::uint64_t> read_ = 0;
  std::uint64_t written_seen_ = 0;
};

}  // namespace sluice::telemetry
