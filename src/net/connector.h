// Opens connections to upstreams: name, TCP by happy eyeballs, a proxy if asked for, TLS.
#pragma once

#include "net/proxy.h"
#include "net/resolver.h"
#include "net/tls_context.h"
#include "net/transport.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace sluice::net {

struct Origin {
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;
  std::shared_ptr<const TlsClientContext> tls_context = nullptr;  // Required when tls.
  std::string server_name = {};  // What the certificate must say; empty: the host.
  std::optional<Proxy> proxy = std::nullopt;
};

// Fails with "upstream_error" or, at the deadline, with "upstream_timeout"; another target may be
// tried after both. Everything in origin must live until the task ends.
Task<Result<std::unique_ptr<Transport>>> connect(Loop& loop, Resolver& resolver,
                                                 const Origin& origin, Instant deadline);

}  // namespace sluice::net
