#include "config/snapshot.h"

#include <utility>

namespace sluice::config {

Snapshot::Snapshot(Config config, Origin origin, Ground ground)
    : ground_(std::move(ground)),
      config_(std::move(config)),
      models_(config_),
      keys_(config_.auth.keys),
      origin_(std::move(origin)) {}

const ProviderSettings* Snapshot::provider(std::string_view name) const {
  const auto index = models_.provider_index(name);
  return index ? &config_.providers[*index] : nullptr;
}

}  // namespace sluice::config
