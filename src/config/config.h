// Everything that the one file says, typed.
#pragma once

#include "sluice/price.h"

#include "config/auth_settings.h"
#include "config/model_settings.h"
#include "config/provider_settings.h"
#include "config/server_settings.h"
#include "config/telemetry_settings.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice::config {

struct Config {
  std::uint32_t version = 1;
  ServerSettings server;
  AdminSettings admin;
  std::vector<std::string> catalogues;      // Folders.
  std::vector<ProviderSettings> providers;  // In the order of the file, as all lists.
  std::vector<ModelEntry> models;
  std::optional<std::string> prices;  // A path.
  UnknownPrice unknown_price = UnknownPrice::Estimate;
  AuthSettings auth;
  TelemetrySettings telemetry;
};

}  // namespace sluice::config
