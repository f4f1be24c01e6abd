#include "providers/openai/provider.h"

#include "base/text.h"
#include "dialect/openai_decoder.h"
#include "dialect/openai_realtime.h"
#include "dialect/openai_request.h"
#include "providers/common/call.h"

#include <utility>

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

}  // namespace

Dialect OpenAiProvider::dialect(const Request& request, const Target&) const {
  return request.traits().dialect;
}

Result<UpstreamRequest> OpenAiProvider::encode(Context& context, const Request& request,
                                               const Target& target) const {
  Arena& arena = context.draft;
  UpstreamRequest upstream = begin_call(context, request, target, path_of(request, target, arena));
  if (request.body) {
    pass_body(upstream, request, target);
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
  const bool is_json = text::iequals(content_type.substr(0, 16), "application/json");
  std::string message;
  if (is_json) message = dialect::openai_error_message(body, reader());
  const bool whole = is_json && (!message.empty() || reader().parse(body));
  ApiError error = refusal(status, std::move(message));
  if (whole) error.upstream->body = std::string(body);
  return error;
}

}  // namespace sluice::providers
