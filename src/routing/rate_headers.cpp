#include "routing/rate_headers.h"

#include "base/text.h"
#include "base/timestamp.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sluice::routing {
namespace {

using Wall = std::chrono::system_clock::time_point;

constexpr std::string_view kOpenAi = "x-ratelimit-";
constexpr std::string_view kAnthropic = "anthropic-ratelimit-";
constexpr Duration kLongest = std::chrono::days(32);  // Later than that is no reset of a rate.

enum class Kind : std::uint8_t { Requests, Tokens, InputTokens, OutputTokens };
constexpr std::size_t kKinds = 4;
enum class Part : std::uint8_t { Limit, Remaining, Reset };

struct Name {
  std::string_view text;
  Kind kind;
  Part part;
};

constexpr std::array kOpenAiNames{
    Name{"limit-requests", Kind::Requests, Part::Limit},
    Name{"limit-tokens", Kind::Tokens, Part::Limit},
    Name{"remaining-requests", Kind::Requests, Part::Remaining},
    Name{"remaining-tokens", Kind::Tokens, Part::Remaining},
    Name{"reset-requests", Kind::Requests, Part::Reset},
    Name{"reset-tokens", Kind::Tokens, Part::Reset},
};
constexpr std::array kAnthropicNames{
    Name{"requests-limit", Kind::Requests, Part::Limit},
    Name{"requests-remaining", Kind::Requests, Part::Remaining},
    Name{"requests-reset", Kind::Requests, Part::Reset},
    Name{"tokens-limit", Kind::Tokens, Part::Limit},
    Name{"tokens-remaining", Kind::Tokens, Part::Remaining},
    Name{"tokens-reset", Kind::Tokens, Part::Reset},
    Name{"input-tokens-limit", Kind::InputTokens, Part::Limit},
    Name{"input-tokens-remaining", Kind::InputTokens, Part::Remaining},
    Name{"input-tokens-reset", Kind::InputTokens, Part::Reset},
    Name{"output-tokens-limit", Kind::OutputTokens, Part::Limit},
    Name{"output-tokens-remaining", Kind::OutputTokens, Part::Remaining},
    Name{"output-tokens-reset", Kind::OutputTokens, Part::Reset},
};

// Most write names in lower case: then it takes one comparison of memory.
bool is_name(std::string_view said, std::string_view name) {
  return said.size() == name.size() && (said == name || text::iequals(said, name));
}

bool begins_with(std::string_view said, std::string_view prefix) {
  return said.size() > prefix.size() && text::lower(said.front()) == prefix.front() &&
         is_name(said.substr(0, prefix.size()), prefix);
}

const Name* name_of(std::string_view field) {
  const auto among = [&](const auto& names, std::string_view prefix) -> const Name* {
    field.remove_prefix(prefix.size());
    for (const Name& name : names) {
      if (is_name(field, name.text)) return &name;
    }
    return nullptr;
  };
  if (begins_with(field, kOpenAi)) return among(kOpenAiNames, kOpenAi);
  if (begins_with(field, kAnthropic)) return among(kAnthropicNames, kAnthropic);
  return nullptr;
}

std::optional<Duration> in_time(double seconds) {
  if (!(seconds >= 0) || seconds > std::chrono::duration<double>(kLongest).count()) {
    return std::nullopt;
  }
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

double seconds_in(std::string_view unit) {
  if (unit == "ms") return 1e-3;
  if (unit == "s" || unit.empty()) return 1;
  if (unit == "m") return 60;
  if (unit == "h") return 3600;
  if (unit == "d") return 86400;
  if (unit == "us" || unit == "\u00b5s") return 1e-6;
  if (unit == "ns") return 1e-9;
  return -1;
}

// "120ms", "6m0s", "7.66s"; a bare number is of seconds.
std::optional<Duration> span_of_time(std::string_view text) {
  double sum = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] =
        std::from_chars(text.data(), end, number, std::chars_format::fixed);
    if (error != std::errc() || text.front() == '-') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(stopped - text.data()));
    const std::size_t size = std::min(text.find_first_of("0123456789."), text.size());
    const double unit = seconds_in(text.substr(0, size));
    if (unit < 0) return std::nullopt;
    text.remove_prefix(size);
    sum += number * unit;
  }
  return in_time(sum);
}

std::optional<Duration> reset_in(std::string_view text, Wall wall) {
  if (auto span = span_of_time(text)) return span;
  const auto at = text::parse_timestamp(text);
  if (!at) return std::nullopt;
  if (*at <= wall) return Duration(0);
  return in_time(std::chrono::duration<double>(*at - wall).count());
}

struct Parts {
  std::optional<std::uint64_t> limit;
  std::optional<std::uint64_t> remaining;
  std::optional<Duration> reset;

  std::optional<RateLimit> together() const {
    if (limit.value_or(0) == 0 || !remaining || !reset || *remaining > *limit) return std::nullopt;
    return RateLimit{.limit = *limit, .remaining = *remaining, .reset_in = *reset};
  }
};

const RateLimit* tighter(const std::optional<RateLimit>& one, const std::optional<RateLimit>& two) {
  if (!one || !two) return one ? &*one : two ? &*two : nullptr;
  if (one->share_left() != two->share_left()) {
    return one->share_left() < two->share_left() ? &*one : &*two;
  }
  return one->reset_in >= two->reset_in ? &*one : &*two;
}

}  // namespace

const RateLimit* RateState::tightest() const {
  return tighter(requests, tokens);
}

RateState read_rate_state(std::span<const Field> fields, Wall wall) {
  std::array<Parts, kKinds> told;
  for (const Field& field : fields) {
    const Name* name = name_of(field.name);
    if (!name) continue;
    Parts& parts = told[static_cast<std::size_t>(name->kind)];
    if (name->part == Part::Limit) parts.limit = text::parse_uint(field.value);
    if (name->part == Part::Remaining) parts.remaining = text::parse_uint(field.value);
    if (name->part == Part::Reset) parts.reset = reset_in(field.value, wall);
  }
  RateState state;
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    const auto limit = told[kind].together();
    if (static_cast<Kind>(kind) == Kind::Requests) {
      state.requests = limit;
    } else if (const RateLimit* tightest = tighter(state.tokens, limit)) {
      state.tokens = RateLimit(*tightest);
    }
  }
  return state;
}

}  // namespace sluice::routing
