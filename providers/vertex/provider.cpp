#include "providers/vertex/provider.h"

#include "base/json_editor.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "dialect/anthropic_messages.h"
#include "dialect/anthropic_request.h"
#include "dialect/translate.h"
#include "providers/anthropic/provider.h"
#include "providers/common/call.h"
#include "providers/common/vector_plan.h"
#include "providers/gemini/calls.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::providers {
namespace {

constexpr std::string_view kClaudeVersion = "\"vertex-2023-10-16\"";

enum class Maker : std::uint8_t { Google, Anthropic, Other };

struct Model {
  Maker maker = Maker::Google;
  std::string_view name;
};

// "claude-…", "gemini-…", "publishers/anthropic/models/claude-…", "meta/llama-…".
Model model_of(const Target& target) {
  std::string_view name = target.model;
  const std::size_t at = name.find("publishers/");
  if (at != std::string_view::npos) name.remove_prefix(at + std::string_view("publishers/").size());
  const std::size_t slash = name.find('/');
  const std::string_view publisher =
      slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
  const std::string_view last = name.substr(name.rfind('/') + 1);
  if (publisher == "anthropic" || last.starts_with("claude")) return {Maker::Anthropic, last};
  if (publisher.empty() || publisher == "google" || publisher == "models")
    return {Maker::Google, last};
  return {Maker::Other, name};
}

// Versions follow an '@', which paths may hold as it is.
std::string_view model_segment(std::string_view name, Arena& arena) {
  const std::size_t at = name.find('@');
  if (at == std::string_view::npos) return path_segment(name, arena);
  return arena.join(path_segment(name.substr(0, at), arena), "@",
                    path_segment(name.substr(at + 1), arena));
}

// Below the provider's base, which may be told with or without its version.
std::string_view version_of(const Target& target) {
  const std::string_view base = target.base_path;
  const std::string_view last = base.substr(std::min(base.rfind('/'), base.size()));
  return last.starts_with("/v1") ? std::string_view() : "/v1";
}

// The newest models embed one content a call, and the one before them one text.
VectorCalls vector_calls(const Target& target) {
  using dialect::EmbeddingApi;
  const std::string_view name = model_of(target).name;
  if (name.starts_with("gemini-embedding-2")) return {.api = EmbeddingApi::GeminiSingle, .most = 1};
  if (name.starts_with("gemini-embedding")) return {.api = EmbeddingApi::Predict, .most = 1};
  const std::int64_t most = target.kind ? target.kind->quirks.most_embeddings : 0;
  return {.api = EmbeddingApi::Predict, .most = static_cast<std::size_t>(most)};
}

std::string_view gemini_verb_of(const Request& request, const Target& target) {
  if (!dialect::asks_for_vectors(request.operation)) return gemini_verb(request);
  return vector_calls(target).api == dialect::EmbeddingApi::Predict ? ":predict" : ":embedContent";
}

std::string_view joined(const UpstreamRequest& call, Arena& arena) {
  if (call.pieces.size() == 1) return call.pieces.front();
  const std::span<char> room = arena.array<char>(call.size);
  auto at = room.begin();
  for (const std::string_view piece : call.pieces) at = std::ranges::copy(piece, at).out;
  return {room.data(), room.size()};
}

// Vertex counts a conversation, not a whole request.
Result<std::string_view> counted(std::string_view body, Arena& arena) {
  constexpr std::array<std::string_view, 6> kCounted = {"contents",           "systemInstruction",
                                                        "system_instruction", "tools",
                                                        "generationConfig",   "generation_config"};
  TRY(json::Value root, gemini_reader().parse(body));
  if (const auto inner = root.find("generateContentRequest")) root = *inner;
  json::Writer out(arena);
  out.begin_object();
  for (const auto [key, value] : root.members()) {
    const std::string_view name = key.plain_string().value_or("");
    if (std::ranges::find(kCounted, name) != kCounted.end()) out.key(name).raw(value.raw());
  }
  return out.end_object().text();
}

// A conversation's body without its model, which stands in the path, and with the version.
Result<void> set_claude_body(Context& context, const Request& request, const Target& target,
                             std::string_view model, UpstreamRequest& call) {
  Arena& arena = context.draft;
  std::string_view body = request.json.text;
  if (dialect::differs(request, Dialect::Messages)) {
    TRY(body, dialect::write_conversation(context, request, target, Dialect::Messages));
  } else if (dialect::holds_foreign_seals(body)) {
    Request read = request;
    TRY_VOID(dialect::read_conversation(context, read));
    TRY(body, dialect::write_conversation(context, read, target, Dialect::Messages));
  }
  if (counts_tokens(request)) body = dialect::count_tokens_body(body, gemini_reader(), arena);
  TRY(const json::Value root, gemini_reader().parse(body));
  json::Editor editor(body, arena);
  if (counts_tokens(request)) {
    editor.set_member(root, "model", json::quoted(model, arena));
  } else {
    editor.erase_member(root, "model");
  }
  editor.set_member(root, "anthropic_version", kClaudeVersion);
  const json::Edited edited = editor.compose();
  call.pieces = edited.pieces;
  call.size = edited.size;
  return {};
}

}  // namespace

