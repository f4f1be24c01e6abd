// One configuration as one worker serves it. Requests hold the epoch that they began under; a
// reload makes a new one beside it.
#pragma once

#include "config/snapshot.h"
#include "middleware/chain.h"
#include "routing/router.h"
#include "server/pricing.h"

#include <memory>

namespace sluice::server {

struct Epoch : std::enable_shared_from_this<Epoch> {
  Epoch(std::shared_ptr<const config::Snapshot> from,
        std::vector<routing::Destination> destinations, routing::CommonKnowledge& common,
        Random& random, net::Loop* loop, routing::Shadows* shadows = nullptr);

  std::shared_ptr<const config::Snapshot> snapshot;
  middleware::Chain chain;
  routing::Router router;
  Pricing pricing;

  const config::ServerSettings& server() const { return snapshot->config().server; }
};

}  // namespace sluice::server
