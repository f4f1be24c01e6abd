// The text of /metrics.
#pragma once

#include "telemetry/metrics/registry.h"

#include <string>

namespace sluice::telemetry {

struct BuildInfo {
  std::string version;
  std::string revision;  // Of the source; empty when unknown.
};

// In Prometheus' text format 0.0.4. Takes about a microsecond per line: with many models, call it
// where nobody waits.
std::string metrics_text(const metrics::MetricsRegistry& registry, const BuildInfo& build);

inline constexpr auto kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace sluice::telemetry
