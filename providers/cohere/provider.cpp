#include "providers/cohere/provider.h"

#include "base/json.h"
#include "dialect/cohere.h"
#include "dialect/embeddings.h"
#include "dialect/openai_request.h"
#include "dialect/token_count.h"
#include "dialect/translate.h"
#include "providers/common/call.h"
#include "providers/common/error_message.h"
#include "providers/common/vector_plan.h"

namespace sluice::providers {
namespace {

json::Reader& reader() {
  thread_local json::Reader one;
  return one;
}

bool is_read(const Request& request) {
  return request.traits().is_conversation() || dialect::asks_for_vectors(request.operation) ||
         request.operation == Operation::Rerank;
}

// Below the provider's base, which may be told with or without its "/v2".
std::string_view path_of(const Request& request, const Target& target, Arena& arena) {
  constexpr std::string_view kPrefix = "/v2";
  const bool has_prefix = target.base_path.ends_with(kPrefix);
  std::string_view path = request.path;
  if (request.traits().is_conversation()) {
    path = "/chat";
  } else if (dialect::asks_for_vectors(request.operation)) {
    path = "/embed";
  } else if (request.operation == Operation::Rerank) {
    path = "/rerank";
  } else {
    const bool twice = has_prefix && path.starts_with("/v2/");
    return path.substr(twice ? kPrefix.size() : 0);
  }
  return arena.join(has_prefix ? "" : kPrefix, path);
}

bool is_too_long(std::string_view message) {
  return message.find("too many tokens") != std::string_view::npos ||
         message.find("exceeds the context length") != std::string_view::npos ||
         message.find("exceed the token limit") != std::string_view::npos;
}

}  // namespace

Dialect CohereProvider::dialect(const Request& request, const Target&) const {
  const bool ours = is_read(request) || dialect::asks_for_count(request.operation);
  return ours ? Dialect::Cohere : request.traits().dialect;
}

Result<UpstreamRequest> CohereProvider::encode(Context& context, const Request& request,
                                               const Target& target) const {
  Arena& arena = context.draft;
  UpstreamRequest call = begin_call(context, request, target, path_of(request, target, arena));
  if (request.body) {
    pass_body(call, request, target);
  } else if (is_read(request)) {
    TRY(const std::string_view body,
        dialect::write_body(context, request, target, Dialect::Cohere));
    set_body(call, body, arena);
  } else if (!request.json.text.empty()) {
    const dialect::EditedBody body =
        dialect::edit_openai_request(request, {.model = target.model}, reader(), arena);
    call.pieces = body.pieces;
    call.size = body.size;
  }
  return call;
}

ArenaPtr<Plan> CohereProvider::plan(Context& context, const Request& request,
                                    const Target& target) const {
  if (!dialect::asks_for_vectors(request.operation) || !target.kind) return nullptr;
  const auto most = static_cast<std::size_t>(target.kind->quirks.most_embeddings);
  return vector_plan(context, request, target, *this,
                     {.api = dialect::EmbeddingApi::Cohere, .most = most});
}

ArenaPtr<Decoder> CohereProvider::decoder(Context& context, const Request& request,
                                          const Target&) const {
  if (auto decoder = dialect::answer_decoder(context, request, Dialect::Cohere)) return decoder;
  return dialect::cohere_decoder(context.arena, reader());
}

ApiError CohereProvider::explain(int status, std::string_view, std::string_view body) const {
  const std::string message = read_error_message(body, reader());
  // 498: the key's own; 499: the request was given up; both are no one else's numbers.
  const int meant = status == 498 ? 401 : status == 499 ? 504 : status;
  ApiError error = refusal(meant, message);
  error.upstream->status = status;
  error.detail = "status " + std::to_string(status);
  if (is_too_long(message)) error.code = "context_length_exceeded";
  return error;
}

}  // namespace sluice::providers
