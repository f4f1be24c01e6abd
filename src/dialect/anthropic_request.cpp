#include "dialect/anthropic_request.h"

#include "base/json_editor.h"
#include "dialect/anthropic_blocks.h"
#include "dialect/seals.h"

#include <cstring>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

// The fields that a policy reads, or that libraries would read differently when doubled.
constexpr std::string_view kFields[] = {"model",       "stream",   "max_tokens", "metadata",
                                        "messages",    "system",   "tools",      "tool_choice",
                                        "temperature", "thinking", "container"};
enum FieldAt : std::size_t { Model, Stream, MaxTokens, Metadata };

bool given(const std::optional<Value>& value) {
  return value && value->kind() != Kind::Null;
}

Result<void> read_user(const Value& metadata, Arena& arena, Request& request) {
  if (metadata.kind() != Kind::Object) return wrong_field("metadata", "an object");
  const std::string_view keys[] = {"user_id"};
  TRY(const auto found, json::pick(metadata, keys));
  if (!given(found[0])) return {};
  const auto user = found[0]->string(arena);
  if (!user) return wrong_field("metadata.user_id", "a string");
  request.user = arena.keep(*user);
  return {};
}

}  // namespace

Result<void> read_messages_request(std::string_view body, const json::Limits& limits,
                                   json::Reader& reader, Arena& arena, Request& request) {
  TRY(const Value root, reader.parse(body, limits));
  if (root.kind() != Kind::Object) return wrong_field("The request body", "a JSON object");
  TRY(const auto fields, json::pick(root, kFields));

  request.json.text = body;
  request.json.members_at = root.offset() + 1;
  request.json.has_members = root.members().begin() != std::default_sentinel;
  request.usage_asked = true;  // There is no other way.

  if (fields[Model]) {
    // A null is written over, too.
    const auto begin = fields[Model]->offset();
    request.json.model = {begin, begin + static_cast<std::uint32_t>(fields[Model]->raw().size())};
  }
  if (given(fields[Model])) {
    const auto model = fields[Model]->string(arena);
    if (!model) return wrong_field("model", "a string");
    request.model = arena.keep(*model);
  }
  if (given(fields[Stream])) {
    const auto stream = fields[Stream]->boolean();
    if (!stream) return wrong_field("stream", "true or false");
    request.stream = *stream;
  }
  if (given(fields[MaxTokens])) {
    request.max_tokens = fields[MaxTokens]->integer();
    if (!request.max_tokens || *request.max_tokens < 0)
      return wrong_field("max_tokens", "a whole number, 0 or more");
  }
  if (given(fields[Metadata])) TRY_VOID(read_user(*fields[Metadata], arena, request));
  return {};
}

bool holds_foreign_seals(std::string_view body) {
  // As the beginning of a string: nothing of it is ever written with escapes.
  constexpr std::string_view kQuoted = "\"sluice:";
  static_assert(kQuoted.substr(1) == kSealMark);
  return ::memmem(body.data(), body.size(), kQuoted.data(), kQuoted.size()) != nullptr;
}

std::string_view count_tokens_body(std::string_view body, json::Reader& reader, Arena& arena) {
  const auto root = reader.parse(body);
  if (!root) return body;
  json::Editor editor(body, arena);
  for (const std::string_view key : {"max_tokens", "stream", "metadata", "service_tier",
                                     "temperature", "top_p", "top_k", "stop_sequences"}) {
    editor.erase_member(*root, key);
  }
  return arena.keep(editor.compose().joined());
}

AnthropicError read_anthropic_error(std::string_view body, json::Reader& reader) {
  const auto root = reader.parse(body);
  const auto error = root ? root->find("error") : std::nullopt;
  if (!error) return {};
  Arena arena;
  const auto text = [&](std::string_view key) {
    const auto value = error->find(key);
    return std::string(value ? value->string(arena).value_or("") : std::string_view());
  };
  return {text("type"), text("message")};
}

}  // namespace sluice::dialect
