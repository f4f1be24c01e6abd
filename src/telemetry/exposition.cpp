#include "telemetry/exposition.h"

#include "base/log.h"
#include "telemetry/metrics/totals.h"
#include "telemetry/process_stats.h"

#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <map>
#include <utility>
#include <vector>

namespace sluice::telemetry {
namespace {

using metrics::Family;
using metrics::FamilyType;
using metrics::HistogramTotals;
using metrics::Id;
using metrics::Totals;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr double kNanosecond = 1e-9;

MetricFamily family_of(std::string_view name, std::string_view help, MetricType type) {
  MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  return family;
}

MetricFamily family_of(const metrics::FamilyInfo& info) {
  constexpr std::array kTypes = {MetricType::Counter, MetricType::Gauge, MetricType::Histogram};
  return family_of(info.name, info.help, kTypes[static_cast<std::size_t>(info.type)]);
}

// Without a label of no value: to Prometheus the two are the same.
void add_label(ClientMetric& metric, std::string_view name, std::string_view value) {
  if (!value.empty()) metric.label.push_back({std::string(name), std::string(value)});
}

// Which of the fine buckets are shown: all, or those of OpenTelemetry's coarser scale.
struct Window {
  std::size_t first = 0;
  std::size_t count = SIZE_MAX;
};
constexpr Window kOtelDuration{metrics::kOtelDurationFirst, metrics::kOtelDurationCount};

void fill(ClientMetric& metric, const HistogramTotals& totals, double unit, Window window = {}) {
  auto& shown = metric.histogram;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < totals.bounds.size(); ++i) {
    cumulative += totals.counts[i];
    if (i < window.first || i - window.first >= window.count) continue;
    shown.bucket.push_back({cumulative, static_cast<double>(totals.bounds[i]) * unit});
  }
  shown.sample_count = totals.count();
  shown.sample_sum = static_cast<double>(totals.sum) * unit;
}

// One family's text, being put together from series that may share labels: what differs only in
// labels that the family does not have is summed.
template <class Sum, std::size_t kLabels>
class Grouped {
 public:
  using Labels = std::array<std::string_view, kLabels>;

  Sum& of(const Labels& labels) { return sums_[labels]; }

  template <class Fill>
  MetricFamily family(Family which, Fill&& fill_in) const {
    const auto& info = metrics::info(which);
    auto family = family_of(info);
    for (const auto& [values, sum] : sums_) {
      auto& metric = family.metric.emplace_back();
      for (std::size_t i = 0; i < kLabels; ++i) add_label(metric, info.labels[i], values[i]);
      fill_in(metric, sum);
    }
    return family;
  }

 private:
  std::map<Labels, Sum> sums_;
};

class RequestFamilies {
 public:
  RequestFamilies(const Totals& totals, const metrics::Names& names) {
    for (const auto& [key, series] : totals.requests) add(key, series, names);
  }

  void append_to(std::vector<MetricFamily>& families) const {
    const auto counter = [](ClientMetric& metric, std::uint64_t count) {
      metric.counter.value = static_cast<double>(count);
    };
    const auto seconds = [](ClientMetric& metric, const HistogramTotals& sum) {
      fill(metric, sum, kNanosecond);
    };
    const auto otel_seconds = [](ClientMetric& metric, const HistogramTotals& sum) {
      fill(metric, sum, kNanosecond, kOtelDuration);
    };
    const auto tokens = [](ClientMetric& metric, const HistogramTotals& sum) {
      fill(metric, sum, 1);
    };
    families.push_back(requests_.family(Family::Requests, counter));
    families.push_back(duration_.family(Family::RequestDuration, seconds));
    families.push_back(first_token_.family(Family::TimeToFirstToken, seconds));
    families.push_back(per_token_.family(Family::TimePerOutputToken, seconds));
    families.push_back(tokens_.family(Family::Tokens, counter));
    families.push_back(otel_usage_.family(Family::GenAiTokenUsage, tokens));
    families.push_back(otel_duration_.family(Family::GenAiRequestDuration, otel_seconds));
    families.push_back(otel_first_token_.family(Family::GenAiTimeToFirstToken, seconds));
    families.push_back(otel_per_token_.family(Family::GenAiTimePerOutputToken, seconds));
  }

 private:
  void add(metrics::SeriesKey key, const metrics::RequestTotals& series,
           const metrics::Names& names) {
    const auto ids = metrics::ids_of(key);
    const auto surface = names.text(ids[0]);
    const auto operation = names.text(ids[1]);
    const auto model = names.text(ids[2]);
    const auto provider = names.text(ids[3]);
    const auto gen_ai_provider = names.text(ids[4]);

    for (const auto& [code, count] : series.codes) {
      requests_.of({surface, model, provider, code_text(code)}) += count;
    }
    duration_.of({surface, model, provider}).add(series.duration);
    add_seen(first_token_, {model, provider}, series.first_token);
    add_seen(per_token_, {model, provider}, series.per_token);
    for (std::size_t kind = 0; kind < series.tokens.size(); ++kind) {
      if (series.tokens[kind] == 0) continue;
      tokens_.of({model, provider, metrics::kTokenKinds[kind]}) += series.tokens[kind];
    }
    // What no model was asked for is no GenAI operation.
    if (operation.empty() || gen_ai_provider.empty()) return;
    add_seen(otel_usage_, {operation, gen_ai_provider, model, "input"}, series.input_usage);
    add_seen(otel_usage_, {operation, gen_ai_provider, model, "output"}, series.output_usage);
    otel_duration_.of({operation, gen_ai_provider, model}).add(series.duration);
    add_seen(otel_first_token_, {operation, gen_ai_provider, model}, series.first_token);
    add_seen(otel_per_token_, {operation, gen_ai_provider, model}, series.per_token);
  }

