#include "admin/admin_api.h"

#include "admin/access.h"
#include "admin/routes.h"
#include "config/snapshot.h"
#include "dialect/errors.h"

#include <array>

namespace sluice::admin {
namespace {

using net::http1::Method;

Result<const Route*> route_of(const net::http1::RequestHead& head) {
  const std::string_view path = head.target.substr(0, head.target.find('?'));
  const Route* const route = find_route(path);
  if (!route) return fail(ErrorKind::NotFound, "not_found", "There is nothing at this path.");
  const Method method = head.method == Method::Head ? Method::Get : head.method;
  if (method != route->method) {
    return fail(ErrorKind::InvalidRequest, "method_not_allowed",
                "This path takes " + std::string(method_name(route->method)) + " only.");
  }
  return route;
}

// What a browser or a proxy on the way may remember: nothing.
constexpr Field kNotKept{"cache-control", "no-store"};

std::string_view allowed_at(std::string_view target) {
  const Route* const route = find_route(target.substr(0, target.find('?')));
  return route && route->method == Method::Get ? "GET, HEAD" : "POST";
}

}  // namespace

Task<void> AdminApi::handle(net::HttpExchange& exchange) {
  co_await exchange.interruptible(answer(exchange));
}

Task<void> AdminApi::answer(net::HttpExchange& exchange) {
  const auto route = route_of(exchange.head());
  if (!route) co_return co_await refuse(exchange, *route.error());
  const auto snapshot = operator_.config();
  const auto admitted = admit(exchange, (*route)->access, snapshot->config().admin);
  if (!admitted) {
    denials_.tell(exchange, *admitted.error());
    co_return co_await refuse(exchange, *admitted.error());
  }
  const auto made = co_await (*route)->call(operator_, exchange);
  if (!made) co_return co_await refuse(exchange, *made.error());
  const net::HttpAnswer answer{
      .status = made->status, .content_type = made->content_type, .fields = {&kNotKept, 1}};
  co_await exchange.respond(answer, made->body);
}

Task<void> AdminApi::refuse(net::HttpExchange& exchange, const ApiError& error) {
  const std::string body = dialect::error_body(error, Family::OpenAi, {});
  net::HttpAnswer answer{.status = dialect::status_of(error), .content_type = "application/json"};
  std::array<Field, 2> fields{kNotKept, {}};
  if (error.code == "method_not_allowed") {
    fields[1] = {"allow", allowed_at(exchange.head().target)};
  } else if (error.kind == ErrorKind::Unauthenticated) {
    fields[1] = {"www-authenticate", "Bearer"};
  }
  answer.fields = std::span(fields).first(fields[1].name.empty() ? 1 : 2);
  co_await exchange.respond(answer, body);
}

std::string AdminApi::refusal(const net::http1::HeadError& error) {
  return dialect::error_body({.kind = ErrorKind::InvalidRequest,
                              .code = error.code,
                              .message = std::string(error.message)},
                             Family::OpenAi, {});
}

}  // namespace sluice::admin
