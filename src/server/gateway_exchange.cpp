#include "server/gateway_exchange.h"

#include "base/text.h"
#include "dialect/caller_request.h"
#include "dialect/converse_error.h"
#include "dialect/errors.h"
#include "server/caller.h"
#include "server/local_answers.h"
#include "server/timing.h"
#include "server/translated.h"

#include <algorithm>
#include <charconv>

namespace sluice::server {
namespace {

using net::http1::HeaderId;

constexpr std::size_t kMostFields = 16;

std::unexpected<Failure> overloaded() {
  return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                       .code = "overloaded",
                       .message = "Too many requests are in flight.",
                       .retry_after = std::chrono::seconds(1)});
}

// The query without "key", which was for us.
std::string_view without_key(std::string_view target, Arena& arena) {
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return target;
  std::string_view rest = target.substr(mark + 1);
  std::string_view kept = target.substr(0, mark);
  for (char joint = '?'; !rest.empty();) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.starts_with("key=")) continue;
    kept = arena.join(kept, std::string_view(&joint, 1), pair);
    joint = '&';
  }
  return kept;
}

std::string_view joined(std::span<const std::string_view> names, Arena& arena) {
  std::string_view all = names.front();
  for (const std::string_view name : names.subspan(1)) all = arena.join(all, ", ", name);
  return all;
}

