// The counts of one thread. It alone writes; a scrape reads beside it at any time.
#pragma once

#include "telemetry/metrics/cell.h"
#include "telemetry/metrics/families.h"
#include "telemetry/metrics/flat_index.h"
#include "telemetry/metrics/request_series.h"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sluice::metrics {

// A counter or gauge that is not counted per request, with its labels.
struct alignas(64) LabelledCell {
  Family family;
  Id first;
  Id second;
  LabelledCell* next = nullptr;  // Set before the cell is published.
  Cell cell{};
};

class alignas(64) ThreadMetrics {
 public:
  // More series than that per thread are counted under `other`.
  static constexpr std::size_t kMostSeries = 4096;

  ThreadMetrics() = default;
  ThreadMetrics(const ThreadMetrics&) = delete;
  ThreadMetrics& operator=(const ThreadMetrics&) = delete;
  ~ThreadMetrics();

  // Once per finished request. Allocates only for labels that this thread has not seen.
  void record_request(const RequestRecord& record);

  // A counter or gauge of the family, made at first use; stays where it is, so it may be kept.
  // Only for families that are not fed by record_request; labels in the order of families.h.
  Cell& cell(Family family, Id first = kNone, Id second = kNone);

  // For the scrape: newest first, by any thread.
  const RequestSeries* series() const { return series_.load(std::memory_order_acquire); }
  const LabelledCell* cells() const { return cells_.load(std::memory_order_acquire); }
  const Histogram<kOverheadBounds>& overhead() const { return overhead_; }

 private:
  RequestSeries& series_of(const RequestRecord& record);
  RequestSeries& new_series(const RequestRecord& record);

  FlatIndex<RequestSeries> series_index_;
  FlatIndex<LabelledCell> cell_index_;
  Histogram<kOverheadBounds> overhead_;
  std::atomic<RequestSeries*> series_ = nullptr;
  std::atomic<LabelledCell*> cells_ = nullptr;
};

}  // namespace sluice::metrics
