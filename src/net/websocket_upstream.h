// Opens a WebSocket to a provider: our own handshake on a connection of its own, checked strictly.
#pragma once

#include "sluice/upstream.h"

#include "net/buffer.h"
#include "net/http_upstream.h"
#include "net/upstream_pool.h"

#include <memory>
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

class WebSocketDialer {
 public:
  virtual ~WebSocketDialer() = default;
  // `protocols` is the list to offer, empty for none. Fails when there is no connection or no
  // proper answer.
  virtual Task<Result<WebSocketUpstream>> open_websocket(Context& context,
                                                         const UpstreamRequest& request,
                                                         std::string_view protocols,
                                                         Attempt& attempt) = 0;
};

// Connects anew: a kept connection might be dead, and a handshake is not tried twice.
class HttpWebSocketDialer final : public WebSocketDialer {
 public:
  HttpWebSocketDialer(std::shared_ptr<UpstreamPool> pool,
                      std::shared_ptr<const HttpUpstreamSettings> settings)
      : pool_(std::move(pool)), settings_(std::move(settings)) {}

  Task<Result<WebSocketUpstream>> open_websocket(Context& context, const UpstreamRequest& request,
                                                 std::string_view protocols,
                                                 Attempt& attempt) override;

 private:
  std::shared_ptr<UpstreamPool> pool_;
  std::shared_ptr<const HttpUpstreamSettings> settings_;
};

}  // namespace sluice::net
