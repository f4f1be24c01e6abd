#include "dialect/openai_decoding.h"

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

bool says(const Value& error, std::string_view key, std::string_view word) {
  Arena arena;
  const auto value = error.find(key);
  const auto text = value ? value->string(arena) : std::nullopt;
  return text && text->find(word) != std::string_view::npos;
}

bool is_status(const Value& error, std::int64_t status) {
  for (const std::string_view key : {"code", "status", "status_code"}) {
    const auto value = error.find(key);
    if (value && value->integer() == status) return true;
  }
  return false;
}

std::string_view code_of(const Value& error) {
  if (is_status(error, 429)) return "upstream_rate_limited";
  for (const std::string_view key : {"code", "type"}) {
    if (says(error, key, "rate_limit")) return "upstream_rate_limited";
  }
  if (is_status(error, 529) || is_status(error, 503)) return "upstream_overloaded";
  for (const std::string_view key : {"code", "type"}) {
    if (says(error, key, "overloaded")) return "upstream_overloaded";
  }
  return "upstream_error";
}

}  // namespace

std::unexpected<Failure> error_in_answer(const Value& error) {
  Arena arena;
  std::string_view message = "The provider reported an error.";
  std::string_view code = "upstream_error";
  if (error.kind() == Kind::Object) {
    if (const auto text = error.find("message")) message = text->string(arena).value_or(message);
    code = code_of(error);
  } else {
    message = error.string(arena).value_or(message);
  }
  return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                       .code = code,
                       .message = std::string(message),
                       .retry = Retry::OtherTarget});
}

Result<Value> OpenAiDecoder::parse_frame(std::string_view data) {
  auto root = reader_.parse(data);
  if (!root) return malformed_answer("event: " + root.error()->message);
  if (root->kind() != Kind::Object) return malformed_answer("event: not an object");
  return *root;
}

Result<Value> OpenAiDecoder::parse_body(std::string_view text) {
  auto root = reader_.parse(text, {.strict_up_to = 0});
  if (!root) return malformed_answer("body: " + root.error()->message);
  if (root->kind() != Kind::Object) return malformed_answer("body: not an object");
  return *root;
}

}  // namespace sluice::dialect
