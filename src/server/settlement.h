// What is left of a request when it is over: its metrics and its line in the access log. Exactly
// once, on every way out: it happens when the settlement is destroyed.
#pragma once

#include "sluice/context.h"
#include "sluice/request.h"

#include "server/endpoints.h"
#include "server/pricing.h"
#include "telemetry/access_ring.h"
#include "telemetry/metrics/recent_names.h"
#include "telemetry/metrics/registry.h"

#include <string_view>

namespace sluice::net {
class HttpExchange;
}

namespace sluice::server {

// A worker's own counters and ring.
struct Meters {
  metrics::MetricsRegistry& registry;
  metrics::ThreadMetrics& counters;
  telemetry::AccessRing& access;
  metrics::Cell& in_flight;
  metrics::Cell& streams;
  metrics::RecentNames names;

  static Meters of(metrics::MetricsRegistry& registry, metrics::ThreadMetrics& counters,
                   telemetry::AccessRing& access);
};

class Settlement {
 public:
  Settlement(Meters& meters, net::HttpExchange& exchange, const Context& context,
             const Request& request, const Endpoint& endpoint, Pricing& pricing);
  ~Settlement();
  Settlement(const Settlement&) = delete;
  Settlement& operator=(const Settlement&) = delete;

  // Views that live as long as the exchange's head are copied here while it is there.
  void describe(std::string_view method, std::string_view path, std::string_view client) {
    method_ = method;
    path_ = path;
    client_ = client;
  }
  void failed(const ApiError& error);
  void client_gone() { status_ = 499; }
  void streaming();
  void count_by_key() { by_key_ = true; }

 private:
  void record_metrics(std::uint16_t status, Duration total);
  void record_attempt(const Attempt& attempt);
  void record_access(std::uint16_t status, Duration total);
  Duration overhead(Duration total) const;
  std::int64_t first_token_ns() const;

  Meters& meters_;
  net::HttpExchange& exchange_;
  const Context& context_;
  const Request& request_;
  const Endpoint& endpoint_;
  Pricing& pricing_;
  std::string_view method_;
  std::string_view path_;
  std::string_view client_;
  std::string_view error_;
  std::string_view detail_;
  std::string_view reason_;  // Refused by ourselves.
  std::uint16_t status_ = 0;
  bool streaming_ = false;
  bool by_key_ = false;
};

}  // namespace sluice::server
