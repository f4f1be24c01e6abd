#include "telemetry/metrics/thread_metrics.h"

namespace sluice::metrics {
namespace {

template <class Node>
void publish(std::atomic<Node*>& head, Node* node) {
  node->next = head.load(std::memory_order_relaxed);
  head.store(node, std::memory_order_release);
}

template <class Node>
void destroy_all(Node* node) {
  while (node) {
    Node* next = node->next;
    delete node;
    node = next;
  }
}

std::uint64_t positive(std::int64_t value) {
  return value > 0 ? static_cast<std::uint64_t>(value) : 0;
}

}  // namespace

ThreadMetrics::~ThreadMetrics() {
  destroy_all(series_.load(std::memory_order_relaxed));
  destroy_all(cells_.load(std::memory_order_relaxed));
}

RequestSeries& ThreadMetrics::series_of(const RequestRecord& record) {
  if (auto* known = series_index_.find(series_key(record))) [[likely]]
    return *known;
  return new_series(record);
}

RequestSeries& ThreadMetrics::new_series(const RequestRecord& record) {
  auto key = series_key(record);
  if (series_index_.size() >= kMostSeries) {
    key = series_key({.surface = kOther,
                      .operation = kOther,
                      .model = kOther,
                      .provider = kOther,
                      .gen_ai_provider = kOther});
    if (auto* overflow = series_index_.find(key)) return *overflow;
  }
  auto* made = new RequestSeries(key);
  series_index_.insert(key, made);
  publish(series_, made);
  return *made;
}

void ThreadMetrics::record_request(const RequestRecord& record) {
  auto& series = series_of(record);
  series.codes.add(record.status);
  const auto duration = positive(record.duration_ns);
  series.duration.record(duration);
  if (record.overhead_ns >= 0) overhead_.record(positive(record.overhead_ns));

  for (std::size_t kind = 0; kind < record.tokens.size(); ++kind) {
    if (record.tokens[kind] > 0) series.tokens[kind].add(record.tokens[kind]);
  }
  const auto input = positive(record.tokens[static_cast<std::size_t>(TokenKind::Input)]);
  const auto output = positive(record.tokens[static_cast<std::size_t>(TokenKind::Output)]);
  if (input > 0) series.input_usage.record(input);
  if (output > 0) series.output_usage.record(output);

  if (record.streaming && record.first_token_ns >= 0) {
    const auto first = positive(record.first_token_ns);
    series.first_token.record(first);
    if (output > 1 && duration > first) {
      series.per_token.record((duration - first) / (output - 1));
    }
  }
  if (record.key != kNone) cell(Family::RequestsByKey, record.key).add();
}

Cell& ThreadMetrics::cell(Family family, Id first, Id second) {
  const auto key = static_cast<std::uint64_t>(family) << (2 * kIdBits) |
                   static_cast<std::uint64_t>(first) << kIdBits | second;
  if (auto* known = cell_index_.find(key)) return known->cell;
  auto* made = new LabelledCell{.family = family, .first = first, .second = second};
  cell_index_.insert(key, made);
  publish(cells_, made);
  return made->cell;
}

}  // namespace sluice::metrics
