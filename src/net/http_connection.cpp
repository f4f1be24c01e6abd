#include "net/http_connection.h"

#include "base/log.h"
#include "net/http1/head_writer.h"
#include "net/proxy_protocol.h"

#include <sys/socket.h>

#include <array>

namespace sluice::net {
namespace {

// Some callers look for an answer only when all was sent: what they send meanwhile is thrown away
// unread.
constexpr std::size_t kLingeredBytes = std::size_t{64} << 20;
constexpr Duration kLingered = std::chrono::seconds(1);

}  // namespace

void HttpServer::serve(std::unique_ptr<Transport> transport, SocketAddress peer) {
  auto connection = std::make_unique<HttpConnection>(*this, std::move(transport), peer);
  loop_.spawn(HttpConnection::run(std::move(connection)));
}

void HttpServer::drain() {
  draining_ = true;
  IntrusiveList<HttpConnection> round;
  connections_.move_to(round);
  while (HttpConnection* connection = round.pop_front()) {
    connections_.push_back(*connection);
    connection->drain();
  }
}

void HttpServer::interrupt() {
  IntrusiveList<HttpConnection> round;
  connections_.move_to(round);
  while (HttpConnection* connection = round.pop_front()) {
    connections_.push_back(*connection);
    connection->interrupt();
  }
}

HttpConnection::HttpConnection(HttpServer& server, std::unique_ptr<Transport> transport,
                               SocketAddress peer)
    : server_(server),
      settings_(server.settings_),
      transport_(std::move(transport)),
      peer_(peer),
      interruption_(server.loop_),
      exchange_(*transport_, input_, interruption_, peer_) {}

Task<void> HttpConnection::run(std::unique_ptr<HttpConnection> connection) {
  HttpServer& server = connection->server_;
  struct Counted {
    std::atomic<std::uint64_t>& open;
    explicit Counted(std::atomic<std::uint64_t>& of) : open(of) {
      open.fetch_add(1, std::memory_order_relaxed);
    }
    ~Counted() { open.fetch_sub(1, std::memory_order_relaxed); }
  } counted(server.open_);
  server.connections_.push_back(*connection);
  co_await connection->serve();
}

void HttpConnection::drain() {
  draining_ = true;
  exchange_.close_after();
  if (!busy_) ::shutdown(transport_->descriptor().fd(), SHUT_RD);
}

void HttpConnection::interrupt() {
  interruption_.interrupt(Interrupt::Shutdown);
}

void HttpConnection::peer_left() {
  if (exchange_.alone_) return;
  const Descriptor& descriptor = transport_->descriptor();
  if (settings_->half_close && !descriptor.peer_reset()) return;
  interruption_.interrupt(Interrupt::ClientGone);
}

Task<void> HttpConnection::serve() {
  const Instant deadline = server_.loop_.now() + settings_->header_timeout;
  if (settings_->proxy_protocol) {
    const ProxyHeader header = co_await read_proxy_header(transport_->descriptor(), deadline);
    if (header.state != ProxyHeader::State::Complete) co_return;
    if (header.source) peer_ = *header.source;
  }
  const IoStatus secured = co_await shake_hands(*transport_, deadline);
  if (secured != IoStatus::Ok) co_return;

  draining_ = server_.draining_;
  while (!draining_) {
    if (settings_ != server_.settings_) settings_ = server_.settings_;
    Instant arrived{};
    HeadPtr head = co_await read_head(arrived);
    if (!head) co_return;
    exchange_.begin(std::move(head), *settings_, arrived);
    const bool more = co_await answer();
    exchange_.end();
    if (!more) co_return co_await linger();
  }
  transport_->finish();
}

Task<HeadPtr> HttpConnection::read_head(Instant& arrived) {
  Loop& loop = server_.loop_;
  Instant deadline = loop.now() + settings_->idle_timeout;
  HeadPtr head;
  std::size_t scanned = 0;
  input_.compact();
  for (;;) {
    if (!input_.empty()) {
      if (!head) {
        head = take_head();
        arrived = loop.now();
        deadline = arrived + settings_->header_timeout;
      }
      http1::HeadError error;
      const auto state =
          http1::parse_request_head(input_.filled(), settings_->head, *head, error, scanned);
      if (state == http1::HeadState::Complete) {
        input_.consume(head->size);
        co_return head;
      }
      if (state == http1::HeadState::Failed) {
        co_await refuse(error);
        co_return HeadPtr();
      }
    }
    input_.hold(input_.space().empty() && input_.held() ? input_.capacity() * 2 : Buffer::kBlock);
    const IoResult result = transport_->read(input_.space());
    input_.added(result.bytes);
    if (result.status == IoResult::Status::Done) continue;
    input_.release_if_empty();
    if (result.status != IoResult::Status::WantRead &&
        result.status != IoResult::Status::WantWrite) {
      co_return HeadPtr();
    }
    Descriptor& descriptor = transport_->descriptor();
    const Wake wake = result.status == IoResult::Status::WantRead
                          ? co_await descriptor.readable(deadline)
                          : co_await descriptor.writable(deadline);
    if (wake == Wake::TimedOut) {
      if (head) co_await refuse({408, "request_timeout", "The request head came too slowly."});
      co_return HeadPtr();
    }
  }
}

// True: the connection may serve another request.
Task<bool> HttpConnection::answer() {
  if (draining_ || server_.draining_) exchange_.close_after();
  busy_ = true;
  Descriptor& descriptor = transport_->descriptor();
  descriptor.watch_peer(&peer_watch_);

  if (descriptor.peer_finished() || descriptor.peer_reset()) server_.loop_.queue(peer_watch_);
  bool accident = false;
  try {
    co_await server_.handler_.handle(exchange_);
  } catch (const std::exception& exception) {
    accident = true;
    log::error("http", "a handler failed", {{"what", exception.what()}});
  }
  peer_watch_.cancel();
  descriptor.watch_peer(nullptr);
  busy_ = false;

  if (accident && !exchange_.started()) {
    exchange_.close_after();
    const std::string body =
        server_.handler_.refusal({500, "internal_error", "Something went wrong here."});
    co_await exchange_.respond({.status = 500, .content_type = "application/json"}, body);
  }
  if (!exchange_.ended() || exchange_.broken() || !exchange_.keep_alive()) co_return false;
  co_return exchange_.body_read() || co_await discard_body();
}

// So that the next head is found behind it.
Task<bool> HttpConnection::discard_body() {
  while (!exchange_.body_read()) {
    const auto piece = co_await exchange_.next();
    if (!piece) co_return false;
  }
  co_return true;
}

// Framing doubt: said once, then the connection is closed.
Task<void> HttpConnection::refuse(http1::HeadError error) {
  const std::string body = server_.handler_.refusal(error);
  std::array<char, 256> space;
  http1::HeadWriter head(space);
  head.status_line(error.status);
  head.field("content-type", "application/json");
  head.field("content-length", body.size());
  head.field("connection", "close");
  head.end();
  const std::array<std::string_view, 2> pieces{head.view(), body};
  const IoStatus status = co_await write_all(*transport_, pieces, settings_->write_timeout);
  if (status == IoStatus::Ok) co_await linger();
}

// A close with unread bytes resets the connection and may take our answer with it: so read a
// little.
Task<void> HttpConnection::linger() {
  transport_->finish();
  if (exchange_.broken()) co_return;
  const Instant deadline = server_.loop_.now() + kLingered;
  input_.release();
  input_.hold();
  for (std::size_t bytes = 0; bytes < kLingeredBytes;) {
    const ReadOutcome outcome = co_await read_some(*transport_, input_.space(), deadline);
    if (outcome.status != IoStatus::Ok) break;
    bytes += outcome.bytes;
  }
}

}  // namespace sluice::net
