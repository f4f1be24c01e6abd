#include "config/planned.h"
#include "config/tables.h"
#include "config/types.h"

#include <array>

namespace sluice::config {
namespace {

constexpr std::array kLevels = {
    Choice<LogLevel>{"trace", LogLevel::Trace}, Choice<LogLevel>{"debug", LogLevel::Debug},
    Choice<LogLevel>{"info", LogLevel::Info}, Choice<LogLevel>{"warn", LogLevel::Warn},
    Choice<LogLevel>{"error", LogLevel::Error}};
constexpr Words<LogLevel> kLevelType{"trace, debug, info, warn or error", kLevels};
constexpr std::array kFormats = {Choice<LogFormat>{"json", LogFormat::Json},
                                 Choice<LogFormat>{"text", LogFormat::Text}};
constexpr Words<LogFormat> kFormatType{"json or text", kFormats};

constexpr std::array kLogFields = {
    field<&LogSettings::level>("level", kLevelType, "the least important lines that are written"),
    field<&LogSettings::format>("format", kFormatType, "how a line looks"),
    field<&LogSettings::to>("to", kLogTargetType, "stderr, stdout or file:PATH"),
};
constexpr Section<LogSettings> kLog{kLogFields};

constexpr std::array kMetricsFields = {
    field<&MetricsSettings::per_key>("per_key", kBooleanType, "label requests with the key's name"),
    not_yet("litellm_names", kBooleanType, "also under the names of LiteLLM"),
};
constexpr Section<MetricsSettings> kMetrics{kMetricsFields};

constexpr std::array kTelemetryFields = {
    field<&TelemetrySettings::log>("log", kLog, "the access log and diagnostics"),
    field<&TelemetrySettings::metrics>("metrics", kMetrics, "/metrics"),
    not_yet("traces", kTraces, "spans to an OpenTelemetry collector"),
    not_yet("audit", kAudit, "a record of every request"),
    not_yet("alerts", kAlerts, "messages when a rule holds"),
};

}  // namespace

constexpr Section<TelemetrySettings> kTelemetrySection{kTelemetryFields};

}  // namespace sluice::config