  // Most series have no streams: their empty histograms would fill the page.
  template <std::size_t kLabels>
  static void add_seen(Grouped<HistogramTotals, kLabels>& grouped,
                       const std::array<std::string_view, kLabels>& labels,
                       const HistogramTotals& histogram) {
    if (histogram.count() > 0) grouped.of(labels).add(histogram);
  }

  std::string_view code_text(std::uint16_t code) {
    if (code == 0) return "other";
    auto& text = code_texts_[code];
    if (text.empty()) text = std::to_string(code);
    return text;
  }

  std::map<std::uint16_t, std::string> code_texts_;
  Grouped<std::uint64_t, 4> requests_;
  Grouped<HistogramTotals, 3> duration_;
  Grouped<HistogramTotals, 2> first_token_;
  Grouped<HistogramTotals, 2> per_token_;
  Grouped<std::uint64_t, 3> tokens_;
  Grouped<HistogramTotals, 4> otel_usage_;
  Grouped<HistogramTotals, 3> otel_duration_;
  Grouped<HistogramTotals, 3> otel_first_token_;
  Grouped<HistogramTotals, 3> otel_per_token_;
};

// The families of counters and gauges that ThreadMetrics::cell feeds.
void append_cells(std::vector<MetricFamily>& families, const Totals& totals,
                  const metrics::Names& names, std::span<const Sample> samples) {
  for (const auto& info : metrics::kFamilies) {
    if (info.type == FamilyType::Histogram || info.family == Family::Requests ||
        info.family == Family::Tokens) {
      continue;
    }
    auto family = family_of(info);
    auto append_value = [&](double value, std::string_view first, std::string_view second) {
      auto& metric = family.metric.emplace_back();
      add_label(metric, info.labels[0], first);
      add_label(metric, info.labels[1], second);
      (info.type == FamilyType::Counter ? metric.counter.value : metric.gauge.value) = value;
    };
    auto append = [&](std::int64_t value, Id first, Id second) {
      append_value(static_cast<double>(value) * info.unit, names.text(first), names.text(second));
    };
    for (const Sample& sample : samples) {
      if (sample.family != info.family) continue;
      append_value(sample.value, sample.labels[0], sample.labels[1]);
    }
    if (info.family == Family::LogLinesDropped) {
      append(totals.cell(info.family) + static_cast<std::int64_t>(log::lines_dropped()), 0, 0);
    } else if (info.labels[0].empty() && family.metric.empty()) {
      append(totals.cell(info.family), 0, 0);  // Also when nothing was counted yet.
    } else {
      const auto from = totals.cells.lower_bound({info.family, 0, 0});
      for (auto at = from; at != totals.cells.end(); ++at) {
        const auto& [which, first, second] = at->first;
        if (which != info.family) break;
        append(at->second, first, second);
      }
    }
    families.push_back(std::move(family));
  }
}

MetricFamily overhead_family(const Totals& totals) {
  auto family = family_of(metrics::info(Family::Overhead));
  fill(family.metric.emplace_back(), totals.overhead, kNanosecond);
  return family;
}

MetricFamily build_family(const BuildInfo& build) {
  auto family = family_of("sluice_build_info", "Which Sluice this is.", MetricType::Gauge);
  auto& metric = family.metric.emplace_back();
  add_label(metric, "version", build.version);
  add_label(metric, "revision", build.revision);
  metric.gauge.value = 1;
  return family;
}

void append_process(std::vector<MetricFamily>& families, const ProcessStats& stats) {
  auto append = [&](std::string_view name, std::string_view help, MetricType type, double value) {
    auto& family = families.emplace_back(family_of(name, help, type));
    auto& metric = family.metric.emplace_back();
    (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  };
  append("process_cpu_seconds_total", "User and system CPU time.", MetricType::Counter,
         stats.cpu_seconds);
  append("process_start_time_seconds", "When the process started, since 1970.", MetricType::Gauge,
         stats.start_time_seconds);
  append("process_resident_memory_bytes", "Resident memory.", MetricType::Gauge,
         static_cast<double>(stats.resident_bytes));
  append("process_virtual_memory_bytes", "Virtual memory.", MetricType::Gauge,
         static_cast<double>(stats.virtual_bytes));
  append("process_open_fds", "Open file descriptors.", MetricType::Gauge,
         static_cast<double>(stats.open_fds));
  append("process_max_fds", "Most file descriptors that may be open.", MetricType::Gauge,
         static_cast<double>(stats.max_fds));
}

// Our counters as prometheus-cpp knows metrics.
class Exposition final : public prometheus::Collectable {
 public:
  Exposition(const metrics::MetricsRegistry& registry, const BuildInfo& build,
             std::span<const Sample> samples)
      : registry_(registry), build_(build), samples_(samples) {}

  std::vector<MetricFamily> Collect() const override {
    const auto totals = metrics::totals_of(registry_);
    std::vector<MetricFamily> families;
    RequestFamilies(totals, registry_.names()).append_to(families);
    families.push_back(overhead_family(totals));
    append_cells(families, totals, registry_.names(), samples_);
    families.push_back(build_family(build_));
    append_process(families, process_stats());
    std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
    return families;
  }

 private:
  const metrics::MetricsRegistry& registry_;
  const BuildInfo& build_;
  std::span<const Sample> samples_;
};

}  // namespace

std::string metrics_text(const metrics::MetricsRegistry& registry, const BuildInfo& build,
                         std::span<const Sample> samples) {
  return prometheus::TextSerializer().Serialize(Exposition(registry, build, samples).Collect());
}

}  // namespace sluice::telemetry
