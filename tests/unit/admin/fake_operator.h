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
             .connections_busy = 1}};
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
