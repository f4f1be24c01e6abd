#pragma once

#include "admin/operator.h"
#include "config/load.h"
#include "unit/config/loading.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::admin {

class FakeOperator final : public Operator {
 public:
  explicit FakeOperator(std::string_view yaml) : snapshot(config::snapshot_of(yaml)) {}

  bool is_ready = true;
  bool is_busy = false;
  Question asked;
  std::string rated;
  routing::Feedback next_feedback = routing::Feedback::Noted;
  int reloads = 0;
  ReloadResult next_reload;
  std::shared_ptr<const config::Snapshot> snapshot;

  bool ready() const override { return is_ready; }
  std::string metrics() override { return "# TYPE sluice_things counter\nsluice_things 1\n"; }
  std::shared_ptr<const config::Snapshot> config() const override { return snapshot; }
  std::vector<ProviderStatus> providers() const override {
    return {{.name = "up",
             .type = "openai",
             .base_url = "https://api.example/v1",
             .keys = 2,
             .connections_idle = 3,
             .connections_busy = 1,
             .key_states = {{.number = 1, .condition = "usable", .usable_in = {}},
                            {.number = 2,
                             .condition = "cooling",
                             .usable_in = std::chrono::seconds(12)}},
             .targets = {{.name = "up/gpt",
                          .breaker = "open",
                          .share = 0.5,
                          .asked_again_in = std::chrono::milliseconds(1500),
                          .busy = 1,
                          .waiting = 2,
                          .requests = 10,
                          .successes = 6,
                          .failures = 3,
                          .tokens = 77,
                          .first_token = 123.456,
                          .first_token_p50 = 100,
                          .first_token_p95 = {},
                          .per_token = 7.0625}}}};
  }
  Result<std::string> explain(const Question& question) override {
    asked = question;
    if (is_busy) return fail(ErrorKind::UpstreamUnavailable, "overloaded", "Busy.");
    Arena arena;
    const Candidate& first = snapshot->models().find(question.model, arena)->candidates.front();
    return R"({"pick":")" + snapshot->config().providers[first.provider].name + "/" +
           std::string(first.model) + R"(","strategy":"weighted","candidates":[{"busy":1}]})";
  }
  routing::Feedback feedback(std::string_view request_id, double score) override {
    rated = std::string(request_id) + " " + std::to_string(score);
    return next_feedback;
  }
  ReloadResult reload() override {
    ++reloads;
    return next_reload;
  }
};

inline constexpr std::string_view kOpenConfig = R"(
providers:
  simulator: { type: simulator }
  up: { type: openai, keys: [sk-provider-canary] }
models:
  fast: up/gpt-fast
  "wide-*": up/*
auth:
  keys: [{ name: one, secret: sk-client-canary }]
)";

inline const std::string kTokenConfig = std::string(kOpenConfig) + R"(
admin:
  tokens:
    - { name: boss, secret: admin-canary, role: admin }
    - { name: watcher, secret: viewer-canary, role: viewer }
)";

}  // namespace sluice::admin
