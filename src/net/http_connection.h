// A caller's connection: requests one after the other, each answered before the next is read.
#pragma once

#include "net/http_exchange.h"
#include "net/intrusive_list.h"

#include <atomic>
#include <memory>
#include <string>

namespace sluice::net {

// Answers requests. One handler serves all connections of a thread.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  virtual Task<void> handle(HttpExchange& exchange) = 0;
  // The JSON body for what is no request, or for a handler that failed by accident.
  virtual std::string refusal(const http1::HeadError& error) = 0;
};

class HttpServer;

class HttpConnection final : public ListNode {
 public:
  HttpConnection(HttpServer& server, std::unique_ptr<Transport> transport, SocketAddress peer);

  static Task<void> run(std::unique_ptr<HttpConnection> connection);

  void drain();      // Idle: closes now. Busy: closes after this exchange.
  void interrupt();  // Ends the exchange under way.

 private:
  // Told by the loop that the caller has gone, without anybody reading.
  class PeerWatch final : public Ready {
   public:
    explicit PeerWatch(HttpConnection& connection) : connection_(connection) {}
    void run() override { connection_.peer_left(); }

   private:
    HttpConnection& connection_;
  };

  Task<void> serve();
  Task<HeadPtr> read_head(Instant& arrived);
  Task<bool> answer();
  Task<void> refuse(http1::HeadError error);
  Task<bool> discard_body();
  Task<void> linger();
  void peer_left();

  HttpServer& server_;
  std::shared_ptr<const HttpServerSettings> settings_;
  std::unique_ptr<Transport> transport_;
  SocketAddress peer_;
  Buffer input_;
  Interruption interruption_;
  HttpExchange exchange_;
  PeerWatch peer_watch_{*this};
  bool busy_ = false;
  bool draining_ = false;
};

// The connections of one thread.
class HttpServer {
 public:
  // `open` counts the connections of all threads.
  HttpServer(Loop& loop, HttpHandler& handler, std::atomic<std::uint64_t>& open)
      : loop_(loop), handler_(handler), open_(open) {}

  void configure(std::shared_ptr<const HttpServerSettings> settings) {
    settings_ = std::move(settings);
  }
  void serve(std::unique_ptr<Transport> transport, SocketAddress peer);

  void drain();      // No more requests: idle connections close, busy ones after their exchange.
  void interrupt();  // Ends every exchange under way.

 private:
  friend class HttpConnection;

  Loop& loop_;
  HttpHandler& handler_;
  std::atomic<std::uint64_t>& open_;
  std::shared_ptr<const HttpServerSettings> settings_;
  IntrusiveList<HttpConnection> connections_;
  bool draining_ = false;
};

}  // namespace sluice::net
