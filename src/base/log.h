// Diagnostics: what the operator should know about the gateway itself. Requests have the access
// log.
//
//   log::warn("net", "provider closed early", {{"provider", name}, {"bytes", count}});
//
// A line is formatted and handed to the sink at once, by whoever says it: diagnostics are rare, and
// the line before a crash is the one that is wanted. A sink without room drops the line and counts
// it.
#pragma once

#include "sluice/error.h"

#include "base/log_sink.h"

#include <atomic>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sluice::log {

enum class Level : std::uint8_t { Debug, Info, Warn, Error, Off };
enum class Format : std::uint8_t { Json, Text };

std::optional<Level> level_named(std::string_view name);    // debug, info, warn, error, off
std::optional<Format> format_named(std::string_view name);  // json, text

// A view: it lives as long as the call. Converts without being asked, so that calls stay short.
class Value {
 public:
  explicit(false) Value(std::string_view text) : value_(text) {}
  explicit(false) Value(const char* text) : value_(std::string_view(text)) {}
  explicit(false) Value(const std::string& text) : value_(std::string_view(text)) {}
  explicit(false) Value(double number) : value_(number) {}
  template <std::same_as<bool> T>
  explicit(false) Value(T yes) : value_(yes) {}
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  explicit(false) Value(T number) : value_(static_cast<std::int64_t>(number)) {}

  const std::variant<std::string_view, std::int64_t, double, bool>& get() const { return value_; }

 private:
  std::variant<std::string_view, std::int64_t, double, bool> value_;
};

struct Field {
  std::string_view key;
  Value value;
};
using Fields = std::initializer_list<Field>;

struct Options {
  Level level = Level::Info;
  Format format = Format::Json;
  std::string to = "stderr";  // stderr | stdout | file:PATH
};

// At the start and at every reload, by any thread. When the target cannot be opened nothing
// changes.
Result<> configure(const Options& options);
// Configured secrets: no line shows them from now on. Replaces those of the call before.
void set_secrets(std::vector<std::string> secrets);
// Without the configured secrets and without what looks like one.
std::string scrubbed(std::string_view text);

Sink& sink();
Format format();
std::uint64_t lines_dropped();

namespace log_detail {
extern std::atomic<Level> threshold;
void write(Level level, std::string_view area, std::string_view message, Fields fields);
}  // namespace log_detail

inline bool enabled(Level level) {
  return level >= log_detail::threshold.load(std::memory_order_relaxed);
}

inline void debug(std::string_view area, std::string_view message, Fields fields = {}) {
  if (enabled(Level::Debug)) [[unlikely]] {
    log_detail::write(Level::Debug, area, message, fields);
  }
}
inline void info(std::string_view area, std::string_view message, Fields fields = {}) {
  if (enabled(Level::Info)) log_detail::write(Level::Info, area, message, fields);
}
inline void warn(std::string_view area, std::string_view message, Fields fields = {}) {
  if (enabled(Level::Warn)) log_detail::write(Level::Warn, area, message, fields);
}
inline void error(std::string_view area, std::string_view message, Fields fields = {}) {
  if (enabled(Level::Error)) log_detail::write(Level::Error, area, message, fields);
}

}  // namespace sluice::log
