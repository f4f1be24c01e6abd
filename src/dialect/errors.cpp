#include "dialect/errors.h"

#include "base/json_writer.h"

#include <algorithm>
#include <array>

namespace sluice::dialect {
namespace {

constexpr std::string_view kInvalid = "invalid_request_error";
constexpr std::string_view kArgument = "INVALID_ARGUMENT";

constexpr ErrorRow refusal(std::string_view code, int status) {
  return {code, status, kInvalid, kInvalid, kArgument};
}

constexpr std::array kRows{
    ErrorRow{"internal_error", 500, "api_error", "api_error", "INTERNAL"},
    refusal("invalid_json", 400),
    refusal("invalid_request", 400),
    refusal("unsupported_parameter", 400),
    refusal("context_length_exceeded", 400),
    refusal("content_blocked", 400),
    ErrorRow{"invalid_api_key", 401, "authentication_error", "authentication_error",
             "UNAUTHENTICATED"},
    ErrorRow{"expired_api_key", 401, "authentication_error", "authentication_error",
             "UNAUTHENTICATED"},
    ErrorRow{"revoked_api_key", 401, "authentication_error", "authentication_error",
             "UNAUTHENTICATED"},
    ErrorRow{"model_not_allowed", 403, "permission_error", "permission_error", "PERMISSION_DENIED"},
    ErrorRow{"ip_not_allowed", 403, "permission_error", "permission_error", "PERMISSION_DENIED"},
    ErrorRow{"operation_not_allowed", 403, "permission_error", "permission_error",
             "PERMISSION_DENIED"},
    ErrorRow{"model_not_found", 404, kInvalid, "not_found_error", "NOT_FOUND"},
    ErrorRow{"not_found", 404, kInvalid, "not_found_error", "NOT_FOUND"},
    refusal("method_not_allowed", 405),
    refusal("request_timeout", 408),
    refusal("conflict", 409),
    refusal("length_required", 411),
    ErrorRow{"request_too_large", 413, kInvalid, "request_too_large", kArgument},
    refusal("uri_too_long", 414),
    refusal("unsupported_media_type", 415),
    refusal("expectation_failed", 417),
    refusal("headers_too_large", 431),
    refusal("not_implemented", 501),
    refusal("version_not_supported", 505),
    ErrorRow{"rate_limit_exceeded", 429, "rate_limit_error", "rate_limit_error",
             "RESOURCE_EXHAUSTED"},
    ErrorRow{"tokens_exceeded", 429, "rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED"},
    ErrorRow{"concurrency_exceeded", 429, "rate_limit_error", "rate_limit_error",
             "RESOURCE_EXHAUSTED"},
    ErrorRow{"upstream_rate_limited", 429, "rate_limit_error", "rate_limit_error",
             "RESOURCE_EXHAUSTED"},
    ErrorRow{"upstream_error", 502, "api_error", "api_error", "INTERNAL"},
    ErrorRow{"upstream_bad_response", 502, "api_error", "api_error", "INTERNAL"},
    ErrorRow{"upstream_auth", 502, "api_error", "api_error", "INTERNAL"},
    ErrorRow{"overloaded", 503, "overloaded_error", "overloaded_error", "UNAVAILABLE"},
    ErrorRow{"no_healthy_target", 503, "overloaded_error", "overloaded_error", "UNAVAILABLE"},
    ErrorRow{"draining", 503, "overloaded_error", "overloaded_error", "UNAVAILABLE"},
    ErrorRow{"upstream_overloaded", 503, "overloaded_error", "overloaded_error", "UNAVAILABLE"},
    ErrorRow{"upstream_timeout", 504, "timeout_error", "api_error", "DEADLINE_EXCEEDED"},
};

void write_upstream(json::Writer& writer, const ApiError& error) {
  if (!error.upstream) return;
  writer.key("upstream").begin_object();
  writer.member("status", error.upstream->status);
  writer.member("message", error.upstream->message);
  writer.end_object();
}

void write_openai(json::Writer& writer, const ApiError& error, const ErrorRow& row) {
  writer.begin_object().key("error").begin_object();
  writer.member("message", error.message);
  writer.member("type", row.openai_type);
  if (error.param.empty()) {
    writer.key("param").null();
  } else {
    writer.member("param", error.param);
  }
  writer.member("code", row.code);
  write_upstream(writer, error);
  writer.end_object().end_object();
}

void write_anthropic(json::Writer& writer, const ApiError& error, const ErrorRow& row,
                     std::string_view id) {
  writer.begin_object().member("type", "error").key("error").begin_object();
  writer.member("type", row.anthropic_type);
  writer.member("message", std::string(row.code) + ": " + error.message);
  write_upstream(writer, error);
  writer.end_object();
  writer.member("request_id", id).end_object();
}

void write_gemini(json::Writer& writer, const ApiError& error, const ErrorRow& row, int status) {
  writer.begin_object().key("error").begin_object();
  writer.member("code", status);
  writer.member("message", error.message);
  writer.member("status", row.gemini_status);
  writer.key("details").begin_array().begin_object().member("reason", row.code);
  write_upstream(writer, error);
  writer.end_object().end_array().end_object().end_object();
}

}  // namespace

const ErrorRow& error_row(std::string_view code) {
  const auto* row = std::ranges::find(kRows, code, &ErrorRow::code);
  return row == kRows.end() ? kRows.front() : *row;
}

bool keeps_status(int provider_status) {
  constexpr std::array kept{400, 404, 409, 413, 422, 429, 529};
  return std::ranges::find(kept, provider_status) != kept.end();
}

int status_of(const ApiError& error) {
  if (error.upstream && keeps_status(error.upstream->status)) return error.upstream->status;
  return error_row(error.code).status;
}

std::string error_body(const ApiError& error, Family family, std::string_view request_id) {
  const ErrorRow& row = error_row(error.code);
  std::string text;
  json::Writer writer(text);
  switch (family) {
    case Family::OpenAi:
      write_openai(writer, error, row);
      break;
    case Family::Anthropic:
      write_anthropic(writer, error, row, request_id);
      break;
    case Family::Gemini:
      write_gemini(writer, error, row, status_of(error));
      break;
  }
  return text;
}

std::string error_event(const ApiError& error, Family family, std::string_view request_id) {
  const std::string_view start = family == Family::Anthropic ? "event: error\ndata: " : "data: ";
  return std::string(start) + error_body(error, family, request_id) + "\n\n";
}

}  // namespace sluice::dialect
