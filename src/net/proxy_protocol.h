// The PROXY protocol, versions 1 and 2: who a load balancer speaks for, said before the first byte
// of the connection proper.
//
//   v1   "PROXY TCP4 192.0.2.1 198.51.100.1 51234 443" CRLF, at most 107 bytes
//        "PROXY UNKNOWN" [anything] CRLF
//   v2   12 bytes of signature, version and command, family, length (16 bits), addresses, TLVs
#pragma once

#include "net/address.h"
#include "net/descriptor.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::net {

struct ProxyHeader {
  enum class State : std::uint8_t { Incomplete, Complete, Malformed };
  // Longer ones are refused: room for the addresses and some TLVs.
  static constexpr std::size_t kMaxSize = 536;

  State state = State::Incomplete;
  std::size_t size = 0;                      // Of a complete one.
  std::optional<SocketAddress> source = {};  // None: the proxy speaks for itself, or does not say.
};

// What `bytes`, the first of a connection, begin with. Call again with the same bytes and more
// behind them while it is Incomplete; of kMaxSize bytes it never is.
ProxyHeader parse_proxy_header(std::string_view bytes);

// Takes exactly the header off a connection of which nothing was read yet. Not complete: it was
// malformed, cut off or late.
Task<ProxyHeader> read_proxy_header(Descriptor& descriptor, Instant deadline);

}  // namespace sluice::net
