// Asks a provider now and then whether it is there, with questions that cost no tokens. What it
// answers goes to the breakers of its targets: one that rests may come back sooner.
#pragma once

#include "sluice/clock.h"
#include "sluice/strategy.h"

#include "config/provider_settings.h"
#include "net/connector.h"
#include "routing/destination.h"
#include "routing/target_state.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace sluice::config {
class Snapshot;
}

namespace sluice::routing {

// A way to see whether somebody opens.
class Door {
 public:
  virtual ~Door() = default;
  virtual Task<Result<void>> knock(Instant deadline) = 0;
};

// Connects as requests do, by way of the proxy and up to the end of the TLS handshake, and hangs
// up.
class NetworkDoor final : public Door {
 public:
  NetworkDoor(net::Loop& loop, net::Resolver& resolver, net::Origin origin)
      : loop_(loop), resolver_(resolver), origin_(std::move(origin)) {}
  Task<Result<void>> knock(Instant deadline) override;

 private:
  net::Loop& loop_;
  net::Resolver& resolver_;
  const net::Origin origin_;
};

struct ProbeOrder {
  Destination destination;
  config::HealthSettings health;
  std::vector<std::shared_ptr<TargetState>> targets;
  std::shared_ptr<Door> door;                      // Of a Tcp probe.
  std::shared_ptr<const config::Snapshot> config;  // The destination looks into it.
  std::stop_token until;                           // Seen before each probe and after it.
};

// To be spawned on the loop that the destination belongs to; ends when it is stopped. `clock` and
// `random` must live as long as that loop.
Task<void> probe_provider(Clock& clock, Random& random, ProbeOrder order);

// GETs the list of models. True: some answer came that shows it to work. Null: what came says
// nothing of its health, as where our own credential is at fault.
Task<std::optional<bool>> answers_for_models(Clock& clock, const Destination& destination,
                                             Instant deadline);

}  // namespace sluice::routing
