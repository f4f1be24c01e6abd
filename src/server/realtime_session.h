// A WebSocket session under way: frames pass unchanged in both directions, each checked by its head
// before it goes on. One block of memory in each direction, and nothing is read that the other side
// has no room for.
#pragma once

#include "sluice/context.h"

#include "base/json.h"
#include "net/http_exchange.h"
#include "net/websocket.h"
#include "net/websocket_upstream.h"
#include "server/realtime.h"

#include <cstdint>
#include <string_view>

namespace sluice::server {

// Reads what the session costs from the provider's events, and counts what passes.
class RealtimeAccount {
 public:
  RealtimeAccount(Context& context, Attempt& attempt, json::Reader& reader)
      : context_(context), attempt_(attempt), reader_(reader) {}

  void caller_sent(const net::websocket::FrameStep& step);
  void provider_sent(const net::websocket::FrameStep& step);

 private:
  void understand(std::string_view event);

  Context& context_;
  Attempt& attempt_;
  json::Reader& reader_;
  net::Buffer message_;  // A text message that has not come whole.
  bool too_long_ = false;
};

class RealtimeSession {
 public:
  RealtimeSession(net::HttpExchange& exchange, net::WebSocketUpstream& upstream, Context& context,
                  Attempt& attempt, json::Reader& reader, const RealtimeLimits& limits);

  // Until both sides have closed, or one is gone.
  Task<void> run();

 private:
  // One direction.
  struct Flow {
    net::Transport& from;
    net::Buffer& input;
    net::Transport& to;
    net::websocket::Sender sender;
    net::websocket::FrameReader reader;
    std::size_t examined = 0;  // Of the input: known to the reader.
    bool writing = false;      // A write was begun and has not ended.
    std::uint16_t fault = 0;   // What the sender did wrong.
    bool cut = false;          // The sender is gone.

    // Between two frames, where one of ours may stand.
    bool may_speak() const { return !writing && !reader.in_frame() && !reader.closed(); }
  };

  Task<void> pass(Flow& flow, const Flow& other);
  Task<bool> fill(Flow& flow);
  std::size_t examine(Flow& flow);
  void close(Flow& towards, net::websocket::Sender as, std::uint16_t code);
  void settle();

  net::Loop& loop_;
  Context& context_;
  Attempt& attempt_;
  const RealtimeLimits limits_;
  RealtimeAccount account_;
  Flow up_;    // From the caller to the provider.
  Flow down_;  // And back.
};

}  // namespace sluice::server