bool is_trace_parent(std::string_view text) {
  if (text.size() != 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  return text.substr(3, 32).find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

GatewayExchange::GatewayExchange(Gateway& gateway, net::HttpExchange& exchange)
    : gateway_(gateway),
      exchange_(exchange),
      epoch_(gateway.epoch_),
      context_(exchange.arena(), exchange.draft(), exchange.loop()),
      endpoint_(find_endpoint(exchange.head(), exchange.arena())),
      settlement_(gateway_.meters_, exchange, context_, request_, endpoint_, epoch_->pricing) {
  const net::http1::RequestHead& head = exchange_.head();
  Arena& arena = context_.arena;
  // Our epoch holds it: to count it again would cost two atomic operations.
  context_.config = {std::shared_ptr<void>(), epoch_->snapshot.get()};
  context_.arrival = exchange_.arrived();
  context_.deadline = context_.arrival + epoch_->server().timeouts.request;
  context_.family = endpoint_.family;
  context_.id = request_id(head.fields, gateway_.random_, arena);
  if (const auto parent = head.fields.find(HeaderId::Traceparent);
      parent && is_trace_parent(*parent)) {
    context_.trace_parent = arena.keep(*parent);
  }
  context_.head = this;
  request_.operation = endpoint_.operation;
  address_ = caller_address(exchange_.peer(), head.fields, epoch_->server().trusted_proxies);
  const bool itself = address_ == exchange_.peer().ip();
  settlement_.describe(net::http1::method_name(head.method),
                       arena.keep(head.target.substr(0, head.target.find('?'))),
                       itself ? exchange_.peer_name() : arena.keep(address_->text()));
  if (epoch_->snapshot->config().telemetry.metrics.per_key) settlement_.count_by_key();
}

GatewayExchange::~GatewayExchange() {
  if (counted_) gateway_.shared_.in_flight.fetch_sub(1, std::memory_order_relaxed);
  abandon();
  estimate_usage();
}

Task<void> GatewayExchange::run() {
  auto done = co_await answer();
  if (!done) {
    settlement_.failed(*done.error());
    if (!exchange_.started()) co_await refuse(*done.error());
  }
  if (!exchange_.broken()) co_return abandon();
  settlement_.client_gone();
  co_await drain();
}

// Not a coroutine: what a stream holds while it waits are the frames of those that do the work.
Task<Result<void>> GatewayExchange::answer() {
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks): refuse_with() takes it over.
  if (auto refused = check_way(); !refused) return refuse_with(std::move(refused.error()));
  if (preflight_) return answer_preflight();
  if (endpoint_.kind != EndpointKind::Operation) return respond_locally();
  if (endpoint_.operation == Operation::Realtime) return converse();
  return ask();
}

// Everything that the head alone decides.
Result<void> GatewayExchange::check_way() {
  TRY_VOID(check_head());
  if (is_preflight()) return {};
  if (endpoint_.kind == EndpointKind::Missing) {
    return fail(ErrorKind::NotFound, "not_found", "There is nothing at this path.");
  }
  if (!allows(endpoint_, exchange_.head().method_text)) {
    return fail(ErrorKind::InvalidRequest, "method_not_allowed",
                "This path answers " + std::string(endpoint_.methods) + ".");
  }
  const bool for_everyone = endpoint_.kind == EndpointKind::Home ||
                            endpoint_.kind == EndpointKind::Live ||
                            endpoint_.kind == EndpointKind::Ready;
  return for_everyone ? Result<void>() : admit();
}

Task<Result<void>> GatewayExchange::refuse_with(Failure failure) {
  co_return pass_on(failure);
}

Task<Result<void>> GatewayExchange::answer_preflight() {
  const net::HttpAnswer answer{.status = 204, .content_type = {}, .fields = fields()};
  co_await exchange_.respond(answer, {});
  co_return Result<void>();
}

Task<Result<void>> GatewayExchange::ask() {
  exchange_.finish_by(context_.deadline);
  CO_TRY_VOID(co_await read_request());
  exchange_.finish_by(context_.deadline);
  chain_ = epoch_->chain.call(context_, request_, epoch_->router);
  {
    auto answered = co_await chain_.join();
    if (!answered) co_return pass_on(answered.error());
    pull_.begin(std::move(*answered));
  }
  exchange_.finish_by(context_.deadline);  // It may have come closer.
  Reply& reply = pull_.reply();
  CO_TRY_VOID(translate_reply(context_, request_, reply));
  event_stream_ = tells_errors(reply.head.framing);
  if (event_stream_) settlement_.streaming();
  CO_TRY(const bool more, co_await begin_reply(exchange_, pull_, *this));
  if (more) CO_TRY_VOID(co_await continue_reply(exchange_, context_, request_, pull_));
  co_return Result<void>();
}

// A WebSocket lasts as long as both sides want it to.
Task<Result<void>> GatewayExchange::converse() {
  CO_TRY_VOID(read_caller());
  CO_TRY(const RealtimeOpening opening, read_realtime_opening(exchange_, request_));
  if (!endpoint_.model.empty()) request_.model = endpoint_.model;
  const config::ServerSettings& server = epoch_->server();
  RealtimeCaller caller(exchange_, opening, epoch_->router.destinations(), *this, gateway_.reader_,
                        {.message = server.limits.event, .write_timeout = server.timeouts.write});
  exchange_.finish_by(context_.deadline);  // Of the handshake: the session itself has none.
  settlement_.streaming();
  CO_TRY_VOID(co_await epoch_->chain.call(context_, request_, caller));
  co_return Result<void>();
}

Result<void> GatewayExchange::check_head() {
  const net::http1::HeaderTable& fields = exchange_.head().fields;
  if (const auto encoding = fields.find(HeaderId::ContentEncoding);
      encoding && !text::iequals(*encoding, "identity")) {
    return fail(ErrorKind::Unsupported, "unsupported_media_type",
                "Request bodies must not be compressed.");
  }
  if (const auto from = fields.find(HeaderId::Origin)) {
    const auto& allowed = epoch_->server().cors.origins;
    const bool known = std::ranges::any_of(
        allowed, [&](const std::string& one) { return one == "*" || one == *from; });
    if (known) origin_ = context_.arena.keep(*from);
  }
  TRY(const auto timeout, asked_timeout(fields));
  if (timeout) wait_no_longer(*timeout);
  return {};
}

void GatewayExchange::wait_no_longer(Duration timeout) {
  context_.deadline = std::min(context_.deadline, context_.arrival + timeout);
}

bool GatewayExchange::is_preflight() {
  const net::http1::RequestHead& head = exchange_.head();
  preflight_ = head.method == net::http1::Method::Options && !origin_.empty() &&
               head.fields.has(HeaderId::AccessControlRequestMethod);
  if (preflight_)
    asked_headers_ = context_.arena.keep(head.fields.value(HeaderId::AccessControlRequestHeaders));
  return preflight_;
}

// The head phase: what a stranger may cost us ends here.
Result<void> GatewayExchange::admit() {
  const auto limit = epoch_->server().limits.requests_in_flight;
  counted_ = true;
  if (gateway_.shared_.in_flight.fetch_add(1, std::memory_order_relaxed) >= limit)
    return overloaded();
  const net::http1::RequestHead& head = exchange_.head();
  Knock knock{.operation = endpoint_.operation,
              .credential = presented_credential(head),
              .peer = std::nullopt};
  if (address_) knock.peer = address_->bytes;
  context_.credential = context_.draft.keep(knock.credential);
  return epoch_->chain.admit(context_, knock);
}

Result<void> GatewayExchange::read_caller() {
  const net::http1::RequestHead& head = exchange_.head();
  TRY(context_.user, asked_user(head.fields, context_.arena));
  TRY(context_.tags, asked_tags(head.fields, context_.arena));
  context_.explain = head.fields.value(HeaderId::XSluiceExplain) == "true";
  request_.headers =
      forwarded_headers(head.fields, epoch_->server().headers.forward, context_.draft);
  request_.provider = endpoint_.provider;
  request_.content_type = head.fields.value(HeaderId::ContentType);
  const std::string_view target = without_key(head.target, context_.draft);
  if (const std::size_t mark = target.find('?'); mark != std::string_view::npos) {
    request_.query = target.substr(mark);
  }
  context_.drop = asked_drop(head.fields, epoch_->server().drop.policy(), context_.arena);
  context_.drop_asked = head.fields.has(HeaderId::XSluiceDrop);
  context_.account_fields = account_headers(head.fields, context_.draft);
  return {};
}

Task<Result<void>> GatewayExchange::read_form_request() {
  CO_TRY(form_, co_await read_form(exchange_, request_.content_type, gateway_.forms_));
  request_.form = form_.get();
  request_.body = form_.get();
  request_.model = context_.arena.keep(form_->model().value_or(""));
  request_.user = context_.arena.keep(form_->user().value_or(""));
  request_.stream = form_->stream();
  co_return Result<void>();
}

Task<Result<void>> GatewayExchange::read_request() {
  const net::http1::RequestHead& head = exchange_.head();
  const config::ServerSettings& server = epoch_->server();
  CO_TRY_VOID(read_caller());
  const BodyKind kind = request_.traits().body;
  if (kind == BodyKind::Json) {
    CO_TRY(const std::string_view body, co_await exchange_.read_body(server.limits.request_body));
    context_.account.prompt_bytes = body.size();
    const json::Limits limits{.strict_up_to = server.strict_json};
    CO_TRY_VOID(
        dialect::read_caller_request(body, limits, gateway_.reader_, context_.arena, request_));
    request_.content_type = "application/json";
  } else {
    exchange_.limit_body(server.limits.upload);
    if (kind == BodyKind::Multipart) {
      CO_TRY_VOID(co_await read_form_request());
    } else if (exchange_.has_body()) {
      request_.body = &exchange_;
    }
  }
  request_.stream |= endpoint_.stream;
  if (const auto timeout = sdk_timeout(head.fields, request_.stream)) wait_no_longer(*timeout);
  request_.stream_array = endpoint_.stream_array;
  if (kind == BodyKind::Opaque) {
    request_.method = context_.arena.keep(head.method_text);
    request_.path = without_key(endpoint_.rest, context_.draft);
  }
  if (!endpoint_.model.empty()) request_.model = endpoint_.model;
  // Where a model is named, the caller has no say in what it leads to.
  if (request_.model.empty() && request_.provider.empty()) {
    request_.provider = context_.arena.keep(head.fields.value(HeaderId::XSluiceProvider));
  }
  co_return Result<void>();
}

Task<Result<void>> GatewayExchange::respond_locally() {
  if (endpoint_.kind == EndpointKind::Ready &&
      gateway_.shared_.draining.load(std::memory_order_relaxed)) {
    co_return fail(shutting_down());
  }
  CO_TRY(const std::string body, local_answer(endpoint_, *epoch_->snapshot, context_));
  co_await exchange_.respond({.content_type = "application/json", .fields = fields()}, body);
  co_return Result<void>();
}

Task<void> GatewayExchange::refuse(const ApiError& error) {
  if (error.kind == ErrorKind::ClientGone) {
    exchange_.close_after();
    co_return;
  }
  const int status = dialect::status_of(error);
  if (status == 408) exchange_.close_after();
  FieldList list(context_.arena, kMostFields);
  add_own_fields(list);
  if (error.retry_after || status == 503 || status == 429) {
    const auto wait = error.retry_after.value_or(std::chrono::milliseconds(1000));
    list.add("retry-after", context_.arena.keep(std::to_string((wait.count() + 999) / 1000)));
    list.add("retry-after-ms", context_.arena.keep(std::to_string(wait.count())));
  }
  if (status == 405) list.add("allow", endpoint_.methods);
  if (error.upstream) {
    for (const Field& field : context_.refusal_fields) {
      // When to come back was said above.
      if (!text::iequals(field.name.substr(0, 11), "retry-after"))
        list.add(field.name, field.value);
    }
  }
  const bool verbatim = error.upstream && !error.upstream->body.empty() &&
                        error.upstream->family == context_.family &&
                        dialect::keeps_status(error.upstream->status);
  std::string body;
  if (verbatim) {
    body = error.upstream->body;
  } else if (endpoint_.operation == Operation::Converse) {
    list.add("x-amzn-errortype", dialect::converse_error_type(error, status));
    body = dialect::converse_error_body(error);
  } else {
    body = dialect::error_body(error, context_.family, context_.id);
  }
  co_await exchange_.respond(
      {.status = status, .content_type = "application/json", .fields = list.all()}, body);
}

std::optional<std::string_view> GatewayExchange::field(std::string_view name) const {
  return exchange_.head().fields.find(name);
}

std::span<const Field> GatewayExchange::fields() {
  FieldList list(context_.draft, kMostFields);  // Gone with the head.
  add_own_fields(list);
  return list.all();
}

void GatewayExchange::add_own_fields(FieldList& list) {
  Arena& arena = context_.draft;
  list.add("x-request-id", context_.id);
  if (context_.family == Family::Anthropic) list.add("request-id", context_.id);
  if (!origin_.empty()) {
    list.add("access-control-allow-origin", origin_);
    list.add("vary", "origin");
    if (preflight_) {
      list.add("access-control-allow-methods", "GET, POST, OPTIONS");
      list.add("access-control-allow-headers", asked_headers_);
      list.add("access-control-max-age", "600");
    } else {
      list.add("access-control-expose-headers", "*");
    }
  }
  if (!context_.explanation.empty()) list.add("x-sluice-explain", context_.explanation);
  for (const Field& notice : context_.notices) list.add(notice.name, notice.value);
  const Account& account = context_.account;
  const Attempt* teller = account.teller();
  if (!teller) return;
  // Before its first content another provider may still answer a stream.
  if (teller->first_content != Instant() || teller->ended != Instant()) {
    list.add("x-sluice-provider", teller->provider);
    if (!teller->model.empty()) list.add("x-sluice-model", teller->model);
  }
  list.add("x-sluice-attempts", arena.number(account.tries()));
  if (!context_.dropped.empty()) list.add("x-sluice-dropped", joined(context_.dropped, arena));
  if (account.tries() > 1) list.add("x-should-retry", "false");
  if (account.exact() && teller->outcome == Outcome::Answered) {
    const auto charge = epoch_->pricing.charge_of(account);
    if (charge && !charge->estimated) {
      list.add("x-sluice-cost", arena.keep(ledger::usd_text(charge->cost)));
    }
  }
  list.add("server-timing", server_timing(context_, arena));
}

}  // namespace sluice::server
