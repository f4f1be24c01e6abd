// Outbound HTTP proxies: their URL and the CONNECT exchange.
#pragma once

#include "sluice/error.h"

#include "net/transport.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::net {

// An HTTP proxy that is asked to CONNECT.
struct Proxy {
  std::string host;
  std::uint16_t port = 0;
  std::string authorization = {};  // "Basic …", or empty. A secret.

  friend bool operator==(const Proxy&, const Proxy&) = default;
};

// "http://[user:password@]host[:port][/]". What is refused is never quoted: it may hold a password.
Result<Proxy> parse_proxy(std::string_view url);

// Asks the proxy at the other end to connect to `authority` ("host:port"). Afterwards the transport
// leads there.
Task<Result<void>> ask_proxy(Transport& transport, const Proxy& proxy, const std::string& authority,
                             Instant deadline);

}  // namespace sluice::net
