// GET /v1/realtime: a WebSocket from the caller through to the provider. One session, one attempt,
// one account.
#pragma once

#include "sluice/middleware.h"

#include "base/json.h"
#include "net/http_exchange.h"
#include "routing/destination.h"
#include "server/reply_writer.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace sluice::server {

struct RealtimeOpening {
  std::string_view key;
  std::string_view protocols;  // Those the caller offers that may go on; never its credential.
};

// What the caller's handshake asks for; sets the request's model and path. Refuses what is no
// proper handshake, and bytes that were sent ahead of our answer.
Result<RealtimeOpening> read_realtime_opening(net::HttpExchange& exchange, Request& request);

struct RealtimeLimits {
  std::uint64_t message = std::uint64_t{16} << 20;
  Duration write_timeout = std::chrono::seconds(60);  // How long a side may take nothing.
  Duration close_timeout = std::chrono::seconds(5);   // From one side's close frame to the other's.
};

// Answers a request with a session: returns when it is over, with a reply that has no items and is
// not to be written. Fails when the session never began.
class RealtimeCaller final : public ModelCaller {
 public:
  RealtimeCaller(net::HttpExchange& exchange, const RealtimeOpening& opening,
                 const std::vector<routing::Destination>& destinations, HeadFields& fields,
                 json::Reader& reader, const RealtimeLimits& limits)
      : exchange_(exchange),
        opening_(opening),
        destinations_(destinations),
        fields_(fields),
        reader_(reader),
        limits_(limits) {}

  Task<Result<Reply>> call(Context& context, Request& request) override;

 private:
  Task<Result<void>> converse(Context& context, const Request& request,
                              const routing::Destination& destination, const Target& target,
                              Attempt& attempt);

  net::HttpExchange& exchange_;
  const RealtimeOpening& opening_;
  const std::vector<routing::Destination>& destinations_;
  HeadFields& fields_;
  json::Reader& reader_;
  const RealtimeLimits limits_;
};

}  // namespace sluice::server
