#include "server/realtime.h"

#include "dialect/openai_realtime.h"
#include "net/http1/grammar.h"
#include "net/websocket.h"
#include "net/websocket_upstream.h"
#include "routing/outcome.h"
#include "server/realtime_session.h"

#include <algorithm>
#include <array>

namespace sluice::server {
namespace {

using net::http1::HeaderField;
using net::http1::HeaderId;

constexpr std::size_t kMostFields = 24;

std::unexpected<Failure> refused(std::string_view message) {
  return fail(ErrorKind::InvalidRequest, "invalid_request", std::string(message));
}

// A browser cannot set headers: its key, and more that is not for the provider, rides in this list.
bool may_go_on(std::string_view protocol) {
  return protocol == "realtime" || protocol.starts_with("openai-beta.");
}

Result<std::string_view> offered_protocols(const net::http1::HeaderTable& fields, Arena& arena) {
  std::string_view offered;
  for (const HeaderField field : fields) {
    if (field.id != HeaderId::SecWebSocketProtocol) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      const std::string_view protocol = net::http1::next_element(rest);
      if (!net::http1::is_token(protocol)) return refused("Sec-WebSocket-Protocol is malformed.");
      if (!may_go_on(protocol)) continue;
      offered = offered.empty() ? arena.keep(protocol) : arena.join(offered, ", ", protocol);
    }
  }
  return offered;
}

// Nothing may come before our 101: who sends ahead counts on a server that does not understand the
// upgrade, and takes what follows for requests.
bool sent_ahead(net::HttpExchange& exchange) {
  if (!exchange.input().empty()) return true;
  char unexpected;
  return exchange.transport().read({&unexpected, 1}).status == net::IoResult::Status::Done;
}

std::unexpected<Failure> refuse_bytes_ahead(net::HttpExchange& exchange) {
  exchange.close_after();
  return refused("Nothing may be sent before the handshake is answered.");
}

}  // namespace

Result<RealtimeOpening> read_realtime_opening(net::HttpExchange& exchange, Request& request) {
  const net::http1::RequestHead& head = exchange.head();
  Arena& arena = exchange.arena();
  if (!head.upgrade_websocket) return refused("This path speaks WebSocket only.");
  if (head.fields.repeated(HeaderId::SecWebSocketVersion) ||
      head.fields.value(HeaderId::SecWebSocketVersion) != "13") {
    return refused("Sec-WebSocket-Version must be 13.");
  }
  const std::string_view key = head.fields.value(HeaderId::SecWebSocketKey);
  if (head.fields.repeated(HeaderId::SecWebSocketKey) || !net::websocket::is_key(key)) {
    return refused("Sec-WebSocket-Key is malformed.");
  }
  if (sent_ahead(exchange)) return refuse_bytes_ahead(exchange);

  RealtimeOpening opening{.key = arena.keep(key), .protocols = {}};
  TRY(opening.protocols, offered_protocols(head.fields, arena));
  request.method = "GET";
  request.path = arena.keep(head.target);
  request.body = nullptr;
  request.content_type = {};
  request.model = dialect::realtime_model(request.path, arena).value_or(std::string_view());
  return opening;
}

Task<Result<Reply>> RealtimeCaller::call(Context& context, Request& request) {
  const Candidate& candidate = request.candidates.front();
  const routing::Destination& destination = destinations_[candidate.provider];
  if (destination.has_no_key || !destination.websockets) {
    co_return fail(ErrorKind::UpstreamUnavailable, "no_healthy_target",
                   "The provider \"" + destination.name + "\" has no " +
                       (destination.websockets ? "key." : "realtime API here."));
  }
  const Target target{.provider = destination.name,
                      .model = candidate.model,
                      .base_path = destination.base_path,
                      .headers = destination.headers};
  Attempt& attempt = context.account.begin_attempt(context.arena, target.provider, target.model,
                                                   context.clock.now());
  attempt.kind = destination.kind;
  auto held = co_await converse(context, request, destination, target, attempt);
  if (!held) {
    attempt.outcome = routing::outcome_of(*held.error());
    attempt.ended = context.clock.now();
    co_return pass_on(held.error());
  }
  ReplyHead switched;
  switched.status = 101;
  co_return Reply{.head = switched, .items = nullptr};
}

Task<Result<void>> RealtimeCaller::converse(Context& context, const Request& request,
                                            const routing::Destination& destination,
                                            const Target& target, Attempt& attempt) {
  CO_TRY(UpstreamRequest wanted, destination.provider->encode(context, request, target));
  CO_TRY_VOID(co_await destination.credential->sign(context, wanted));
  CO_TRY(net::WebSocketUpstream upstream, co_await destination.websockets->open_websocket(
                                              context, wanted, opening_.protocols, attempt));
  if (upstream.status != 101) {
    ApiError error =
        destination.provider->explain(upstream.status, upstream.content_type, upstream.body);
    co_return fail(std::move(error));
  }
  if (sent_ahead(exchange_)) co_return refuse_bytes_ahead(exchange_);

  FieldList answer(context.arena, kMostFields);
  answer.add("connection", "Upgrade");
  answer.add("upgrade", "websocket");
  answer.add("sec-websocket-accept",
             context.arena.keep(net::websocket::accept_value(opening_.key)));
  if (!upstream.protocol.empty()) answer.add("sec-websocket-protocol", upstream.protocol);
  // From here on the session has no deadline, and its own end.
  exchange_.finish_by(kNever);
  const bool told = co_await exchange_.start(
      {.status = 101, .content_type = {}, .fields = answer.all(), .more_fields = fields_.fields()},
      {}, net::Last::No);
  context.head = nullptr;
  exchange_.release_request();
  if (!told) co_return Result<void>();
  RealtimeSession session(exchange_, upstream, context, attempt, reader_, limits_);
  co_await session.run();
  co_return Result<void>();
}

}  // namespace sluice::server
