// `telemetry:` of the file.
#pragma once

#include <cstdint>
#include <string>

namespace sluice::config {

enum class LogLevel : std::uint8_t { Trace, Debug, Info, Warn, Error };
enum class LogFormat : std::uint8_t { Json, Text };

struct LogTarget {
  enum class Kind : std::uint8_t { Stderr, Stdout, File };

  Kind kind = Kind::Stderr;
  std::string path;  // Of File.
};

struct LogSettings {
  LogLevel level = LogLevel::Info;
  LogFormat format = LogFormat::Json;
  LogTarget to;
};

struct MetricsSettings {
  bool per_key = false;
};

struct TelemetrySettings {
  LogSettings log;
  MetricsSettings metrics;
};

}  // namespace sluice::config