VertexProvider::VertexProvider(std::string project, std::string location)
    : parent_("/projects/" + std::move(project) + "/locations/" + std::move(location)),
      openai_(parent_) {}

std::string_view VertexProvider::OpenAiEndpoint::path(const Request& request, const Target& target,
                                                      Arena& arena) const {
  return arena.join(version_of(target), parent_, "/endpoints/openapi",
                    OpenAiProvider::path(request, target, arena));
}

Dialect VertexProvider::dialect(const Request& request, const Target& target) const {
  if (!is_for_gemini(request)) return request.traits().dialect;
  const bool conversation = request.traits().is_conversation() || counts_tokens(request);
  switch (model_of(target).maker) {
    case Maker::Anthropic:
      return conversation ? Dialect::Messages : request.traits().dialect;
    case Maker::Other:
      return request.traits().is_conversation() ? Dialect::Chat : openai_.dialect(request, target);
    case Maker::Google:
      break;
  }
  const bool predicts = dialect::asks_for_vectors(request.operation) &&
                        vector_calls(target).api == dialect::EmbeddingApi::Predict;
  return predicts ? Dialect::Predict : Dialect::Gemini;
}

Result<UpstreamRequest> VertexProvider::encode(Context& context, const Request& request,
                                               const Target& target) const {
  if (!is_for_gemini(request)) {
    const std::string_view path = context.draft.join(version_of(target), request.path);
    UpstreamRequest call = begin_call(context, request, target, path);
    if (request.body) {
      pass_body(call, request, target);
    } else if (!request.json.text.empty()) {
      set_body(call, request.json.text, context.draft);
    }
    return call;
  }
  switch (model_of(target).maker) {
    case Maker::Anthropic:
      return encode_claude(context, request, target);
    case Maker::Other:
      return openai_.encode(context, request, target);
    case Maker::Google:
      break;
  }
  return encode_gemini(context, request, target);
}

Result<UpstreamRequest> VertexProvider::encode_gemini(Context& context, const Request& request,
                                                      const Target& target) const {
  Arena& arena = context.draft;
  const std::string_view name = model_of(target).name;
  const std::string_view path =
      arena.join(version_of(target), parent_, "/publishers/google/models/",
                 model_segment(name, arena), gemini_verb_of(request, target));
  UpstreamRequest call = begin_call(context, request, target, path);
  const bool single =
      request.operation == Operation::EmbedContent && dialect(request, target) == Dialect::Gemini;
  if (dialect::asks_for_vectors(request.operation) && !single) {
    TRY(const std::string_view body,
        vector_body(context, request, target, vector_calls(target).api));
    set_body(call, body, arena);
    return call;
  }
  const std::string_view resource =
      arena.join(std::string_view(parent_).substr(1), "/publishers/google/models/", name);
  TRY_VOID(set_gemini_body(context, request, target, resource, call));
  if (counts_tokens(request)) {
    TRY(const std::string_view body, counted(joined(call, arena), arena));
    set_body(call, body, arena);
  }
  return call;
}

Result<UpstreamRequest> VertexProvider::encode_claude(Context& context, const Request& request,
                                                      const Target& target) const {
  Arena& arena = context.draft;
  const std::string_view name = model_of(target).name;
  const std::string_view verb = counts_tokens(request) ? "count-tokens:rawPredict"
                                : request.stream
                                    ? arena.join(model_segment(name, arena), ":streamRawPredict")
                                    : arena.join(model_segment(name, arena), ":rawPredict");
  const std::string_view path =
      arena.join(version_of(target), parent_, "/publishers/anthropic/models/", verb);
  UpstreamRequest call = begin_call(context, request, target, path);
  TRY_VOID(set_claude_body(context, request, target, name, call));
  return call;
}

ArenaPtr<Plan> VertexProvider::plan(Context& context, const Request& request,
                                    const Target& target) const {
  if (!dialect::asks_for_vectors(request.operation)) return nullptr;
  const Maker maker = model_of(target).maker;
  if (maker == Maker::Other) return openai_.plan(context, request, target);
  if (maker != Maker::Google) return nullptr;
  VectorCalls calls = vector_calls(target);
  // Who asked for a batch awaits a list, even of one.
  calls.always = request.operation == Operation::BatchEmbedContent &&
                 calls.api == dialect::EmbeddingApi::GeminiSingle;
  return vector_plan(context, request, target, *this, calls);
}

ArenaPtr<Decoder> VertexProvider::decoder(Context& context, const Request& request,
                                          const Target& target) const {
  if (is_for_gemini(request)) {
    const Maker maker = model_of(target).maker;
    if (maker == Maker::Anthropic) return dialect::messages_decoder(context.arena, gemini_reader());
    if (maker == Maker::Other) return openai_.decoder(context, request, target);
    return gemini_answer_decoder(context, request);
  }
  return openai_.decoder(context, request, target);
}

// Anthropic's own words where Claude itself refused, else Google's.
ApiError VertexProvider::explain(int status, std::string_view content_type,
                                 std::string_view body) const {
  const bool claudes = !dialect::read_anthropic_error(body, gemini_reader()).type.empty();
  if (claudes) return AnthropicProvider().explain(status, content_type, body);
  return explain_google(status, content_type, body);
}

}  // namespace sluice::providers
