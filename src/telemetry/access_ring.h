// The way of access lines from one worker to the log's thread: a ring of bytes with one producer
// and one consumer. The producer writes each line where it lies until the sink takes it.
//
//   entry := size(u32) line pad-to-8      size 0: the rest of the ring is empty
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
  // `bytes` is a power of two, at least 64 KiB; `dropped` belongs to the producer's thread.
  AccessRing(std::size_t bytes, metrics::Cell& dropped);

  // By the worker. What the log's level does not want is passed over: a failure of ours or of a
  // provider (5xx) is a warning, all else information. Writes the line in the format of the
  // diagnostics (log::format()), or counts it as dropped when there is no room. Never waits, and
  // wakes nobody: the log's thread looks by itself.
  void push(const AccessRecord& record) noexcept;

  // By the log's thread: the oldest line with its line feed, until pop(); empty when there is none.
  std::string_view front() noexcept;
  void pop() noexcept;
  // Bytes waiting.
  std::size_t fill() const noexcept;
  std::size_t capacity() const noexcept { return capacity_; }

 private:
  char* reserve(std::size_t size) noexcept;
  void commit(char* entry, std::size_t line) noexcept;

  const std::size_t capacity_;
  const std::unique_ptr<char[]> bytes_;
  metrics::Cell& dropped_;

  // Positions only grow; modulo capacity they are offsets. Each side keeps what it last saw of the
  // other's, so that the two do not pull a cache line to and fro for every line.
  alignas(64) std::atomic<std::uint64_t> written_ = 0;
  std::uint64_t read_seen_ = 0;
  AccessLineWriter lines_;
  alignas(64) std::atomic<std::uint64_t> read_ = 0;
  std::uint64_t written_seen_ = 0;
};

}  // namespace sluice::telemetry
