// Connects to the first of several addresses that answers (RFC 8305).
#pragma once

#include "sluice/error.h"

#include "net/address.h"
#include "net/transport.h"

#include <string>
#include <vector>

namespace sluice::net {

// The families take turns, beginning with the first address's.
std::vector<SocketAddress> interleaved(const std::vector<SocketAddress>& addresses);

// `name` is for the errors. TCP_NODELAY and keepalive are set on what it gives.
Task<Result<std::unique_ptr<Transport>>> connect_first(Loop& loop, const std::string& name,
                                                       std::vector<SocketAddress> addresses,
                                                       Instant deadline);

}  // namespace sluice::net
