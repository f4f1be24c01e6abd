// One HTTP/1.1 request and its answer on a server's connection: the body is read when somebody asks
// for it, the answer is framed here. The connection (http_connection.h) owns the exchange.
#pragma once

#include "sluice/arena.h"
#include "sluice/error.h"
#include "sluice/request.h"

#include "net/address.h"
#include "net/buffer.h"
#include "net/head_pool.h"
#include "net/http1/chunk.h"
#include "net/http1/head.h"
#include "net/interruption.h"
#include "net/transport.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice::net {

struct HttpServerSettings {
  http1::HeadLimits head;
  Duration header_timeout = std::chrono::seconds(10);
  Duration body_timeout = std::chrono::seconds(30);  // The longest pause inside a body.
  Duration idle_timeout = std::chrono::seconds(75);
  Duration write_timeout = std::chrono::seconds(60);
  bool half_close = false;      // A caller's FIN only means "no more requests".
  bool proxy_protocol = false;  // Connections begin with a PROXY header.
};

struct HttpAnswer {
  int status = 200;
  std::string_view content_type;             // Empty: no such header.
  std::optional<std::uint64_t> length = {};  // Unknown: chunked, or until the end for HTTP/1.0.
  std::span<const Field> fields = {};        // Checked and written as they are.
  std::span<const Field> more_fields = {};
};

enum class Last : bool { No, Yes };

class HttpExchange final : public BodySource {
 public:
  HttpExchange(Transport& transport, Buffer& input, Interruption& interruption,
               const SocketAddress& peer);

  // ---- The request
  const http1::RequestHead& head() const { return *head_; }
  const SocketAddress& peer() const { return peer_; }
  // Its address without a port, or "unix"; lives as long as the connection.
  std::string_view peer_name() const;
  Loop& loop() const { return transport_.descriptor().loop(); }
  Instant arrived() const { return arrived_; }
  Arena& arena() { return arena_; }  // Lives to the end of the exchange.
  Arena& draft() { return draft_; }  // Until release_request().

  bool has_body() const { return body_state_ != BodyState::None; }
  bool body_read() const {
    return body_state_ == BodyState::None || body_state_ == BodyState::Done;
  }
  // The whole body. Failures: request_too_large, request_timeout, invalid_request, client gone.
  Task<Result<std::string_view>> read_body(std::uint64_t limit);
  // Or piece by piece, up to the limit in all.
  void limit_body(std::uint64_t limit) { body_limit_ = limit; }
  std::optional<std::uint64_t> size() const override { return announced_; }
  Task<Result<std::string_view>> next() override;
  std::uint64_t body_bytes() const { return body_bytes_; }

  // Nobody looks at the head, the body or the draft any more: their memory goes back while the
  // answer is under way.
  void release_request();

  // co_await interruptible(task) → None, or why the task was cut short: the caller has gone,
  // finish_by() has come, we shut down. Whatever it awaited is abandoned.
  auto interruptible(Task<void> task) { return interruption_.run(std::move(task)); }
  void finish_by(Instant deadline) { interruption_.interrupt_at(deadline); }

  // The caller has gone, but what was begun for it may go on: it is told nothing any more, and its
  // leaving interrupts nothing.
  void go_on_alone();

  // ---- The answer: respond(), or start(), send()…; a piece that is Last ends it. False: the
  // caller cannot be reached any more.
  Task<bool> respond(const HttpAnswer& answer, std::string_view body);
  Task<bool> start(const HttpAnswer& answer, std::span<const std::string_view> pieces, Last last);
  Task<bool> send(std::span<const std::string_view> pieces, Last last);
  bool started() const { return started_; }
  bool ended() const { return ended_; }
  // Nothing can be said any more: a write failed, or was cut short in the middle.
  bool broken() const { return broken_ || writing_; }
  int status() const { return status_; }
  std::uint64_t bytes_sent() const { return bytes_sent_; }

  void close_after() { keep_alive_ = false; }
  bool keep_alive() const { return keep_alive_; }

  // For a protocol that takes the connection over, after a 101 was sent.
  Transport& transport() { return transport_; }
  Buffer& input() { return input_; }

 private:
  friend class HttpConnection;

  enum class BodyState : std::uint8_t { None, Expected, Length, Chunked, Done };

  // The head's views point into `input`, which has consumed it.
  void begin(HeadPtr head, const HttpServerSettings& settings, Instant arrived);
  void end();

  Task<Result<void>> fill(Buffer& buffer, std::size_t most);
  bool must_invite();
  Task<Result<void>> invite_body();
  std::string_view take_sized();
  Task<Result<std::string_view>> read_later();
  Task<Result<std::string_view>> read_sized();
  Task<Result<std::string_view>> read_chunked();
  Task<Result<std::string_view>> next_sized();
  Task<Result<std::string_view>> next_chunk();
  void set_head_apart();
  Task<bool> write(std::span<const std::string_view> pieces);
  Task<bool> finish_write(Task<IoStatus> rest);
  std::string_view compose_head(const HttpAnswer& answer);
  bool can_keep_alive() const;

  Transport& transport_;
  Buffer& input_;
  Interruption& interruption_;
  const SocketAddress& peer_;
  mutable std::string peer_name_;
  const HttpServerSettings* settings_ = nullptr;

  HeadPtr head_;
  Instant arrived_{};
  Arena arena_;
  Arena draft_;

  BodyState body_state_ = BodyState::None;
  std::optional<std::uint64_t> announced_;
  std::uint64_t body_limit_ = UINT64_MAX;
  std::uint64_t body_bytes_ = 0;  // Of content, so far.
  std::uint64_t body_left_ = 0;   // Of an announced length.
  Instant body_begun_{};
  http1::ChunkDecoder chunks_;
  Buffer body_;        // A whole body that does not fit behind its head.
  Buffer head_block_;  // The head, when the input had to go on without it.
  bool expects_invitation_ = false;
  bool invited_ = false;

  bool head_only_ = false;    // The request was HEAD.
  bool old_version_ = false;  // HTTP/1.0: no chunks.
  bool chunked_out_ = false;
  bool bodiless_ = false;  // The answer has no body, whatever is sent.
  std::uint64_t length_left_ = 0;
  std::array<char, http1::kMaxChunkHead> chunk_head_;  // While it is written.
  bool started_ = false;
  bool ended_ = false;
  bool broken_ = false;
  bool writing_ = false;
  bool alone_ = false;
  bool keep_alive_ = true;
  int status_ = 0;
  std::uint64_t bytes_sent_ = 0;
};

}  // namespace sluice::net
