#include "providers/gemini/provider.h"

#include "base/json_writer.h"
#include "providers/common/call.h"
#include "providers/common/vector_plan.h"
#include "providers/gemini/calls.h"

#include <algorithm>

namespace sluice::providers {
namespace {

// Below the provider's base, which may be told with or without its version.
std::string_view version_of(const Target& target) {
  const std::string_view base = target.base_path;
  const std::string_view last = base.substr(std::min(base.rfind('/'), base.size()));
  const bool told = last.starts_with("/v1");
  return told ? std::string_view() : "/v1beta";
}

std::string_view path_of(const Request& request, const Target& target, Arena& arena) {
  const std::string_view version = version_of(target);
  if (!is_for_gemini(request)) {
    const std::string_view twice = version.empty() ? "/v1beta/" : "";
    const bool cut = !twice.empty() && request.path.starts_with(twice);
    return request.path.substr(cut ? twice.size() - 1 : 0);
  }
  return arena.join(version, "/models/", path_segment(gemini_model(target.model), arena),
                    gemini_verb(request));
}

// What is counted here is a request that names its model.
std::string_view counted(std::string_view resource, std::string_view body, Arena& arena) {
  const bool empty = body == "{}";
  return arena.join(R"({"generateContentRequest":{"model":)", json::quoted(resource, arena),
                    empty ? "" : ",", body.substr(1), "}");
}

}  // namespace

Dialect GeminiProvider::dialect(const Request& request, const Target&) const {
  return is_for_gemini(request) ? Dialect::Gemini : request.traits().dialect;
}

Result<UpstreamRequest> GeminiProvider::encode(Context& context, const Request& request,
                                               const Target& target) const {
  Arena& arena = context.draft;
  UpstreamRequest call = begin_call(context, request, target, path_of(request, target, arena));
  if (request.body) {
    pass_body(call, request, target);
  } else if (!request.json.text.empty()) {
    const std::string_view resource = arena.join("models/", gemini_model(target.model));
    TRY_VOID(set_gemini_body(context, request, target, resource, call));
    if (request.operation == Operation::CountTokens)
      set_body(call, counted(resource, call.pieces.front(), arena), arena);
  }
  return call;
}

ArenaPtr<Plan> GeminiProvider::plan(Context& context, const Request& request,
                                    const Target& target) const {
  if (!dialect::asks_for_vectors(request.operation) || !target.kind) return nullptr;
  const auto most = static_cast<std::size_t>(target.kind->quirks.most_embeddings);
  return vector_plan(context, request, target, *this,
                     {.api = dialect::EmbeddingApi::GeminiBatch, .most = most});
}

ArenaPtr<Decoder> GeminiProvider::decoder(Context& context, const Request& request,
                                          const Target&) const {
  return gemini_answer_decoder(context, request);
}

ApiError GeminiProvider::explain(int status, std::string_view content_type,
                                 std::string_view body) const {
  return explain_google(status, content_type, body);
}

}  // namespace sluice::providers
