// One event loop and all that is served on it. Everything but post() and the constructor happens on
// the worker's own thread.
#pragma once

#include "base/random.h"
#include "net/http_connection.h"
#include "net/listener.h"
#include "net/loop.h"
#include "routing/shadow.h"
#include "server/gateway.h"
#include "telemetry/access_log.h"

#include <memory>
#include <vector>

namespace sluice::net {
class TlsServerContext;
}

namespace sluice::server {

class Worker {
 public:
  Worker(SharedState& shared, metrics::MetricsRegistry& registry, telemetry::AccessLog& access,
         routing::CommonKnowledge& common, std::uint64_t seed);
  ~Worker() { loop_.abandon_all(); }  // What still runs ends before what it uses.

  net::Loop& loop() { return loop_; }
  void run() { loop_.run(); }

  // From now on requests are served under this configuration.
  void begin(std::shared_ptr<const config::Snapshot> snapshot,
             std::vector<routing::Destination> destinations,
             std::shared_ptr<const net::TlsServerContext> tls);
  const std::shared_ptr<Epoch>& epoch() const { return gateway_.epoch(); }
  void listen(net::ListeningSocket socket);
  void drain();      // No new connections, no second request on those that are open.
  void interrupt();  // Ends what is still running.

 private:
  void accept(int fd, const net::SocketAddress& peer);

  SharedState& shared_;
  routing::CommonKnowledge& common_;
  net::Loop loop_;
  base::FastRandom random_;
  Gateway gateway_;
  routing::Shadows shadows_;
  net::HttpServer server_;
  std::shared_ptr<const net::TlsServerContext> tls_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
};

}  // namespace sluice::server
