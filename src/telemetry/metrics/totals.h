// The sums over all threads at one moment: what a scrape shows and what tests ask.
#pragma once

#include "telemetry/metrics/registry.h"

#include <cstdint>
#include <map>
#include <span>
#include <tuple>
#include <vector>

namespace sluice::metrics {

struct HistogramTotals {
  std::span<const std::uint64_t> bounds;
  std::vector<std::uint64_t> counts;  // One more than bounds.
  std::uint64_t sum = 0;

  std::uint64_t count() const;
  void add(const HistogramTotals& other);

  template <const auto& kBounds>
  void add(const Histogram<kBounds>& histogram) {
    bounds = kBounds;
    counts.resize(kBounds.size() + 1);
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += histogram.count(i);
    sum += histogram.sum();
  }
};

struct RequestTotals {
  std::map<std::uint16_t, std::uint64_t> codes;
  std::array<std::uint64_t, kTokenKinds.size()> tokens{};
  HistogramTotals duration;
  HistogramTotals first_token;
  HistogramTotals per_token;
  HistogramTotals input_usage;
  HistogramTotals output_usage;
};

struct Totals {
  using CellKey = std::tuple<Family, Id, Id>;

  std::map<SeriesKey, RequestTotals> requests;
  std::map<CellKey, std::int64_t> cells;
  HistogramTotals overhead;

  std::int64_t cell(Family family, Id first = kNone, Id second = kNone) const;
};

Totals totals_of(const MetricsRegistry& registry);

}  // namespace sluice::metrics
