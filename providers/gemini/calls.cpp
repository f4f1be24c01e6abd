#include "providers/gemini/calls.h"

#include "base/text.h"
#include "dialect/gemini_codec.h"
#include "dialect/gemini_request.h"
#include "dialect/translate.h"
#include "providers/common/call.h"

namespace sluice::providers {
namespace {

bool says(std::string_view message, std::string_view words) {
  return message.find(words) != std::string_view::npos;
}

// Google refuses keys with 400, too.
bool is_of_the_key(const dialect::GeminiError& told) {
  return told.reason == "API_KEY_INVALID" || told.reason == "API_KEY_SERVICE_BLOCKED" ||
         says(told.message, "API key not valid") || says(told.message, "API key expired");
}

bool is_too_long(const dialect::GeminiError& told) {
  return says(told.message, "input token count") &&
         (says(told.message, "exceeds the maximum") || says(told.message, "exceeds the limit"));
}

// What the word says, where a proxy on the way told another status.
int status_for(int status, const dialect::GeminiError& told) {
  if (is_of_the_key(told) || told.status == "UNAUTHENTICATED") return 401;
  if (told.status == "RESOURCE_EXHAUSTED") return 429;
  if (told.status == "UNAVAILABLE") return 503;
  if (told.status == "DEADLINE_EXCEEDED") return 504;
  if (says(told.message, "payload size exceeds the limit")) return 413;
  return status;
}

}  // namespace

json::Reader& gemini_reader() {
  thread_local json::Reader one;
  return one;
}

bool counts_tokens(const Request& request) {
  return request.operation == Operation::CountTokens ||
         request.operation == Operation::CountContent;
}

bool is_for_gemini(const Request& request) {
  return request.traits().is_conversation() || counts_tokens(request) ||
         request.operation == Operation::Embeddings ||
         request.operation == Operation::EmbedContent ||
         request.operation == Operation::BatchEmbedContent;
}

std::string_view gemini_model(std::string_view name) {
  constexpr std::string_view kPrefix = "models/";
  const std::size_t at = name.rfind(kPrefix);
  return at == std::string_view::npos ? name : name.substr(at + kPrefix.size());
}

std::string_view gemini_verb(const Request& request) {
  switch (request.operation) {
    case Operation::CountTokens:
    case Operation::CountContent:
      return ":countTokens";
    case Operation::EmbedContent:
      return ":embedContent";
    case Operation::Embeddings:
    case Operation::BatchEmbedContent:
      return ":batchEmbedContents";
    default:
      break;
  }
  // Also for callers who want one array: events tell where each element ends.
  return request.stream ? ":streamGenerateContent?alt=sse" : ":generateContent";
}

Result<void> set_gemini_body(Context& context, const Request& request, const Target& target,
                             std::string_view resource, UpstreamRequest& call) {
  const bool conversation = request.traits().is_conversation() || counts_tokens(request);
  if (dialect::differs(request, Dialect::Gemini)) {
    TRY(const std::string_view body,
        conversation ? dialect::write_conversation(context, request, target, Dialect::Gemini)
                     : dialect::write_body(context, request, target, Dialect::Gemini));
    set_body(call, body, context.draft);
    return {};
  }
  if (conversation && dialect::gemini_holds_foreign_seals(request.json.text)) {
    // Of a conversation that other providers took part in.
    Request read = request;
    TRY_VOID(dialect::read_conversation(context, read));
    TRY(const std::string_view body,
        dialect::write_conversation(context, read, target, Dialect::Gemini));
    set_body(call, body, context.draft);
    return {};
  }
  const json::Edited body =
      dialect::edit_gemini_request(request, resource, gemini_reader(), context.draft);
  call.pieces = body.pieces;
  call.size = body.size;
  return {};
}

ArenaPtr<Decoder> gemini_answer_decoder(Context& context, const Request& request) {
  if (auto decoder = dialect::answer_decoder(context, request, Dialect::Gemini)) return decoder;
  return dialect::make_gemini_decoder(context.arena, gemini_reader());
}

ApiError explain_google(int status, std::string_view content_type, std::string_view body) {
  dialect::GeminiError told;
  if (text::iequals(content_type.substr(0, 16), "application/json"))
    told = dialect::read_gemini_error(body, gemini_reader());
  const int meant = status_for(status, told);
  ApiError error = refusal(meant, told.message);
  error.upstream->family = Family::Gemini;
  error.detail = "status " + std::to_string(status) + " " + told.status + " " + told.reason;
  error.retry_after = told.retry_after;
  if (error.code == "upstream_auth") return error;
  error.upstream->body = told.object;
  if (is_too_long(told)) error.code = "context_length_exceeded";
  // Where Google does not serve, another provider may.
  if (told.status == "FAILED_PRECONDITION") error.retry = Retry::OtherTarget;
  return error;
}

}  // namespace sluice::providers
