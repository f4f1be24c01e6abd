#include "server/epoch.h"

namespace sluice::server {
namespace {

routing::AttemptLimits limits_of(const config::Snapshot& snapshot) {
  routing::AttemptLimits limits;
  limits.event = snapshot.config().server.limits.event;
  return limits;
}

}  // namespace

Epoch::Epoch(std::shared_ptr<const config::Snapshot> from,
             std::vector<routing::Destination> destinations, const Strategy& strategy,
             Random& random)
    : snapshot(std::move(from)),
      chain(*snapshot),
      router(std::move(destinations), strategy, random, limits_of(*snapshot)),
      pricing(*snapshot) {}

}  // namespace sluice::server
