#include "base/log.h"

#include "base/json_writer.h"
#include "base/scrub.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <array>
#include <memory>
#include <mutex>
#include <utility>

namespace sluice::log {

namespace log_detail {
std::atomic<Level> threshold = Level::Info;
}  // namespace log_detail

namespace {

// spdlog puts time and level around the text; the rest of the line is ours.
constexpr auto kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";
constexpr auto kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";

std::unique_ptr<spdlog::formatter> formatter_of(Format format) {
  return std::make_unique<spdlog::pattern_formatter>(
      format == Format::Json ? kJsonPattern : kTextPattern, spdlog::pattern_time_type::utc, "\n");
}

class NonBlockingSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  Sink target;
  std::atomic<std::uint64_t> dropped = 0;

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (target.write({line.data(), line.size()}) == 0) {
      dropped.fetch_add(1, std::memory_order_relaxed);
    }
  }
  void flush_() override {}
};

// Never destroyed: whatever ends last may still have something to say.
struct State {
  std::shared_ptr<NonBlockingSink> sink = std::make_shared<NonBlockingSink>();
  spdlog::logger logger{"sluice", sink};
  std::atomic<Format> format = Format::Json;
  std::mutex guard;
  std::shared_ptr<const std::vector<std::string>> secrets =
      std::make_shared<std::vector<std::string>>();

  State() {
    logger.set_level(spdlog::level::trace);  // enabled() decides.
    sink->set_formatter(formatter_of(Format::Json));
  }
};

State& state() {
  static auto* state = new State;
  return *state;
}

constexpr std::array<std::pair<std::string_view, Level>, 5> kLevels = {{{"debug", Level::Debug},
                                                                        {"info", Level::Info},
                                                                        {"warn", Level::Warn},
                                                                        {"error", Level::Error},
                                                                        {"off", Level::Off}}};

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::Debug:
      return spdlog::level::debug;
    case Level::Info:
      return spdlog::level::info;
    case Level::Warn:
      return spdlog::level::warn;
    default:
      return spdlog::level::err;
  }
}

// "area":"net","msg":"…","key":value,…
std::string as_json(std::string_view area, std::string_view message, Fields fields) {
  std::string object;
  json::Writer writer(object);
  writer.begin_object().member("area", area).member("msg", scrubbed(message));
  for (const auto& [key, value] : fields) {
    writer.key(key);
    if (const auto* text = std::get_if<std::string_view>(&value.get())) {
      writer.value(scrubbed(*text));
    } else {
      std::visit([&](auto plain) { writer.value(plain); }, value.get());
    }
  }
  writer.end_object();
  return object.substr(1, object.size() - 2);  // The pattern opens and closes the object.
}

// area: message key="…" key=value …
std::string as_text(std::string_view area, std::string_view message, Fields fields) {
  std::string line(area);
  line += ": ";
  json::append_escaped(line, scrubbed(message));
  for (const auto& [key, value] : fields) {
    line.append(" ").append(key).append("=");
    json::Writer writer(line);
    if (const auto* text = std::get_if<std::string_view>(&value.get())) {
      writer.value(scrubbed(*text));
    } else {
      std::visit([&](auto plain) { writer.value(plain); }, value.get());
    }
  }
  return line;
}

}  // namespace

std::optional<Level> level_named(std::string_view name) {
  for (const auto& [known, level] : kLevels) {
    if (known == name) return level;
  }
  return std::nullopt;
}

std::optional<Format> format_named(std::string_view name) {
  if (name == "json") return Format::Json;
  if (name == "text") return Format::Text;
  return std::nullopt;
}

Result<> configure(const Options& options) {
  TRY_VOID(sink().open(options.to));
  state().sink->set_formatter(formatter_of(options.format));
  state().format.store(options.format, std::memory_order_relaxed);
  log_detail::threshold.store(options.level, std::memory_order_relaxed);
  return {};
}

void set_secrets(std::vector<std::string> secrets) {
  auto shared = std::make_shared<const std::vector<std::string>>(std::move(secrets));
  const std::lock_guard lock(state().guard);
  state().secrets = std::move(shared);
}

std::string scrubbed(std::string_view text) {
  std::shared_ptr<const std::vector<std::string>> secrets;
  {
    const std::lock_guard lock(state().guard);
    secrets = state().secrets;
  }
  return scrub(text, *secrets);
}

Sink& sink() {
  return state().sink->target;
}

Format format() {
  return state().format.load(std::memory_order_relaxed);
}

std::uint64_t lines_dropped() {
  return state().sink->dropped.load(std::memory_order_relaxed);
}

void log_detail::write(Level level, std::string_view area, std::string_view message,
                       Fields fields) {
  const auto line =
      format() == Format::Json ? as_json(area, message, fields) : as_text(area, message, fields);
  state().logger.log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace sluice::log
