#include "providers/openai/provider.h"

#include "base/text.h"
#include "dialect/openai_decoder.h"
#include "dialect/openai_realtime.h"
#include "dialect/openai_request.h"

#include <algorithm>

namespace sluice::providers {
namespace {

std::string_view path_for(Operation operation) {
  switch (operation) {
    case Operation::Chat:
      return "/chat/completions";
    case Operation::Completions:
      return "/completions";
    case Operation::Responses:
      return "/responses";
    case Operation::Embeddings:
      return "/embeddings";
    case Operation::Moderations:
      return "/moderations";
    case Operation::Images:
      return "/images/generations";
    case Operation::ImageEdits:
      return "/images/edits";
    case Operation::ImageVariations:
      return "/images/variations";
    case Operation::Transcriptions:
      return "/audio/transcriptions";
    case Operation::Translations:
      return "/audio/translations";
    case Operation::Speech:
      return "/audio/speech";
    case Operation::Rerank:
      return "/rerank";
    default:
      return "";
  }
}

constexpr std::size_t kFields = 16;

json::Reader& reader() {
  thread_local json::Reader one;
  return one;
}

bool asks_for_usage(const Request& request, const Target& target) {
  const bool told_when_asked =
      request.operation == Operation::Chat || request.operation == Operation::Completions;
  return told_when_asked && request.stream && target.ask_for_usage;
}

std::string_view path_of(const Request& request, const Target& target, Arena& arena) {
  switch (request.operation) {
    case Operation::Raw:
      return request.path;
    case Operation::Realtime:
      return dialect::realtime_path(request.path, target.model, arena);
    default:
      return path_for(request.operation);
  }
}

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

std::string message_for(std::string_view code) {
  if (code == "upstream_auth") return "The provider does not accept the gateway's credential.";
  if (code == "upstream_timeout") return "The provider timed out.";
  if (code == "upstream_overloaded") return "The provider is overloaded.";
  if (code == "upstream_rate_limited") return "The provider limits the rate of requests.";
  if (code == "upstream_bad_response")
    return "The provider answered with a status that its API does not know.";
  if (code == "upstream_error") return "The provider failed.";
  return "The provider refused the request.";
}

}  // namespace

Dialect OpenAiProvider::dialect(const Request& request, const Target&) const {
  return request.traits().dialect;
}

Result<UpstreamRequest> OpenAiProvider::encode(Context& context, const Request& request,
                                               const Target& target) const {
  Arena& arena = context.draft;
  UpstreamRequest upstream;
  upstream.method = request.method;
  upstream.path = arena.join(target.base_path, path_of(request, target, arena));

  upstream.fields = FieldList(arena, request.headers.size() + target.headers.size() + kFields);
  if (!request.content_type.empty()) upstream.fields.add("content-type", request.content_type);
  for (const Field& field : request.headers) {
    // What is configured outranks what a caller says.
    const bool configured = std::ranges::any_of(
        target.headers, [&](const Field& fixed) { return text::iequals(fixed.name, field.name); });
    if (!configured) upstream.fields.add(field.name, field.value);
  }
  for (const Field& field : target.headers) upstream.fields.add(field.name, field.value);

  if (request.body) {
    // Whatever the form says: the path may have named the model.
    if (request.form && !target.model.empty()) request.form->rename_model(target.model);
    upstream.body = request.body;
  } else if (!request.json.text.empty()) {
    const auto ask =
        asks_for_usage(request, target) ? dialect::AskForUsage::Yes : dialect::AskForUsage::No;
    const dialect::EditedBody body =
        dialect::edit_openai_request(request, target.model, ask, arena);
    upstream.pieces = body.pieces;
    upstream.size = body.size;
  }
  return upstream;
}

ArenaPtr<Decoder> OpenAiProvider::decoder(Context& context, const Request& request,
                                          const Target&) const {
  switch (request.operation) {
    case Operation::Chat:
    case Operation::Completions:
      return dialect::make_chat_decoder(
          context.arena, reader(),
          request.usage_asked ? dialect::UsageEvent::Pass : dialect::UsageEvent::Withhold);
    case Operation::Responses:
      return dialect::make_responses_decoder(context.arena, reader());
    default:
      return dialect::make_plain_decoder(context.arena, reader());
  }
}

ApiError OpenAiProvider::explain(int status, std::string_view content_type,
                                 std::string_view body) const {
  const std::string_view code = code_for(status);
  ApiError error{
      .kind = ErrorKind::UpstreamUnavailable, .code = code, .message = message_for(code)};
  if (status >= 400 && status < 500 && status != 408 && status != 429) {
    error.kind = ErrorKind::UpstreamRejected;
  }
  error.retry = error.kind == ErrorKind::UpstreamRejected && code != "upstream_auth"
                    ? Retry::Never
                    : Retry::OtherTarget;
  UpstreamError upstream{.status = status};
  if (text::iequals(content_type.substr(0, 16), "application/json")) {
    upstream.message = dialect::openai_error_message(body, reader());
    if (!upstream.message.empty() || reader().parse(body)) upstream.body = std::string(body);
  }
  if (!upstream.message.empty() && code != "upstream_auth") error.message = upstream.message;
  if (code == "upstream_auth") upstream.message.clear();
  error.upstream = std::move(upstream);
  error.detail = "status " + std::to_string(status);
  return error;
}

}  // namespace sluice::providers
