// What one worker routes with, under one configuration.
#pragma once

#include "sluice/strategy.h"

#include "routing/common_knowledge.h"
#include "routing/destination.h"

#include <functional>
#include <memory>
#include <vector>

namespace sluice::config {
class Snapshot;
}
namespace sluice::net {
class Loop;
}

namespace sluice::routing {

class Shadows;

struct RouterGround {
  const config::Snapshot& snapshot;
  std::vector<Destination> destinations;  // By their place in the configuration.
  CommonKnowledge& common;
  Random& random;
  net::Loop* loop = nullptr;  // Of the worker; null in tests that need none.
  std::size_t event_limit = std::size_t{16} << 20;
  Shadows* shadows = nullptr;                         // Null: copies of requests go to nobody.
  std::function<std::shared_ptr<const void>()> hold;  // Keeps all of this alive.
};

}  // namespace sluice::routing
