#include "cli/simulator_handler.h"

#include "base/text.h"
#include "cli/playback.h"
#include "dialect/errors.h"

namespace sluice::cli {
namespace {

using net::http1::HeaderId;
using providers::simulator::Problem;

constexpr std::uint64_t kLargestBody = std::uint64_t{64} << 20;

Problem problem_of(const ApiError& error) {
  return {.status = dialect::status_of(error),
          .message = error.message,
          .param = {},
          .code = std::string(error.code)};
}

Problem unwelcome() {
  return {.status = 401,
          .message = "Incorrect API key provided. This simulator was started with another one.",
          .param = {},
          .code = "invalid_api_key"};
}

Task<void> refuse(net::HttpExchange& exchange, Problem problem) {
  const std::string body = problem.body();
  const net::HttpAnswer answer{.status = problem.status, .content_type = "application/json"};
  co_await exchange.respond(answer, body);
}

}  // namespace

Task<void> SimulatorHandler::handle(net::HttpExchange& exchange) {
  co_await exchange.interruptible(answer(exchange));
}

Task<void> SimulatorHandler::answer(net::HttpExchange& exchange) {
  if (!is_welcome(exchange)) co_return co_await refuse(exchange, unwelcome());
  const auto body = co_await exchange.read_body(kLargestBody);
  if (!body) co_return co_await refuse(exchange, problem_of(*body.error()));
  const net::http1::RequestHead& head = exchange.head();
  auto reply = simulator_.respond({.method = head.method_text, .path = head.target, .body = *body},
                                  seed_.fetch_add(1, std::memory_order_relaxed));
  reply.head.wait += options_.delay;
  co_await play(exchange, std::move(reply));
}

bool SimulatorHandler::is_welcome(const net::HttpExchange& exchange) const {
  constexpr std::string_view kScheme = "bearer ";
  if (options_.key.empty()) return true;
  const std::string_view value = exchange.head().fields.value(HeaderId::Authorization);
  return text::iequals(value.substr(0, kScheme.size()), kScheme) &&
         text::trim(value.substr(kScheme.size())) == options_.key;
}

std::string SimulatorHandler::refusal(const net::http1::HeadError& error) {
  return Problem{.status = error.status,
                 .message = std::string(error.message),
                 .param = {},
                 .code = std::string(error.code)}
      .body();
}

}  // namespace sluice::cli
