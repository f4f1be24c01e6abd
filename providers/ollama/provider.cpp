#include "providers/ollama/provider.h"

#include "base/json.h"
#include "dialect/embeddings.h"
#include "dialect/ollama.h"
#include "dialect/translate.h"
#include "providers/common/call.h"
#include "providers/common/error_message.h"

namespace sluice::providers {
namespace {

constexpr std::string_view kPrefix = "/v1";

json::Reader& reader() {
  thread_local json::Reader one;
  return one;
}

bool is_native_embedding(const Request& request) {
  return dialect::asks_for_vectors(request.operation) && request.dialect() != Dialect::OpenAi;
}

// What OpenAI's callers did not begin.
bool is_native(const Request& request) {
  if (is_native_embedding(request)) return true;
  return request.traits().is_conversation() && request.dialect() != Dialect::Chat &&
         request.dialect() != Dialect::Completions;
}

// The base may be told with the path that is like OpenAI's, or without.
Target like_openai(const Target& target, Arena& arena) {
  Target at = target;
  if (!at.base_path.ends_with(kPrefix)) at.base_path = arena.join(at.base_path, kPrefix);
  return at;
}

Target without_prefix(const Target& target) {
  Target at = target;
  if (at.base_path.ends_with(kPrefix)) at.base_path.remove_suffix(kPrefix.size());
  return at;
}

bool is_too_long(std::string_view message) {
  return message.find("exceeds maximum context length") != std::string_view::npos ||
         message.find("exceeds the context length") != std::string_view::npos ||
         message.find("exceeds the available context size") != std::string_view::npos;
}

}  // namespace

Dialect OllamaProvider::dialect(const Request& request, const Target& target) const {
  return is_native(request) ? Dialect::Ollama : like_openai_.dialect(request, target);
}

Result<UpstreamRequest> OllamaProvider::encode(Context& context, const Request& request,
                                               const Target& target) const {
  Arena& arena = context.draft;
  if (request.operation == Operation::Raw)
    return like_openai_.encode(context, request, without_prefix(target));
  if (!is_native(request)) return like_openai_.encode(context, request, like_openai(target, arena));
  const std::string_view path = is_native_embedding(request) ? "/api/embed" : "/api/chat";
  UpstreamRequest call = begin_call(context, request, without_prefix(target), path);
  TRY(const std::string_view body, dialect::write_body(context, request, target, Dialect::Ollama));
  set_body(call, body, arena);
  return call;
}

ArenaPtr<Plan> OllamaProvider::plan(Context& context, const Request& request,
                                    const Target& target) const {
  if (is_native(request) || request.operation == Operation::Raw) return nullptr;
  return like_openai_.plan(context, request, like_openai(target, context.draft));
}

ArenaPtr<Decoder> OllamaProvider::decoder(Context& context, const Request& request,
                                          const Target& target) const {
  if (is_native_embedding(request))
    return dialect::answer_decoder(context, request, Dialect::Ollama);
  if (is_native(request)) return dialect::ollama_decoder(context.arena, reader());
  return like_openai_.decoder(context, request, target);
}

ApiError OllamaProvider::explain(int status, std::string_view content_type,
                                 std::string_view body) const {
  const std::string message = read_error_message(body, reader());
  if (message.empty()) return like_openai_.explain(status, content_type, body);
  ApiError error = refusal(status, message);
  if (is_too_long(message)) error.code = "context_length_exceeded";
  return error;
}

}  // namespace sluice::providers
