#include "dialect/cohere_messages.h"

#include "dialect/conversation_text.h"

#include <algorithm>

namespace sluice::dialect {
namespace {

constexpr Dialect kOwn = Dialect::Cohere;

bool is_result(const Part& part) {
  return std::holds_alternative<ToolResult>(part.what);
}

bool is_call(const Part& part) {
  return std::holds_alternative<ToolCall>(part.what);
}

// Thoughts that everyone may read.
std::string_view plain_thought(const Part& part) {
  const auto* thinking = std::get_if<Thinking>(&part.what);
  const bool plain = thinking && !thinking->redacted && !thinking->signature.given();
  return plain ? thinking->text : std::string_view();
}

}  // namespace

bool cohere_thinks(const Wanted& wanted) {
  if (wanted.facts && wanted.facts->abilities.has(Ability::Reasoning)) return true;
  const auto is = [&](std::string_view family) {
    return wanted.model.find(family) != std::string_view::npos;
  };
  return is("reasoning") || is("command-a-plus");
}

Result<void> CohereMessages::write(std::span<const Turn> turns, std::string_view instruction) {
  to_.key("messages").begin_array();
  if (!instruction.empty())
    to_.begin_object().member("role", "system").member("content", instruction).end_object();
  for (const Turn& turn : turns) TRY_VOID(write_turn(turn));
  to_.end_array();
  write_documents();
  return {};
}

Result<void> CohereMessages::write_turn(const Turn& turn) {
  if (!turn.name.empty()) TRY_VOID(losses_.hint("messages.name"));
  TRY_VOID(losses_.extras(turn.extras, kOwn));
  if (turn.role == Role::Assistant) return write_assistant(turn);
  TRY_VOID(write_results(turn));
  return write_said(turn);
}

// Results follow the calls at once, each a message.
Result<void> CohereMessages::write_results(const Turn& turn) {
  for (const Part& part : turn.parts) {
    if (const auto* result = std::get_if<ToolResult>(&part.what))
      TRY_VOID(write_result(*result, part));
  }
  return {};
}

Result<void> CohereMessages::write_result(const ToolResult& result, const Part& part) {
  TRY_VOID(tell_losses(part));
  if (result.is_error) losses_.approximate("messages.content.is_error");
  to_.begin_object().member("role", "tool").member("tool_call_id", result.call_id);
  ArenaList<Part> texts(arena_);
  for (const Part& inner : result.parts) {
    TRY_VOID(tell_losses(inner));
    const auto* media = std::get_if<Media>(&inner.what);
    if (media && media->source == MediaSource::PlainText) {
      texts.add({.what = Text{media->data}});
    } else if (media) {
      TRY_VOID(losses_.meaning("messages.content.tool_result", "results of tools are texts"));
    } else if (std::holds_alternative<Text>(inner.what)) {
      texts.add(inner);
    } else if (const auto* block = std::get_if<Foreign>(&inner.what)) {
      TRY_VOID(losses_.lose(block->importance, block->type));
    }
  }
  to_.member("content", texts.empty() ? result.json : joined_text(texts.all(), "\n", arena_));
  to_.end_object();
  return {};
}

// What the user or the system says.
Result<void> CohereMessages::write_said(const Turn& turn) {
  const auto said = [](const Part& part) { return !is_result(part); };
  if (std::ranges::none_of(turn.parts, said)) return {};
  const bool system = turn.role == Role::System || turn.role == Role::Developer;
  const auto is_text = [](const Part& part) { return std::holds_alternative<Text>(part.what); };
  to_.begin_object().member("role", system ? "system" : "user").key("content");
  if (std::ranges::all_of(turn.parts, is_text)) {
    for (const Part& part : turn.parts) TRY_VOID(tell_losses(part));
    to_.value(joined_text(turn.parts, "\n", arena_)).end_object();
    return {};
  }
  to_.begin_array();
  const std::size_t before = documents_.size();
  std::size_t parts = 0;
  for (const Part& part : turn.parts) {
    if (!said(part)) continue;
    ++parts;
    TRY_VOID(write_part(part, false));
  }
  // There must be words, wherever the documents stand.
  if (documents_.size() - before == parts) write_text(".");
  to_.end_array().end_object();
  return {};
}

bool CohereMessages::is_written(const Part& part, bool thinks) const {
  if (const auto* text = std::get_if<Text>(&part.what)) return !text->text.empty();
  if (std::holds_alternative<Refusal>(part.what)) return true;
  return thinks && !plain_thought(part).empty();
}

Result<void> CohereMessages::write_assistant(const Turn& turn) {
  const bool thinks = cohere_thinks(wanted_);
  const bool calls = std::ranges::any_of(turn.parts, is_call);
  to_.begin_object().member("role", "assistant");
  TRY_VOID(write_content(turn, thinks));
  std::string_view plan;
  for (const Part& part : turn.parts) {
    if (!std::holds_alternative<Thinking>(part.what)) continue;
    const std::string_view thought = plain_thought(part);
    if (!thought.empty() && thinks) continue;
    if (!thought.empty() && calls) {
      plan = plan.empty() ? thought : arena_.join(plan, "\n", thought);
    } else {
      TRY_VOID(losses_.hint("reasoning"));  // Nobody else can read what was sealed.
    }
  }
  if (!plan.empty()) to_.member("tool_plan", plan);
  if (calls) TRY_VOID(write_calls(turn));
  to_.end_object();
  return {};
}

Result<void> CohereMessages::write_content(const Turn& turn, bool thinks) {
  bool open = false;
  for (const Part& part : turn.parts) {
    if (is_call(part) || std::holds_alternative<Thinking>(part.what)) {
      if (!is_written(part, thinks)) continue;
    }
    if (!is_written(part, thinks)) {
      TRY_VOID(write_part(part, true));  // Tells what is lost of it.
      continue;
    }
    if (!open) to_.key("content").begin_array();
    open = true;
    TRY_VOID(write_part(part, true));
  }
  if (open) {
    to_.end_array();
  } else if (std::ranges::none_of(turn.parts, is_call)) {
    to_.member("content", "");
  }
  return {};
}

Result<void> CohereMessages::write_calls(const Turn& turn) {
  to_.key("tool_calls").begin_array();
  for (const Part& part : turn.parts) {
    const auto* call = std::get_if<ToolCall>(&part.what);
    if (!call) continue;
    TRY_VOID(tell_losses(part));
    if (call->signature.given()) TRY_VOID(losses_.hint("reasoning"));
    to_.begin_object().member("id", call->id).member("type", "function");
    to_.key("function").begin_object().member("name", call->name);
    to_.member("arguments", arguments_object(*call, losses_, arena_)).end_object().end_object();
  }
  to_.end_array();
  return {};
}

// Appends a part of a content, or tells that it is lost.
Result<void> CohereMessages::write_part(const Part& part, bool assistant) {
  TRY_VOID(tell_losses(part));
  if (const auto* text = std::get_if<Text>(&part.what)) {
    if (!text->text.empty()) write_text(text->text);
  } else if (const auto* refusal = std::get_if<Refusal>(&part.what)) {
    losses_.approximate("messages.content.refusal");
    write_text(refusal->text);
  } else if (const std::string_view thought = plain_thought(part); !thought.empty()) {
    to_.begin_object().member("type", "thinking").member("thinking", thought).end_object();
  } else if (const auto* media = std::get_if<Media>(&part.what)) {
    // Assistants say texts; what they drew is not shown to them again.
    if (assistant) return losses_.hint("messages.content.media");
    return write_media(*media);
  } else if (const auto* block = std::get_if<Foreign>(&part.what)) {
    return losses_.lose(block->importance, block->type);
  }
  return {};
}

Result<void> CohereMessages::write_media(const Media& media) {
  if (media.kind == MediaKind::Document && media.source == MediaSource::PlainText) {
    losses_.approximate("messages.content.document");
    documents_.add(media);
    return {};
  }
  const bool theirs = media.source == MediaSource::FileId || media.source == MediaSource::Json;
  if (media.kind != MediaKind::Image || theirs)
    return losses_.meaning("messages.content", "it takes texts and images");
  const std::string_view type = media.media_type.empty() ? "image/png" : media.media_type;
  to_.begin_object().member("type", "image_url").key("image_url").begin_object();
  to_.member("url",
             media.source == MediaSource::Url ? media.data : data_url(type, media.data, arena_));
  const bool told = media.detail == "low" || media.detail == "high" || media.detail == "auto";
  if (told) to_.member("detail", media.detail);
  to_.end_object().end_object();
  return {};
}

Result<void> CohereMessages::tell_losses(const Part& part) {
  if (part.cache.set) TRY_VOID(losses_.hint("cache_control"));
  if (const auto* text = std::get_if<Text>(&part.what); text && !text->citations.empty())
    losses_.approximate("annotations");
  return losses_.extras(part.extras, kOwn);
}

void CohereMessages::write_text(std::string_view text) {
  to_.begin_object().member("type", "text").member("text", text).end_object();
}

void CohereMessages::write_documents() {
  if (documents_.empty()) return;
  to_.key("documents").begin_array();
  for (const Media& document : documents_.all()) {
    to_.begin_object().key("data").begin_object();
    if (!document.name.empty()) to_.member("title", document.name);
    if (!document.context.empty()) to_.member("context", document.context);
    to_.member("text", document.data).end_object().end_object();
  }
  to_.end_array();
}

}  // namespace sluice::dialect
