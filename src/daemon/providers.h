// The providers of a configuration: what all workers share of them, and each worker's connections.
#pragma once

#include "config/snapshot.h"
#include "net/connection_budget.h"
#include "net/resolver.h"
#include "net/tls_context.h"
#include "net/upstream_pool.h"
#include "providers/credentials/grant.h"
#include "routing/allowance.h"
#include "routing/destination.h"
#include "routing/fleet.h"
#include "routing/health_probe.h"
#include "routing/key_pool.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace sluice::daemon {

// What all workers share of one provider; kept over reloads while its settings stay the same.
struct ProviderShared {
  std::string name;
  std::string identity;  // Everything that its connections depend on.
  std::shared_ptr<const net::TlsClientContext> tls;
  std::shared_ptr<net::ConnectionBudget> budget;
  std::shared_ptr<routing::ProviderMemory> memory;
  std::shared_ptr<routing::KeyPool> keys;  // Kept key by key.
  config::RateLimitSettings limits;
  std::shared_ptr<routing::Allowance> allowance;     // Null: it has no limit of ours by the minute.
  std::shared_ptr<routing::Bulkhead> bulkhead;       // Null: nor of ours at once.
  std::shared_ptr<std::atomic<std::uint64_t>> seed;  // Of a simulator.
  std::string credential;                            // Everything that its tokens depend on.
  std::shared_ptr<providers::GrantShelf> tokens;
  std::shared_ptr<const net::TlsClientContext> token_tls;  // Null: it asks for none.
};

using ProviderSet = std::vector<ProviderShared>;  // In the order of the configuration.

// Fails when a certificate cannot be read.
Result<ProviderSet> share_providers(const config::Snapshot& snapshot, const ProviderSet& before);

// A worker's connection pools, by identity.
class Pools {
 public:
  Pools(net::Loop& loop, net::Resolver& resolver) : loop_(loop), resolver_(resolver) {}

  std::vector<routing::Destination> destinations(const config::Snapshot& snapshot,
                                                 const ProviderSet& shared, routing::Fleet& fleet);

  // Where probes may knock; null: it has no address.
  std::shared_ptr<routing::Door> door(const config::ProviderSettings& settings,
                                      const ProviderShared& shared) const;

  struct Count {
    std::size_t idle = 0;
    std::size_t busy = 0;
  };
  // By provider's name. From any thread.
  std::map<std::string, Count> counts() const;

 private:
  struct Pool {
    std::string provider;
    std::shared_ptr<net::UpstreamPool> pool;
  };

  void connect(routing::Destination& destination, const config::ProviderSettings& settings,
               const ProviderShared& shared, std::map<std::string, Pool>& kept);

  net::Loop& loop_;
  net::Resolver& resolver_;
  mutable std::mutex mutex_;  // A reload changes the pools, on their own thread; others count them.
  std::map<std::string, Pool> pools_;
};

}  // namespace sluice::daemon
