// Everything that the one file says, typed.
#pragma once

#include "config/auth_settings.h"
#include "config/provider_settings.h"
#include "config/server_settings.h"
#include "config/telemetry_settings.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice::config {

struct Config {
  std::uint32_t version = 1;
  ServerSettings server;
  AdminSettings admin;
  std::vector<ProviderSettings> providers;  // In the order of the file, as all lists.
  std::vector<ModelEntry> models;
  AuthSettings auth;
  TelemetrySettings telemetry;
};

}  // namespace sluice::config
