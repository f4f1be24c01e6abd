#include "server/epoch.h"

namespace sluice::server {

Epoch::Epoch(std::shared_ptr<const config::Snapshot> from,
             std::vector<routing::Destination> destinations, routing::CommonKnowledge& common,
             Random& random, net::Loop* loop, routing::Shadows* shadows)
    : snapshot(std::move(from)),
      chain(*snapshot),
      router({.snapshot = *snapshot,
              .destinations = std::move(destinations),
              .common = common,
              .random = random,
              .loop = loop,
              .event_limit = snapshot->config().server.limits.event,
              .shadows = shadows,
              .hold = [this] { return shared_from_this(); }}),
      pricing(*snapshot) {}

}  // namespace sluice::server
