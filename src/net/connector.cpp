#include "net/connector.h"

#include "net/connect_error.h"
#include "net/happy_eyeballs.h"
#include "net/transport_tls.h"

namespace sluice::net {
namespace {

std::string authority_of(const Origin& origin) {
  const bool v6 = origin.host.contains(':');
  return (v6 ? '[' + origin.host + ']' : origin.host) + ':' + std::to_string(origin.port);
}

Task<Result<std::unique_ptr<Transport>>> connect_plain(Loop& loop, Resolver& resolver,
                                                       const Origin& origin, Instant deadline) {
  const std::string& host = origin.proxy ? origin.proxy->host : origin.host;
  const std::uint16_t port = origin.proxy ? origin.proxy->port : origin.port;
  CO_TRY(const auto addresses, co_await resolver.resolve(loop, host, port, deadline));
  CO_TRY(auto transport, co_await connect_first(loop, host, interleaved(addresses), deadline));
  if (origin.proxy) {
    const std::string authority = authority_of(origin);
    CO_TRY_VOID(co_await ask_proxy(*transport, *origin.proxy, authority, deadline));
  }
  co_return transport;
}

}  // namespace

Task<Result<std::unique_ptr<Transport>>> connect(Loop& loop, Resolver& resolver,
                                                 const Origin& origin, Instant deadline) {
  CO_TRY(auto plain, co_await connect_plain(loop, resolver, origin, deadline));
  if (!origin.tls) co_return plain;

  const std::string& name = origin.server_name.empty() ? origin.host : origin.server_name;
  auto transport =
      make_tls_client_transport(std::move(plain), origin.tls_context, name, authority_of(origin));
  if (!transport) co_return connect_failed("TLS with " + name + " failed: no such name", {});
  switch (co_await shake_hands(*transport, deadline)) {
    case IoStatus::Ok:
      co_return transport;
    case IoStatus::TimedOut:
      co_return connect_timed_out("the TLS handshake with " + name + " took too long");
    default:
      break;
  }
  const std::string reason = transport->failure();
  co_return connect_failed("TLS with " + name + " failed: " + reason, "tls: " + reason);
}

}  // namespace sluice::net
