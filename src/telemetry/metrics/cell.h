// What is counted into: written by one thread, read by any. A plain load and store, never a locked
// instruction, because nobody else writes.
#pragma once

#include "telemetry/metrics/bounds.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sluice::metrics {

// A counter, or a gauge that goes up and down; its value is the sum over all threads.
class Cell {
 public:
  void add(std::int64_t amount = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_ = 0;
};

template <const auto& kBounds>
class Histogram {
 public:
  static constexpr std::size_t kBuckets = kBounds.size() + 1;

  void record(std::uint64_t value) noexcept {
    counts_[bucket_of(kBounds, value)].add();
    sum_.add(static_cast<std::int64_t>(value));
  }

  std::uint64_t count(std::size_t bucket) const noexcept {
    return static_cast<std::uint64_t>(counts_[bucket].value());
  }
  std::uint64_t sum() const noexcept { return static_cast<std::uint64_t>(sum_.value()); }

 private:
  Cell sum_;
  std::array<Cell, kBuckets> counts_;
};

// Requests by status code. A series sees few codes, so they are found by looking; what comes after
// the table is full is counted under code 0.
class CodeCounts {
 public:
  static constexpr std::size_t kCodes = 12;

  void add(std::uint16_t code) noexcept {
    for (auto& row : rows_) {
      const auto known = row.code.load(std::memory_order_relaxed);
      if (known == code) return row.count.add();
      if (known == kFree) {
        row.code.store(code, std::memory_order_relaxed);
        return row.count.add();
      }
    }
    others_.add();
  }

  template <class Visit>
  void each(Visit&& visit) const {
    for (const auto& row : rows_) {
      const auto code = row.code.load(std::memory_order_relaxed);
      if (code == kFree) break;
      visit(code, static_cast<std::uint64_t>(row.count.value()));
    }
    if (others_.value() > 0) visit(std::uint16_t{0}, static_cast<std::uint64_t>(others_.value()));
  }

 private:
  static constexpr std::uint16_t kFree = 0xffff;
  struct Row {
    std::atomic<std::uint16_t> code = kFree;
    Cell count;
  };
  std::array<Row, kCodes> rows_;
  Cell others_;
};

}  // namespace sluice::metrics
