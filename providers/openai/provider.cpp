#include "providers/openai/provider.h"

#include "base/text.h"
#include "dialect/embeddings.h"
#include "dialect/openai_decoder.h"
#include "dialect/openai_realtime.h"
#include "dialect/openai_request.h"
#include "dialect/refused_fields.h"
#include "dialect/translate.h"
#include "providers/common/call.h"
#include "providers/openai/embedding_plan.h"

#include <algorithm>
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

// Encrypted thoughts in a caller's items that are not OpenAI's.
bool holds_foreign_seals(std::string_view body) {
  constexpr std::string_view kMarks[] = {"\"sluice:", "\"call/sluice:"};
  return std::ranges::any_of(
      kMarks, [&](std::string_view mark) { return body.find(mark) != std::string_view::npos; });
}

bool supports(const Target& target, Operation operation) {
  return !target.kind || target.kind->operations[static_cast<std::size_t>(operation)];
}

bool is_of(const Target& target, Api api) {
  return target.kind && target.kind->api == api;
}

// Of embeddings: nearly all took OpenAI's words for them, two have their own.
Dialect dialect_of_vectors(const Target& target) {
  if (is_of(target, Api::Voyage)) return Dialect::Voyage;
  return target.kind && target.kind->type == "jina" ? Dialect::Jina : Dialect::OpenAi;
}

// Of rankings: nearly all took Cohere's words, which are the callers'.
Dialect dialect_of_rankings(const Target& target) {
  if (is_of(target, Api::Voyage)) return Dialect::Voyage;
  return is_of(target, Api::HuggingFaceTgi) ? Dialect::Tei : Dialect::OpenAi;
}

// The operation by which the target is asked.
Operation operation_for(const Request& request, Dialect spoken) {
  if (!request.traits().is_conversation()) {
    return request.traits().dialect == Dialect::Gemini ? Operation::Embeddings : request.operation;
  }
  if (spoken == Dialect::Responses) return Operation::Responses;
  return spoken == Dialect::Completions ? Operation::Completions : Operation::Chat;
}

}  // namespace

Dialect OpenAiProvider::dialect(const Request& request, const Target& target) const {
  switch (request.operation) {
    case Operation::Responses:
    case Operation::Completions:
      return supports(target, request.operation) ? request.traits().dialect : Dialect::Chat;
    case Operation::Messages:
    case Operation::GenerateContent:
    case Operation::Converse:
      return Dialect::Chat;
    case Operation::Embeddings:
    case Operation::EmbedContent:
    case Operation::BatchEmbedContent:
      return dialect_of_vectors(target);
    case Operation::Rerank:
      return dialect_of_rankings(target);
    case Operation::CountTokens:
    case Operation::CountContent:
      return Dialect::OpenAi;
    default:
      return request.traits().dialect;
  }
}

std::string_view OpenAiProvider::path(const Request& request, const Target& target,
                                      Arena& arena) const {
  switch (request.operation) {
    case Operation::Raw:
    case Operation::StoredResponse:
      return request.path;
    case Operation::Realtime:
      return dialect::realtime_path(request.path, target.model, arena);
    default:
      break;
  }
  const std::string_view path = path_for(operation_for(request, dialect(request, target)));
  // Below a provider's own name the caller's query is for it.
  return request.provider.empty() ? path : arena.join(path, request.query);
}

Result<UpstreamRequest> OpenAiProvider::encode(Context& context, const Request& request,
                                               const Target& target) const {
  Arena& arena = context.draft;
  Target at = target;
  // Rankings are the server's own, beside what it took over from OpenAI.
  const bool beside = request.operation == Operation::Rerank && is_of(target, Api::HuggingFaceTgi);
  if (beside && at.base_path.ends_with("/v1")) at.base_path.remove_suffix(3);
  UpstreamRequest call = begin_call(context, request, at, path(request, target, arena));
  if (request.body) {
    pass_body(call, request, target);
    return call;
  }
  if (request.json.text.empty()) return call;
  const Dialect spoken = dialect(request, target);
  if (spoken == Dialect::Responses && holds_foreign_seals(request.json.text)) {
    // Of a conversation that other providers took part in.
    Request read = request;
    TRY_VOID(dialect::read_conversation(context, read));
    TRY(const std::string_view body,
        dialect::write_conversation(context, read, target, Dialect::Responses));
    set_body(call, body, arena);
    return call;
  }
  if (dialect::differs(request, spoken)) {
    TRY(const std::string_view body, dialect::write_body(context, request, target, spoken));
    set_body(call, body, arena);
    return call;
  }
  dialect::Edits edits{.model = target.model};
  const bool told_when_asked = spoken == Dialect::Chat || spoken == Dialect::Completions;
  if (told_when_asked && request.stream && target.ask_for_usage) {
    edits.ask = dialect::AskForUsage::Yes;
  }
  if (target.kind && !target.kind->quirks.refuses.empty()) {
    TRY(edits.without,
        dialect::drop_refused_fields(context, request, target.kind->quirks, reader()));
  }
  const dialect::EditedBody body = dialect::edit_openai_request(request, edits, reader(), arena);
  call.pieces = body.pieces;
  call.size = body.size;
  return call;
}

ArenaPtr<Plan> OpenAiProvider::plan(Context& context, const Request& request,
                                    const Target& target) const {
  if (!dialect::asks_for_vectors(request.operation) || !target.kind) return nullptr;
  const auto most = static_cast<std::size_t>(target.kind->quirks.most_embeddings);
  // An input and its comma take two bytes at the least.
  if (most == 0 || request.json.text.size() < 2 * most) return nullptr;
  const bool plain = request.operation == Operation::Embeddings;
  if (plain && dialect::EmbeddingBatches::inputs_of(request.json.text, reader()) <= most)
    return nullptr;
  auto whole = encode(context, request, target);
  if (!whole) return nullptr;  // encode() will say why.
  std::string_view body;
  for (const std::string_view piece : whole->pieces) body = context.draft.join(body, piece);
  if (!plain && dialect::EmbeddingBatches::inputs_of(body, reader()) <= most) return nullptr;
  return context.arena.make<EmbeddingPlan>(*whole, body, most, reader(), context.draft);
}

ArenaPtr<Decoder> OpenAiProvider::decoder(Context& context, const Request& request,
                                          const Target& target) const {
  const Dialect spoken = dialect(request, target);
  if (dialect::differs(request, spoken)) {
    return dialect::answer_decoder(context, request, spoken);
  }
  switch (spoken) {
    case Dialect::Chat:
    case Dialect::Completions:
      return dialect::make_chat_decoder(
          context.arena, reader(),
          request.usage_asked ? dialect::UsageEvent::Pass : dialect::UsageEvent::Withhold);
    case Dialect::Responses:
      return request.operation == Operation::Responses
                 ? dialect::make_responses_decoder(context.arena, reader())
                 : dialect::make_plain_decoder(context.arena, reader());
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
