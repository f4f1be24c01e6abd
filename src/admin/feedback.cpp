#include "admin/calls.h"
#include "base/json.h"
#include "base/json_writer.h"

#include <string>

namespace sluice::admin {
namespace {

constexpr std::uint64_t kLargestRating = std::uint64_t{16} << 10;

std::unexpected<Failure> refuse(std::string message, std::string param) {
  return fail(ApiError{.kind = ErrorKind::InvalidRequest,
                       .code = "invalid_request",
                       .message = std::move(message),
                       .param = std::move(param)});
}

Result<Answer> tell(routing::Feedback feedback) {
  switch (feedback) {
    case routing::Feedback::Repeated:
      return fail(ErrorKind::InvalidRequest, "conflict", "This request was rated before.");
    case routing::Feedback::Unknown:
      return fail(ErrorKind::NotFound, "not_found",
                  "No group of the strategy learned has answered such a request lately.");
    case routing::Feedback::Noted:
      break;
  }
  Answer answer;
  json::Writer(answer.body).begin_object().member("status", "noted").end_object();
  return answer;
}

}  // namespace

Task<Result<Answer>> feedback(Operator& gateway, net::HttpExchange& exchange) {
  CO_TRY(const std::string_view text, co_await exchange.read_body(kLargestRating));
  json::Reader reader;
  CO_TRY(const json::Value rating, reader.parse(text));
  const auto id = rating.find("request_id");
  const auto name = id ? id->string(exchange.arena()) : std::nullopt;
  if (!name || name->empty()) {
    co_return refuse("request_id is required: what x-request-id of the answer says.", "request_id");
  }
  const auto member = rating.find("score");
  const auto score = member ? member->number() : std::nullopt;
  if (!score || *score < 0 || *score > 1) {
    co_return refuse("score is required: a number from 0 (useless) to 1 (perfect).", "score");
  }
  co_return tell(gateway.feedback(*name, *score));
}

}  // namespace sluice::admin
