// The door of the data plane: from an HTTP exchange to a request, through the chain, and back.
#pragma once

#include "base/json.h"
#include "net/http_connection.h"
#include "server/endpoints.h"
#include "server/epoch.h"
#include "server/form_body.h"
#include "server/settlement.h"

#include <atomic>
#include <memory>

namespace sluice::server {

// What all workers share.
struct SharedState {
  std::atomic<std::uint64_t> in_flight = 0;
  std::atomic<std::uint64_t> connections = 0;
  std::atomic<std::uint64_t> drains = 0;  // Calls that go on without their callers.
  std::atomic<bool> draining = false;
};

class Gateway final : public net::HttpHandler {
 public:
  Gateway(SharedState& shared, Meters meters, Random& random)
      : shared_(shared), meters_(meters), random_(random) {}

  void begin(std::shared_ptr<Epoch> epoch) { epoch_ = std::move(epoch); }
  const std::shared_ptr<Epoch>& epoch() const { return epoch_; }
  metrics::ThreadMetrics& counters() { return meters_.counters; }

  Task<void> handle(net::HttpExchange& exchange) override;
  std::string refusal(const net::http1::HeadError& error) override;

 private:
  friend class GatewayExchange;

  SharedState& shared_;
  Meters meters_;
  Random& random_;
  json::Reader reader_;
  const FormSettings forms_{.folder = temporary_folder()};
  std::shared_ptr<Epoch> epoch_;
};

}  // namespace sluice::server
