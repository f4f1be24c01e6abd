// Opens a WebSocket to a provider: our own handshake on a connection of its own, checked strictly.
#pragma once

#include "sluice/upstream.h"

#include "net/buffer.h"
#include "net/http_upstream.h"
#include "net/upstream_pool.h"

#include <string>
#include <string_view>

namespace sluice::net {

struct WebSocketUpstream {
  int status = 0;  // 101: it is open. Else the provider refused, and said why in `body`.
  std::string content_type;
  std::string body;

  std::string protocol;  // The sub-protocol it chose; empty: none.
  Lease lease;           // Never to be given back.
  Buffer input;          // What came right behind its 101.
};

// `protocols` is the list to offer, empty for none. Fails when there is no connection or no proper
// answer. Connects anew: a kept connection might be dead, and a handshake is not tried twice.
Task<Result<WebSocketUpstream>> open_websocket(UpstreamPool& pool,
                                               const HttpUpstreamSettings& settings,
                                               Context& context, const UpstreamRequest& request,
                                               std::string_view protocols, Attempt& attempt);

}  // namespace sluice::net
