#include "providers/simulator/knobs.h"

#include "base/text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace sluice::providers::simulator {
namespace {

using Milliseconds = Knobs::Milliseconds;

constexpr double kLongestWait = 3'600'000;
constexpr double kLargestSize = 64.0 * 1024 * 1024;

struct Unit {
  std::string_view name;
  double factor;
};

constexpr Unit kDurations[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}};
constexpr Unit kSizes[] = {{"KiB", 1024}, {"MiB", 1024 * 1024}, {"KB", 1e3}, {"MB", 1e6}, {"B", 1}};

// NUMBER [UNIT]; without a unit, the number times `plain`.
template <std::size_t count>
std::optional<double> read_amount(std::string_view value, const Unit (&units)[count], double plain,
                                  double limit) {
  double number = 0;
  const auto* const end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, number, std::chars_format::fixed);
  if (error != std::errc()) return std::nullopt;
  double factor = 0;
  if (rest == end) factor = plain;
  for (const auto& unit : units) {
    if (std::string_view(rest, end) == unit.name) factor = unit.factor;
  }
  const auto amount = number * factor;
  if (factor == 0 || !(amount >= 0 && amount <= limit)) return std::nullopt;
  return amount;
}

bool set_wait(std::string_view value, double plain, Milliseconds& wait) {
  const auto amount = read_amount(value, kDurations, plain, kLongestWait);
  if (amount) wait = Milliseconds(std::llround(*amount));
  return amount.has_value();
}

bool set_fault(Knobs& knobs, Fault fault) {
  knobs.fault = fault;
  return true;
}

bool set_fault_after(Knobs& knobs, std::string_view value, Fault fault) {
  const auto after = value.empty() ? 0 : text::parse_uint(value);
  knobs.fault = fault;
  knobs.after = after.value_or(0);
  return after.has_value();
}

bool set_error(Knobs& knobs, std::string_view value) {
  const auto status = value.empty() ? 500 : text::parse_uint(value);
  if (!status || *status < 300 || *status > 599) return false;
  knobs.fault = Fault::Error;
  knobs.status = static_cast<int>(*status);
  return true;
}

bool set_rate(Knobs& knobs, std::string_view value) {
  static constexpr Unit kPerSecond[] = {{"/s", 1}};
  const auto rate = read_amount(value, kPerSecond, 1, 1e9);
  if (!rate || *rate == 0) return false;
  knobs.rate = *rate;
  return true;
}

bool set_fail(Knobs& knobs, std::string_view value) {
  static constexpr Unit kPart[] = {{"%", 0.01}};
  const auto part = read_amount(value, kPart, 1, 1);
  knobs.fail = part.value_or(1);
  // Asked for by itself, the fault is the plainest one.
  if (knobs.fault == Fault::None) knobs.fault = Fault::Error;
  return part.has_value();
}

bool set_size(Knobs& knobs, std::string_view value) {
  const auto size = read_amount(value, kSizes, 1, kLargestSize);
  if (!size || *size < 1) return false;
  knobs.size = static_cast<std::size_t>(*size);
  return true;
}

bool set_retry_after(std::optional<Milliseconds>& wait, std::string_view value, double plain) {
  return set_wait(value, plain, wait.emplace());
}

bool set_code(Knobs& knobs, std::string_view value) {
  knobs.code = value;
  return !value.empty();
}

struct Knob {
  std::string_view name;
  std::string_view form;
  bool (*set)(Knobs& knobs, std::string_view value);
};

constexpr std::array kKnobs = {
    Knob{"delay", "=200ms", [](Knobs& k, std::string_view v) { return set_wait(v, 1, k.delay); }},
    Knob{"slow-headers", "=2s",
         [](Knobs& k, std::string_view v) { return set_wait(v, 1, k.slow_headers); }},
    Knob{"ttft", "=300ms", [](Knobs& k, std::string_view v) { return set_wait(v, 1, k.ttft); }},
    Knob{"gap", "=10ms", [](Knobs& k, std::string_view v) { return set_wait(v, 1, k.gap); }},
    Knob{"rate", "=50", set_rate},
    Knob{"size", "=100KiB", set_size},
    Knob{"error", "[=STATUS]", set_error},
    Knob{"code", "=CODE", set_code},
    Knob{"retry-after", "=2s",
         [](Knobs& k, std::string_view v) { return set_retry_after(k.retry_after, v, 1000); }},
    Knob{"retry-after-ms", "=250",
         [](Knobs& k, std::string_view v) { return set_retry_after(k.retry_after_ms, v, 1); }},
    Knob{"error-in-stream", "[=EVENTS]",
         [](Knobs& k, std::string_view v) { return set_fault_after(k, v, Fault::ErrorInStream); }},
    Knob{"cut", "[=EVENTS]",
         [](Knobs& k, std::string_view v) { return set_fault_after(k, v, Fault::Cut); }},
    Knob{"reset", "[=EVENTS]",
         [](Knobs& k, std::string_view v) { return set_fault_after(k, v, Fault::Reset); }},
    Knob{"stall", "[=EVENTS]",
         [](Knobs& k, std::string_view v) { return set_fault_after(k, v, Fault::Stall); }},
    Knob{"garbage", "[=EVENTS]",
         [](Knobs& k, std::string_view v) { return set_fault_after(k, v, Fault::Garbage); }},
    Knob{"empty", "",
         [](Knobs& k, std::string_view v) { return v.empty() && set_fault(k, Fault::Empty); }},
    Knob{"blank", "",
         [](Knobs& k, std::string_view v) { return v.empty() && set_fault(k, Fault::Blank); }},
    Knob{"html", "",
         [](Knobs& k, std::string_view v) { return v.empty() && set_fault(k, Fault::Html); }},
    Knob{"no-usage", "",
         [](Knobs& k, std::string_view v) { return v.empty() && !(k.usage = false); }},
    Knob{"no-done", "",
         [](Knobs& k, std::string_view v) { return v.empty() && !(k.done = false); }},
    Knob{"fail", "=20%", set_fail},
};

Result<void> refuse(std::string message, std::string_view param) {
  return fail(ApiError{.kind = ErrorKind::InvalidRequest,
                       .code = "invalid_knob",
                       .message = std::move(message),
                       .param = std::string(param)});
}

Result<void> read_knob(std::string_view word, std::string_view param, Knobs& knobs) {
  const auto equals = word.find('=');
  const auto name = text::trim(word.substr(0, equals));
  const auto value = equals == std::string_view::npos ? "" : text::trim(word.substr(equals + 1));
  for (const auto& knob : kKnobs) {
    if (knob.name != name) continue;
    if (knob.set(knobs, value)) return {};
    return refuse("The simulator cannot read `" + std::string(word) + "`: it is written " +
                      std::string(knob.name) + std::string(knob.form) + ".",
                  param);
  }
  std::string message = "The simulator has no knob `" + std::string(name) + "`. It has";
  for (const auto& knob : kKnobs) {
    message += &knob == kKnobs.begin() ? " " : ", ";
    message += knob.name;
    message += knob.form;
  }
  return refuse(message + ".", param);
}

}  // namespace

Result<void> read_knobs(std::string_view list, char separator, std::string_view param,
                        Knobs& knobs) {
  while (!list.empty()) {
    const auto end = list.find(separator);
    const auto word = text::trim(list.substr(0, end));
    if (!word.empty()) TRY_VOID(read_knob(word, param, knobs));
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
  return {};
}

}  // namespace sluice::providers::simulator
