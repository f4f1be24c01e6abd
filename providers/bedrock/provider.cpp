#include "providers/bedrock/provider.h"

#include "base/json.h"
#include "dialect/converse.h"
#include "dialect/converse_request.h"
#include "dialect/embeddings.h"
#include "dialect/token_count.h"
#include "dialect/translate.h"
#include "providers/common/call.h"
#include "providers/common/error_message.h"
#include "providers/common/vector_plan.h"

#include <algorithm>

namespace sluice::providers {
namespace {

json::Reader& reader() {
  thread_local json::Reader one;
  return one;
}

// What models are asked by Converse, or in their makers' own words by "invoke".
bool is_read(const Request& request) {
  return request.traits().is_conversation() || dialect::asks_for_vectors(request.operation) ||
         request.operation == Operation::Rerank;
}

// Names and ARNs hold letters that paths may not.
std::string_view path_of(const Request& request, const Target& target, Arena& arena) {
  if (!is_read(request)) return request.path;
  std::string_view verb = "/invoke";
  if (request.traits().is_conversation()) verb = request.stream ? "/converse-stream" : "/converse";
  return arena.join("/model/", path_segment(target.model, arena), verb);
}

Result<void> set_conversation(Context& context, const Request& request, const Target& target,
                              UpstreamRequest& call) {
  std::string_view body = request.json.text;
  if (dialect::differs(request, Dialect::Converse)) {
    TRY(body, dialect::write_conversation(context, request, target, Dialect::Converse));
  } else if (dialect::converse_holds_foreign_seals(body)) {
    // Of a conversation that other providers took part in.
    Request read = request;
    TRY_VOID(dialect::read_conversation(context, read));
    TRY(body, dialect::write_conversation(context, read, target, Dialect::Converse));
  }
  set_body(call, body, context.draft);
  return {};
}

bool says(std::string_view message, std::span<const std::string_view> words) {
  return std::ranges::any_of(
      words, [&](std::string_view one) { return message.find(one) != std::string_view::npos; });
}

// What the words tell that the status does not: the name of the exception stands in a header.
int status_for(int status, std::string_view message) {
  constexpr std::string_view kUnknownModel[] = {"model identifier is invalid",
                                                "Could not resolve the foundation model"};
  constexpr std::string_view kNotReady[] = {"is not ready", "not ready for inference"};
  if (status == 400 && says(message, kUnknownModel)) return 404;
  if (status == 429 && says(message, kNotReady)) return 503;
  if (status == 424) return 502;  // The model failed.
  return status;
}

bool is_too_long(std::string_view message) {
  constexpr std::string_view kWords[] = {"Input is too long",
                                         "prompt is too long",
                                         "too many input tokens",
                                         "Too many input tokens",
                                         "maximum context length",
                                         "exceed context limit",
                                         "exceeds the maximum number of tokens"};
  return says(message, kWords);
}

}  // namespace

Dialect BedrockProvider::dialect(const Request& request, const Target&) const {
  const bool ours = is_read(request) || dialect::asks_for_count(request.operation);
  return ours ? Dialect::Converse : request.traits().dialect;
}

Result<UpstreamRequest> BedrockProvider::encode(Context& context, const Request& request,
                                                const Target& target) const {
  UpstreamRequest call =
      begin_call(context, request, target, path_of(request, target, context.draft));
  if (request.body) {
    pass_body(call, request, target);
  } else if (request.traits().is_conversation()) {
    TRY_VOID(set_conversation(context, request, target, call));
  } else if (is_read(request)) {
    TRY(const std::string_view body,
        dialect::write_body(context, request, target, Dialect::Converse));
    set_body(call, body, context.draft);
  } else if (!request.json.text.empty()) {
    set_body(call, request.json.text, context.draft);
  }
  return call;
}

ArenaPtr<Plan> BedrockProvider::plan(Context& context, const Request& request,
                                     const Target& target) const {
  if (!dialect::asks_for_vectors(request.operation)) return nullptr;
  const auto api = dialect::embedding_api(Dialect::Converse, target.model);
  std::size_t most = 1;
  if (!dialect::takes_one_text(api))
    most = target.kind ? static_cast<std::size_t>(target.kind->quirks.most_embeddings) : 0;
  return vector_plan(context, request, target, *this, {.api = api, .most = most});
}

ArenaPtr<Decoder> BedrockProvider::decoder(Context& context, const Request& request,
                                           const Target&) const {
  if (auto decoder = dialect::answer_decoder(context, request, Dialect::Converse)) return decoder;
  return dialect::converse_decoder(context.arena, reader());
}

ApiError BedrockProvider::explain(int status, std::string_view, std::string_view body) const {
  const std::string message = read_error_message(body, reader());
  ApiError error = refusal(status_for(status, message), message);
  error.upstream->status = status;
  error.detail = "status " + std::to_string(status);
  if (is_too_long(message)) error.code = "context_length_exceeded";
  return error;
}

}  // namespace sluice::providers
