#include "net/websocket_upstream.h"

#include "base/text.h"
#include "net/http1/chunk.h"
#include "net/http1/grammar.h"
#include "net/http1/head.h"
#include "net/http1/head_writer.h"
#include "net/websocket.h"

#include <algorithm>

namespace sluice::net {
namespace {

using http1::HeaderId;

constexpr int kInterimAnswers = 10;
constexpr std::size_t kRefusalSize = std::size_t{64} * 1024;
constexpr Duration kRefusalTime = std::chrono::seconds(5);

std::unexpected<Failure> broken(std::string_view message, std::string_view detail = {}) {
  return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                       .code = "upstream_bad_response",
                       .message = std::string(message),
                       .detail = std::string(detail),
                       .retry = Retry::OtherTarget});
}

std::string_view compose_head(Context& context, const UpstreamRequest& request,
                              std::string_view host, std::string_view key,
                              std::string_view protocols) {
  std::size_t room = 512 + request.path.size() + host.size() + protocols.size();
  for (const Field& field : request.fields.all()) {
    room += field.name.size() + field.value.size() + 4;
  }
  http1::HeadWriter writer(context.draft.array<char>(room));
  writer.request_line(http1::Method::Get, request.path);
  writer.field(HeaderId::Host, host);
  writer.field(HeaderId::Connection, "Upgrade");
  writer.field(HeaderId::Upgrade, "websocket");
  writer.field(HeaderId::SecWebSocketVersion, "13");
  writer.field(HeaderId::SecWebSocketKey, key);
  if (!protocols.empty()) writer.field(HeaderId::SecWebSocketProtocol, protocols);
  for (const Field& field : request.fields.all()) writer.field(field.name, field.value);
  writer.end();
  return writer.view();
}

bool holds(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {
    if (http1::next_element(list) == wanted) return true;
  }
  return false;
}

// Empty: the switch is proper. Else what is wrong with it.
std::string_view check_switch(const http1::ResponseHead& head, std::string_view key,
                              std::string_view protocols) {
  const http1::HeaderTable& fields = head.fields;
  if (head.minor_version != 1 || fields.has(HeaderId::ContentLength)) return "not a plain 101";
  if (fields.repeated(HeaderId::Upgrade) ||
      !text::iequals(fields.value(HeaderId::Upgrade), "websocket")) {
    return "Upgrade is not websocket";
  }
  if (!fields.lists(HeaderId::Connection, "upgrade")) return "Connection does not say Upgrade";
  if (fields.repeated(HeaderId::SecWebSocketAccept) ||
      fields.value(HeaderId::SecWebSocketAccept) != websocket::accept_value(key)) {
    return "wrong Sec-WebSocket-Accept";
  }
  if (fields.has(HeaderId::SecWebSocketExtensions)) return "an extension nobody offered";
  if (const auto protocol = fields.find(HeaderId::SecWebSocketProtocol)) {
    if (fields.repeated(HeaderId::SecWebSocketProtocol) || !holds(protocols, *protocol)) {
      return "a sub-protocol nobody offered";
    }
  }
  return {};
}

// As much of a refusal's body as comes soon; that it was refused is known already.
Task<std::string> read_refusal(Transport& transport, Buffer& input, bool chunked,
                               std::uint64_t length, Instant deadline) {
  std::string body;
  http1::ChunkDecoder chunks;
  for (;;) {
    std::string_view rest = input.filled();
    while (chunked && !rest.empty()) {
      const http1::ChunkStep step = chunks.next(rest);
      if (step.kind == http1::ChunkStep::Kind::End || step.kind == http1::ChunkStep::Kind::Error) {
        co_return body;
      }
      if (step.kind == http1::ChunkStep::Kind::Data) body += step.data;
    }
    if (!chunked) body += rest.substr(0, length - body.size());
    if (body.size() >= kRefusalSize || (!chunked && body.size() == length)) co_return body;
    input.release();
    input.hold();
    const ReadOutcome outcome = co_await read_some(transport, input.space(), deadline);
    if (outcome.status != IoStatus::Ok) co_return body;
    input.added(outcome.bytes);
  }
}

