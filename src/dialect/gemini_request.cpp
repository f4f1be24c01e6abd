#include "dialect/gemini_request.h"

#include "base/json_writer.h"
#include "base/text.h"
#include "dialect/gemini_words.h"

#include <algorithm>
#include <cstring>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

// The fields that a policy reads, or that libraries would read differently when doubled.
constexpr std::string_view kFields[] = {"model",
                                        "contents",
                                        "generationConfig",
                                        "generation_config",
                                        "systemInstruction",
                                        "system_instruction",
                                        "tools",
                                        "toolConfig",
                                        "tool_config",
                                        "safetySettings",
                                        "safety_settings",
                                        "cachedContent",
                                        "cached_content",
                                        "requests",
                                        "content",
                                        "generateContentRequest",
                                        "generate_content_request"};
enum FieldAt : std::size_t { Model, Contents, Config, SnakeConfig };

bool given(const std::optional<Value>& value) {
  return value && value->kind() != Kind::Null;
}

// A field has one value, whichever of its two names it has.
Result<void> refuse_both_names(std::span<const std::optional<Value>> fields) {
  for (std::size_t i = 0; i < std::size(kFields); ++i) {
    if (!fields[i] || kFields[i].find('_') == std::string_view::npos) continue;
    if (fields[i - 1]) return gemini_wrong(kFields[i - 1], "given once");
  }
  return {};
}

Result<void> read_limits(const Value& config, Request& request) {
  if (config.kind() != Kind::Object) return gemini_wrong("generationConfig", "an object");
  const std::string_view keys[] = {"maxOutputTokens", "max_output_tokens", "candidateCount",
                                   "candidate_count"};
  TRY(const auto found, json::pick(config, keys));
  if (found[0] && found[1]) return gemini_wrong("generationConfig.maxOutputTokens", "given once");
  if (found[2] && found[3]) return gemini_wrong("generationConfig.candidateCount", "given once");
  for (const auto& tokens : {found[0], found[1]}) {
    if (!given(tokens)) continue;
    request.max_tokens = tokens->integer();
    if (!request.max_tokens || *request.max_tokens < 0)
      return gemini_wrong("generationConfig.maxOutputTokens", "a whole number, 0 or more");
  }
  return {};
}

// "48.9s"
std::optional<std::chrono::milliseconds> duration(std::string_view text) {
  if (!text.ends_with('s')) return std::nullopt;
  text.remove_suffix(1);
  const std::size_t dot = std::min(text.find('.'), text.size());
  const auto seconds = text::parse_uint(text.substr(0, dot));
  if (!seconds || *seconds > 1'000'000) return std::nullopt;
  const bool fraction = dot + 1 < text.size();
  // What is less than a second counts as one: waiting too short would only fail again.
  return std::chrono::seconds(*seconds + (fraction ? 1 : 0));
}

void read_detail(const Value& detail, GeminiError& error, Arena& arena) {
  const auto text = [&](std::string_view name) {
    const auto value = detail.find(name);
    return value ? value->string(arena).value_or("") : std::string_view();
  };
  const std::string_view type = text("@type");
  if (type.ends_with("google.rpc.ErrorInfo")) error.reason = text("reason");
  if (type.ends_with("google.rpc.RetryInfo")) error.retry_after = duration(text("retryDelay"));
}

}  // namespace

Result<void> read_gemini_request(std::string_view body, const json::Limits& limits,
                                 json::Reader& reader, Arena&, Request& request) {
  TRY(const Value root, reader.parse(body, limits));
  if (root.kind() != Kind::Object) return gemini_wrong("The request body", "a JSON object");
  TRY(const auto fields, json::pick(root, kFields));
  TRY_VOID(refuse_both_names(fields));

  request.json.text = body;
  request.json.members_at = root.offset() + 1;
  request.json.has_members = root.members().begin() != std::default_sentinel;
  request.usage_asked = true;  // There is no other way.
  if (fields[Model]) {
    const auto begin = fields[Model]->offset();
    request.json.model = {begin, begin + static_cast<std::uint32_t>(fields[Model]->raw().size())};
  }
  for (const auto& config : {fields[Config], fields[SnakeConfig]}) {
    if (given(config)) TRY_VOID(read_limits(*config, request));
  }
  return {};
}

json::Edited edit_gemini_request(const Request& request, std::string_view resource,
                                 json::Reader& reader, Arena& arena) {
  json::Editor editor(request.json.text, arena);
  const std::string_view named = json::quoted(resource, arena);
  const Span at = request.json.model;
  if (!at.empty()) editor.replace(request.json.text.substr(at.begin, at.end - at.begin), named);
  const bool holds_requests = request.operation == Operation::BatchEmbedContent ||
                              request.operation == Operation::CountContent;
  if (holds_requests) {
    if (const auto root = reader.parse(request.json.text, {.strict_up_to = 0})) {
      if (const auto requests = root->find("requests")) {
        for (const Value one : requests->elements()) {
          if (one.kind() == Kind::Object) editor.set_member(one, "model", named);
        }
      }
      for (const std::string_view name : {"generateContentRequest", "generate_content_request"}) {
        const auto inner = root->find(name);
        if (inner && inner->kind() == Kind::Object) editor.set_member(*inner, "model", named);
      }
      return editor.compose();
    }
  }
  if (editor.empty()) return {arena.array_of(request.json.text), request.json.text.size()};
  return editor.compose();
}

bool gemini_holds_foreign_seals(std::string_view body) {
  // How the base64 of a mark begins, as a string of its own: it is never written with escapes.
  constexpr std::string_view kMarks[] = {"\"c2x1aWNlO", "\"cmVkYWN0ZWQ6c2x1aWNlO"};
  return std::ranges::any_of(kMarks, [&](std::string_view mark) {
    return ::memmem(body.data(), body.size(), mark.data(), mark.size()) != nullptr;
  });
}

GeminiError read_gemini_error(std::string_view body, json::Reader& reader) {
  GeminiError told;
  const auto root = reader.parse(body);
  if (!root) return told;
  std::optional<Value> object = *root;
  if (root->kind() == Kind::Array) {
    object.reset();
    for (const Value first : root->elements()) {
      object = first;
      break;
    }
  }
  const auto error = object ? object->find("error") : std::nullopt;
  if (!error || error->kind() != Kind::Object) return told;
  Arena arena;
  told.object = object->raw();
  for (const auto [key, value] : error->members()) {
    if (key == "message") told.message = value.string(arena).value_or("");
    if (key == "status") told.status = value.string(arena).value_or("");
    if (key == "details") {
      for (const Value detail : value.elements()) read_detail(detail, told, arena);
    }
  }
  return told;
}

}  // namespace sluice::dialect
