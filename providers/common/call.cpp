#include "providers/common/call.h"

#include "base/text.h"

#include <algorithm>
#include <utility>

namespace sluice::providers {
namespace {

// Of a credential and of what is the provider's own, beside those told here.
constexpr std::size_t kMoreFields = 16;

std::string_view code_for(int status) {
  switch (status) {
    case 401:
    case 402:
    case 403:
      return "upstream_auth";
    case 404:
      return "not_found";
    case 408:
    case 504:
      return "upstream_timeout";
    case 409:
      return "conflict";
    case 413:
      return "request_too_large";
    case 400:
    case 422:
      return "invalid_request";
    case 429:
      return "upstream_rate_limited";
    case 503:
    case 529:
      return "upstream_overloaded";
    default:
      return status >= 500 ? "upstream_error" : "upstream_bad_response";
  }
}

std::string_view message_for(std::string_view code) {
  if (code == "upstream_auth") return "The provider does not accept the gateway's credential.";
  if (code == "upstream_timeout") return "The provider timed out.";
  if (code == "upstream_overloaded") return "The provider is overloaded.";
  if (code == "upstream_rate_limited") return "The provider limits the rate of requests.";
  if (code == "upstream_bad_response")
    return "The provider answered with a status that its API does not know.";
  if (code == "upstream_error") return "The provider failed.";
  return "The provider refused the request.";
}

bool is_unreserved(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

}  // namespace

UpstreamRequest begin_call(Context& context, const Request& request, const Target& target,
                           std::string_view path) {
  Arena& arena = context.draft;
  UpstreamRequest call;
  call.method = request.method;
  call.path = arena.join(target.base_path, path);
  call.fields = FieldList(arena, request.headers.size() + target.headers.size() + kMoreFields);
  if (!request.content_type.empty()) call.fields.add("content-type", request.content_type);
  for (const Field& field : request.headers) {
    // What is configured outranks what a caller says.
    const bool configured = std::ranges::any_of(
        target.headers, [&](const Field& fixed) { return text::iequals(fixed.name, field.name); });
    if (!configured) call.fields.add(field.name, field.value);
  }
  for (const Field& field : target.headers) call.fields.add(field.name, field.value);
  return call;
}

UpstreamRequest repeated(const UpstreamRequest& call, Arena& arena) {
  UpstreamRequest again = call;
  again.fields = FieldList(arena, call.fields.all().size() + kMoreFields);
  for (const Field& field : call.fields.all()) again.fields.add(field.name, field.value);
  return again;
}

void set_body(UpstreamRequest& call, std::string_view body, Arena& arena) {
  call.pieces = arena.array_of(body);
  call.size = body.size();
}

void pass_body(UpstreamRequest& call, const Request& request, const Target& target) {
  // Whatever the form says: the path may have named the model.
  if (request.form && !target.model.empty()) request.form->rename_model(target.model);
  call.body = request.body;
}

ApiError refusal(int status, std::string message) {
  const std::string_view code = code_for(status);
  ApiError error{.kind = ErrorKind::UpstreamUnavailable,
                 .code = code,
                 .message = std::string(message_for(code))};
  if (status >= 400 && status < 500 && status != 408 && status != 429) {
    error.kind = ErrorKind::UpstreamRejected;
  }
  error.retry = error.kind == ErrorKind::UpstreamRejected && code != "upstream_auth"
                    ? Retry::Never
                    : Retry::OtherTarget;
  error.detail = "status " + std::to_string(status);
  error.upstream.emplace();
  error.upstream->status = status;
  // What it says of our credential is not for callers.
  if (code == "upstream_auth" || message.empty()) return error;
  error.message = message;
  error.upstream->message = std::move(message);
  return error;
}

std::string_view path_segment(std::string_view name, Arena& arena) {
  if (std::ranges::all_of(name, is_unreserved)) return name;
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const auto escaped = arena.array<char>(3 * name.size());
  std::size_t size = 0;
  for (const char byte : name) {
    if (is_unreserved(byte)) {
      escaped[size++] = byte;
      continue;
    }
    const auto value = static_cast<unsigned char>(byte);
    escaped[size++] = '%';
    escaped[size++] = kHex[value >> 4];
    escaped[size++] = kHex[value & 15];
  }
  return {escaped.data(), size};
}

}  // namespace sluice::providers