class Opening {
 public:
  Opening(WebSocketUpstream& upstream, const HttpUpstreamSettings& settings, Context& context)
      : upstream_(upstream), settings_(settings), context_(context) {}

  Task<Result<void>> read_answer(std::string_view key, std::string_view protocols,
                                 Instant deadline) {
    http1::ResponseHead head;
    CO_TRY_VOID(co_await read_head(head, deadline));
    Buffer& input = upstream_.input;
    upstream_.status = head.status;
    if (head.status == 101) {
      const std::string_view wrong = check_switch(head, key, protocols);
      if (!wrong.empty()) {
        co_return broken("The provider's answer to the WebSocket handshake is wrong.", wrong);
      }
      upstream_.protocol = head.fields.value(HeaderId::SecWebSocketProtocol);
      input.consume(head.size);
      co_return Result<void>();
    }
    upstream_.content_type = head.fields.value(HeaderId::ContentType);
    const bool chunked = head.chunked;
    const std::uint64_t length =
        head.ends_with_head() ? 0 : head.content_length.value_or(kRefusalSize);
    input.consume(head.size);
    const Instant soon = std::min(deadline, context_.clock.now() + kRefusalTime);
    upstream_.body =
        co_await read_refusal(upstream_.lease.transport(), input, chunked, length, soon);
    co_return Result<void>();
  }

 private:
  Task<Result<void>> read_head(http1::ResponseHead& head, Instant deadline) {
    Buffer& input = upstream_.input;
    http1::HeadLimits limits;
    limits.max_head = settings_.head_limit;
    std::size_t scanned = 0;
    for (int interim = 0;;) {
      if (!input.empty()) {
        http1::HeadError error;
        const auto state = http1::parse_response_head(input.filled(), limits, head, error, scanned);
        if (state == http1::HeadState::Failed) {
          co_return broken("The provider's answer is not HTTP/1.1.", error.message);
        }
        if (state == http1::HeadState::Complete) {
          if (head.status == 101 || head.status >= 200) co_return Result<void>();
          if (++interim > kInterimAnswers) {
            co_return broken("The provider sent only interim answers.");
          }
          input.consume(head.size);
          scanned = 0;
          continue;
        }
      }
      input.hold(input.held() && input.space().empty() ? input.capacity() * 2 : Buffer::kBlock);
      const ReadOutcome outcome =
          co_await read_some(upstream_.lease.transport(), input.space(), deadline);
      if (outcome.status == IoStatus::TimedOut) {
        co_return fail(ApiError{.kind = ErrorKind::DeadlineExceeded,
                                .code = "upstream_timeout",
                                .message = "The provider did not answer in time.",
                                .retry = Retry::OtherTarget});
      }
      if (outcome.status != IoStatus::Ok) {
        co_return broken("The provider closed the connection before its answer was complete.");
      }
      input.added(outcome.bytes);
    }
  }

  WebSocketUpstream& upstream_;
  const HttpUpstreamSettings& settings_;
  Context& context_;
};

}  // namespace

Task<Result<WebSocketUpstream>> HttpWebSocketDialer::open_websocket(Context& context,
                                                                    const UpstreamRequest& request,
                                                                    std::string_view protocols,
                                                                    Attempt& attempt) {
  const Instant asked = context.clock.now();
  WebSocketUpstream upstream;
  CO_TRY(upstream.lease,
         co_await pool_->acquire(std::min(context.deadline, asked + settings_->connect_timeout),
                                 Freshness::New));
  attempt.connecting = context.clock.now() - asked;

  const std::string key = websocket::new_key();
  const std::string_view head = compose_head(context, request, settings_->host, key, protocols);
  const IoStatus written =
      co_await write_all(upstream.lease.transport(), {&head, 1}, settings_->write_timeout);
  if (written != IoStatus::Ok) {
    co_return broken("The provider closed the connection before it took the request.");
  }
  attempt.sent = context.clock.now();

  Opening opening(upstream, *settings_, context);
  const Instant answer_by = std::min(context.deadline, attempt.sent + settings_->answer_timeout);
  CO_TRY_VOID(co_await opening.read_answer(key, protocols, answer_by));
  attempt.status = upstream.status;
  co_return upstream;
}

}  // namespace sluice::net
