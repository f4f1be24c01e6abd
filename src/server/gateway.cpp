#include "server/gateway.h"

#include "dialect/errors.h"
#include "server/gateway_exchange.h"

namespace sluice::server {

Task<void> Gateway::handle(net::HttpExchange& exchange) {
  GatewayExchange one(*this, exchange);
  const net::Interrupt why = co_await exchange.interruptible(one.run());
  if (why != net::Interrupt::None) co_await one.interrupted(why);
}

// What is no request has no family either.
std::string Gateway::refusal(const net::http1::HeadError& error) {
  ApiError told{
      .kind = ErrorKind::InvalidRequest, .code = error.code, .message = std::string(error.message)};
  meters_.counters
      .cell(metrics::Family::Rejected,
            meters_.registry.names().id(metrics::NameKind::Reason, error.code))
      .add(1);
  return dialect::error_body(told, Family::OpenAi, {});
}

}  // namespace sluice::server
