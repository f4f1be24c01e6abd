// What the admin API may ask of the daemon. May be called from any thread.
#pragma once

#include "sluice/catalogue.h"
#include "sluice/error.h"

#include "config/diagnostic.h"
#include "routing/learning.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::config {
class Snapshot;
}

namespace sluice::admin {

struct ReloadResult {
  bool changed = false;                         // False: what is in force says the same already.
  std::vector<config::Diagnostic> diagnostics;  // Errors: nothing changed. Else warnings.

  bool failed() const;
};

// Times in milliseconds.
struct TargetStatus {
  std::string name;  // PROVIDER/MODEL; of models that no name leads to, PROVIDER/*.
  std::string_view breaker;
  double share = 1;                                         // Of what it would be asked.
  std::optional<std::chrono::milliseconds> asked_again_in;  // Where it rests.
  std::uint32_t busy = 0;
  std::uint32_t waiting = 0;  // For a place among those.
  std::uint64_t requests = 0;
  std::uint64_t successes = 0;
  std::uint64_t failures = 0;
  std::uint64_t tokens = 0;  // Of output.
  std::optional<double> first_token;
  std::optional<double> first_token_p50;
  std::optional<double> first_token_p95;
  std::optional<double> per_token;
};

struct KeyStatus {
  std::size_t number = 0;  // From one, in the order of the configuration.
  std::string_view condition;
  std::optional<std::chrono::seconds> usable_in;  // Where it rests.
};

struct ProviderStatus {
  std::string name;
  std::string type;
  std::string base_url;
  std::size_t keys = 0;
  std::size_t connections_idle = 0;
  std::size_t connections_busy = 0;
  std::vector<KeyStatus> key_states = {};
  std::vector<TargetStatus> targets = {};
};

// A request that somebody might make.
struct Question {
  std::string model;
  std::optional<std::int64_t> input_tokens;
  std::optional<Abilities> needs;
  std::string user;
  std::vector<std::pair<std::string, std::string>> tags;
};

class Operator {
 public:
  virtual ~Operator() = default;
  virtual bool ready() const = 0;  // Serving, and not about to stop.
  virtual std::string metrics() = 0;
  virtual std::shared_ptr<const config::Snapshot> config() const = 0;
  virtual std::vector<ProviderStatus> providers() const = 0;
  // Who would be asked, by those who ask: one JSON object, whose "pick" is PROVIDER/MODEL. Fails
  // when the name means nothing, and when they are too busy to say.
  virtual Result<std::string> explain(const Question& question) = 0;
  virtual routing::Feedback feedback(std::string_view request_id, double score) = 0;
  virtual ReloadResult reload() = 0;
};

}  // namespace sluice::admin
