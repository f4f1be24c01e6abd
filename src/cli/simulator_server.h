// The simulator behind a port: threads, sockets and, if wanted, TLS.
#pragma once

#include "sluice/error.h"

#include "cli/parse.h"
#include "cli/simulator_handler.h"
#include "net/address.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace sluice::net {
class TlsServerContext;
}

namespace sluice::cli {

class SimulatorServer {
 public:
  // Listens from here on. The error says what cannot be had.
  static Result<std::unique_ptr<SimulatorServer>> open(const SimulateOptions& options);
  ~SimulatorServer();  // Stops.
  SimulatorServer(const SimulatorServer&) = delete;
  SimulatorServer& operator=(const SimulatorServer&) = delete;

  const net::SocketAddress& address() const { return address_; }

  void start();
  void stop();  // At once, whatever is under way.

 private:
  class Worker;

  SimulatorServer(const SimulateOptions& options, std::shared_ptr<const net::TlsServerContext> tls);

  const SimulatorHandler::Options options_;
  const std::shared_ptr<const net::TlsServerContext> tls_;  // Null: plain HTTP.
  std::atomic<std::uint64_t> seed_;
  std::atomic<std::uint64_t> connections_ = 0;
  net::SocketAddress address_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace sluice::cli
