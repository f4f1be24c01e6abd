// `models:` of the file.
#pragma once

#include "config/expression.h"
#include "config/provider_settings.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sluice::config {

enum class StrategyKind : std::uint8_t {
  Fallback,
  Weighted,
  RoundRobin,
  LeastLatency,
  LeastBusy,
  Cheapest,
  Learned,
};

struct TargetSettings {
  std::string model;  // PROVIDER/MODEL, or another name of `models:`.
  std::uint32_t weight = 1;
  std::optional<Expression> when;  // `if:`
  RateLimitSettings limits;
};

// What a try may fail with and be followed by another.
struct RetryOn {
  bool connect = false;
  bool timeout = false;
  std::vector<std::uint16_t> statuses;        // 429
  std::vector<std::uint16_t> status_classes;  // 5: all of 500 to 599
};

struct RetrySettings {
  std::uint32_t attempts = 3;  // In all.
  RetryOn on{.connect = true, .timeout = true, .statuses = {429}, .status_classes = {5}};
  Milliseconds backoff{200};
  Milliseconds max_backoff{5'000};
};

struct CommitSettings {
  Milliseconds wait{15'000};
  std::uint64_t bytes = std::uint64_t{64} * 1024;
};

struct GroupTimeouts {  // Absent: those of the server and the provider.
  std::optional<Milliseconds> request;
  std::optional<Milliseconds> first_token;
  std::optional<Milliseconds> between_tokens;
};

struct HedgeSettings {
  std::variant<double, Milliseconds> after = 0.95;  // A quantile of what was seen (p95), or a time.
  double at_most = 0.05;                            // Of the requests.
};

struct StickySettings {
  enum class By : std::uint8_t { User, Prompt, Header };
  By by = By::User;
  std::string header;  // Lower case.
};

struct LearnedSettings {
  std::optional<Expression> traffic_class;  // `class:`; absent: all are of one.
  double explore = 0.02;
  double quality = 1;
  double cost = 0.3;
  double latency = 0.2;
};

struct ShadowSettings {
  std::string target;
  double sample = 0.01;
};

// A member of the request's body, by the name that OpenAI gives it.
struct RequestField {
  std::string name;
  std::string json;  // Its value, one JSON text.
};

struct GroupSettings {
  StrategyKind strategy = StrategyKind::Fallback;
  std::vector<TargetSettings> targets;
  std::vector<std::string> on_context_length;
  std::vector<std::string> on_content_policy;
  RetrySettings retry;
  CommitSettings commit;
  GroupTimeouts timeouts;
  std::optional<HedgeSettings> hedge;
  bool resume = false;
  std::optional<StickySettings> sticky;
  LearnedSettings learned;
  std::optional<ShadowSettings> shadow;
  std::vector<Tag> require;
  bool panic = true;
  std::vector<RequestField> defaults;
  std::vector<RequestField> overrides;
};

// A name that callers may ask for: one target, a group of them, or an old name of another. A name
// may end in one star; then * and $0 in its targets are filled in.
struct ModelEntry {
  std::string name;
  std::string target;  // PROVIDER/MODEL, where that is all.
  std::optional<GroupSettings> group;
  std::string replaced_by;
  std::optional<std::chrono::year_month_day> sunset;

  bool is_wildcard() const { return name.ends_with('*'); }
};

}  // namespace sluice::config
