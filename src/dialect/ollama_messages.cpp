#include "dialect/ollama_messages.h"

#include "dialect/conversation_text.h"

#include <algorithm>

namespace sluice::dialect {
namespace {

constexpr Dialect kOwn = Dialect::Ollama;

bool is_result(const Part& part) {
  return std::holds_alternative<ToolResult>(part.what);
}

bool is_call(const Part& part) {
  return std::holds_alternative<ToolCall>(part.what);
}

std::string_view role_name(Role role) {
  if (role == Role::Assistant) return "assistant";
  return role == Role::System || role == Role::Developer ? "system" : "user";
}

}  // namespace

Result<void> OllamaMessages::write() {
  to_.key("messages").begin_array();
  for (const Turn& turn : turns_) TRY_VOID(write(turn));
  to_.end_array();
  return {};
}

Result<void> OllamaMessages::write(const Turn& turn) {
  if (!turn.name.empty()) TRY_VOID(losses_.hint("messages.name"));
  TRY_VOID(losses_.extras(turn.extras, kOwn));
  // Results follow the calls at once, each a message.
  for (const Part& part : turn.parts) {
    if (const auto* result = std::get_if<ToolResult>(&part.what))
      TRY_VOID(write_result(*result, part));
  }
  const auto said = [](const Part& part) { return !is_result(part); };
  if (!turn.parts.empty() && std::ranges::none_of(turn.parts, said)) return {};
  Said all(arena_);
  for (const Part& part : turn.parts) {
    if (said(part)) TRY_VOID(gather(part, all));
  }
  const bool assistant = turn.role == Role::Assistant;
  to_.begin_object().member("role", role_name(turn.role));
  write_said(all, assistant ? "" : "\n");
  if (assistant && !all.thoughts.empty())
    to_.member("thinking", joined_text(all.thoughts.all(), "\n", arena_));
  if (std::ranges::any_of(turn.parts, is_call)) TRY_VOID(write_calls(turn));
  to_.end_object();
  return {};
}

void OllamaMessages::write_said(const Said& said, std::string_view joint) {
  to_.member("content", joined_text(said.texts.all(), joint, arena_));
  if (said.images.empty()) return;
  to_.key("images").begin_array();
  for (const std::string_view image : said.images.all()) to_.value(image);
  to_.end_array();
}

Result<void> OllamaMessages::write_result(const ToolResult& result, const Part& part) {
  if (part.cache.set) TRY_VOID(losses_.hint("cache_control"));
  TRY_VOID(losses_.extras(part.extras, kOwn));
  if (result.is_error) losses_.approximate("messages.content.is_error");
  Said said(arena_);
  for (const Part& inner : result.parts) TRY_VOID(gather(inner, said));
  if (said.texts.empty() && !result.json.empty()) said.texts.add({.what = Text{result.json}});
  to_.begin_object().member("role", "tool");
  if (const std::string_view name = name_of(result); !name.empty()) to_.member("tool_name", name);
  write_said(said, "\n");
  to_.end_object();
  return {};
}

// Calls have no ids here: a result says which tool it is of.
std::string_view OllamaMessages::name_of(const ToolResult& result) const {
  if (!result.name.empty()) return result.name;
  for (const Turn& turn : turns_) {
    for (const Part& part : turn.parts) {
      const auto* call = std::get_if<ToolCall>(&part.what);
      if (call && call->id == result.call_id) return call->name;
    }
  }
  return {};
}

Result<void> OllamaMessages::gather(const Part& part, Said& said) {
  if (part.cache.set) TRY_VOID(losses_.hint("cache_control"));
  TRY_VOID(losses_.extras(part.extras, kOwn));
  if (const auto* text = std::get_if<Text>(&part.what)) {
    if (!text->citations.empty()) losses_.approximate("annotations");
    said.texts.add(part);
  } else if (const auto* refusal = std::get_if<Refusal>(&part.what)) {
    losses_.approximate("messages.content.refusal");
    said.texts.add({.what = Text{refusal->text}});
  } else if (const auto* media = std::get_if<Media>(&part.what)) {
    return gather(*media, said);
  } else if (const auto* thinking = std::get_if<Thinking>(&part.what)) {
    return gather(*thinking, said);
  } else if (const auto* block = std::get_if<Foreign>(&part.what)) {
    return losses_.lose(block->importance, block->type);
  }
  return {};
}

Result<void> OllamaMessages::gather(const Media& media, Said& said) {
  if (media.kind == MediaKind::Document && media.source == MediaSource::PlainText) {
    losses_.approximate("messages.content.document");
    said.texts.add({.what = Text{media.data}});
    return {};
  }
  const auto inlined = media.source == MediaSource::Url ? read_data_url(media.data) : std::nullopt;
  const bool base64 = media.source == MediaSource::Base64 || inlined;
  if (media.kind != MediaKind::Image || !base64)
    return losses_.meaning("messages.content", "it takes texts, and images that are sent along");
  if (!media.detail.empty() && media.detail != "auto")
    TRY_VOID(losses_.hint("messages.content.detail"));
  said.images.add(inlined ? inlined->base64 : media.data);
  return {};
}

// Thoughts that everyone may read; what was sealed only its maker can.
Result<void> OllamaMessages::gather(const Thinking& thinking, Said& said) {
  if (thinking.redacted || thinking.signature.given() || thinking.text.empty())
    return losses_.hint("reasoning");
  said.thoughts.add({.what = Text{thinking.text}});
  return {};
}

Result<void> OllamaMessages::write_calls(const Turn& turn) {
  to_.key("tool_calls").begin_array();
  for (const Part& part : turn.parts) {
    const auto* call = std::get_if<ToolCall>(&part.what);
    if (!call) continue;
    if (call->signature.given()) TRY_VOID(losses_.hint("reasoning"));
    to_.begin_object().key("function").begin_object().member("name", call->name);
    to_.key("arguments").raw(arguments_object(*call, losses_, arena_)).end_object().end_object();
  }
  to_.end_array();
  return {};
}

}  // namespace sluice::dialect
