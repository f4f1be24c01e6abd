#include "telemetry/metrics/totals.h"

#include <numeric>

namespace sluice::metrics {
namespace {

void add(RequestTotals& totals, const RequestSeries& series) {
  series.codes.each([&](std::uint16_t code, std::uint64_t count) { totals.codes[code] += count; });
  for (std::size_t kind = 0; kind < totals.tokens.size(); ++kind) {
    totals.tokens[kind] += static_cast<std::uint64_t>(series.tokens[kind].value());
  }
  totals.duration.add(series.duration);
  totals.first_token.add(series.first_token);
  totals.per_token.add(series.per_token);
  totals.input_usage.add(series.input_usage);
  totals.output_usage.add(series.output_usage);
}

}  // namespace

std::uint64_t HistogramTotals::count() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

void HistogramTotals::add(const HistogramTotals& other) {
  bounds = other.bounds;
  counts.resize(other.counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  sum += other.sum;
}

std::int64_t Totals::cell(Family family, Id first, Id second) const {
  const auto found = cells.find({family, first, second});
  return found == cells.end() ? 0 : found->second;
}

Totals totals_of(const MetricsRegistry& registry) {
  Totals totals;
  registry.each_thread([&](const ThreadMetrics& thread) {
    for (const auto* series = thread.series(); series; series = series->next) {
      add(totals.requests[series->key], *series);
    }
    for (const auto* cell = thread.cells(); cell; cell = cell->next) {
      totals.cells[{cell->family, cell->first, cell->second}] += cell->cell.value();
    }
    totals.overhead.add(thread.overhead());
  });
  return totals;
}

}  // namespace sluice::metrics
