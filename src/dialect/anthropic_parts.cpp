#include "dialect/anthropic_parts.h"

#include "base/text.h"
#include "dialect/anthropic_turns.h"
#include "dialect/conversation_text.h"

#include <algorithm>

namespace sluice::dialect {
namespace {

constexpr Dialect kOwn = Dialect::Messages;

bool is_id_letter(char letter) {
  const char low = text::lower(letter);
  return (low >= 'a' && low <= 'z') || (letter >= '0' && letter <= '9') || letter == '_' ||
         letter == '-';
}

// Callers may leave out what the first bytes tell.
std::string_view image_type(const Media& media, std::string_view base64) {
  if (!media.media_type.empty() && !media.media_type.ends_with("/*")) return media.media_type;
  if (base64.starts_with("/9j/")) return "image/jpeg";
  if (base64.starts_with("R0lG")) return "image/gif";
  if (base64.starts_with("UklG")) return "image/webp";
  return "image/png";
}

}  // namespace

bool says_something(std::string_view text) {
  return !text::trim(text).empty();
}

bool BlockWriter::is_written(const Part& part) {
  if (const auto* text = std::get_if<Text>(&part.what)) return says_something(text->text);
  if (const auto* refusal = std::get_if<Refusal>(&part.what)) return says_something(refusal->text);
  if (const auto* thinking = std::get_if<Thinking>(&part.what)) {
    return thinking->signature.given() && thinking->signature.by == kOwn;
  }
  if (const auto* block = std::get_if<Foreign>(&part.what)) return block->of == kOwn;
  return true;
}

Result<void> BlockWriter::write(const Part& part) {
  return std::visit([&](const auto& what) { return write(what, part); }, part.what);
}

void BlockWriter::text(std::string_view text) {
  to_.begin_object().member("type", "text").member("text", text).end_object();
}

Result<void> BlockWriter::write(const Text& text, const Part& part) {
  if (!says_something(text.text)) return {};
  to_.begin_object().member("type", "text").member("text", text.text);
  write_citations(text);
  return finish(part);
}

void BlockWriter::write_citations(const Text& text) {
  const auto own = [](const Citation& one) { return one.of == kOwn && !one.json.empty(); };
  if (!text.citations.empty() && std::ranges::none_of(text.citations, own)) {
    return losses_.approximate("annotations");  // Marks of sources that others gave.
  }
  if (text.citations.empty()) return;
  to_.key("citations").begin_array();
  for (const Citation& one : text.citations) {
    if (own(one)) to_.raw(one.json);
  }
  to_.end_array();
}

Result<void> BlockWriter::write(const Media& media, const Part& part) {
  if (media.kind == MediaKind::Audio) return losses_.meaning("messages.content.input_audio");
  if (media.kind == MediaKind::Video) return losses_.meaning("messages.content.video");
  const bool theirs = media.source == MediaSource::FileId || media.source == MediaSource::Json;
  if (theirs && media.of != kOwn)
    return losses_.meaning("messages.content.file_id", "the file is kept by another provider");
  if (!media.detail.empty() && media.detail != "auto")
    TRY_VOID(losses_.hint("messages.content.detail"));
  const bool document = media.kind == MediaKind::Document;
  to_.begin_object().member("type", document ? "document" : "image");
  TRY_VOID(write_source(media));
  if (document) {
    if (!media.name.empty()) to_.member("title", media.name);
    if (!media.context.empty()) to_.member("context", media.context);
    if (media.citations) to_.key("citations").begin_object().member("enabled", true).end_object();
  }
  return finish(part);
}

Result<void> BlockWriter::write_source(const Media& media) {
  to_.key("source");
  if (media.source == MediaSource::Json) {
    to_.raw(media.data);
    return {};
  }
  to_.begin_object();
  const auto inlined = media.source == MediaSource::Url ? read_data_url(media.data) : std::nullopt;
  if (media.source == MediaSource::Base64 || inlined) {
    const std::string_view base64 = inlined ? inlined->base64 : media.data;
    std::string_view type = inlined ? inlined->media_type : media.media_type;
    if (media.kind == MediaKind::Image) type = image_type({.media_type = type}, base64);
    to_.member("type", "base64")
        .member("media_type", type.empty() ? "application/pdf" : type)
        .member("data", base64);
  } else if (media.source == MediaSource::Url) {
    to_.member("type", "url").member("url", media.data);
  } else if (media.source == MediaSource::FileId) {
    to_.member("type", "file").member("file_id", media.data);
  } else {
    to_.member("type", "text").member("media_type", "text/plain").member("data", media.data);
  }
  to_.end_object();
  return {};
}

// Ids of other providers may hold letters that this one refuses.
std::string_view BlockWriter::call_id(std::string_view id, std::size_t& unnamed) {
  if (id.empty()) return arena_.join("call_", arena_.number(unnamed++));
  if (std::ranges::all_of(id, is_id_letter)) return id;
  const std::span<char> copy = arena_.array<char>(id.size());
  std::ranges::transform(id, copy.begin(),
                         [](char letter) { return is_id_letter(letter) ? letter : '_'; });
  return {copy.data(), copy.size()};
}

Result<void> BlockWriter::write(const ToolCall& call, const Part& part) {
  if (call.signature.given() && call.signature.by != kOwn) TRY_VOID(losses_.hint("reasoning"));
  to_.begin_object()
      .member("type", "tool_use")
      .member("id", call_id(call.id, unnamed_calls_))
      .member("name", call.name);
  to_.key("input").raw(arguments_object(call, losses_, arena_));
  return finish(part);
}

Result<void> BlockWriter::write(const ToolResult& result, const Part& part) {
  to_.begin_object()
      .member("type", "tool_result")
      .member("tool_use_id", call_id(result.call_id, unnamed_results_));
  if (result.is_error) to_.member("is_error", true);
  if (std::ranges::any_of(result.parts, is_written)) {
    to_.key("content").begin_array();
    for (const Part& inner : result.parts) TRY_VOID(write(inner));
    to_.end_array();
  } else if (!result.json.empty()) {
    to_.member("content", result.json);
  }
  return finish(part);
}

Result<void> BlockWriter::write(const Thinking& thinking, const Part& part) {
  if (!is_written(part)) {
    // Nobody but their maker takes thoughts, and he only signed ones.
    return losses_.hint("reasoning");
  }
  to_.begin_object();
  if (thinking.redacted) {
    to_.member("type", "redacted_thinking").member("data", thinking.signature.text);
  } else {
    to_.member("type", "thinking")
        .member("thinking", thinking.text)
        .member("signature", thinking.signature.text);
  }
  return finish(part);
}

Result<void> BlockWriter::write(const Refusal& refusal, const Part& part) {
  if (!says_something(refusal.text)) return {};
  losses_.approximate("messages.content.refusal");
  to_.begin_object().member("type", "text").member("text", refusal.text);
  return finish(part);
}

Result<void> BlockWriter::write(const Foreign& block, const Part&) {
  if (block.of != kOwn) return losses_.lose(block.importance, block.type);
  to_.raw(block.json);
  return {};
}

Result<void> BlockWriter::finish(const Part& part) {
  if (part.cache.set && std::holds_alternative<Thinking>(part.what)) {
    TRY_VOID(losses_.hint("cache_control"));
  } else {
    write_cache_mark(part.cache, to_);
  }
  TRY_VOID(losses_.extras(part.extras, kOwn));
  for (const Extra& extra : part.extras) {
    if (extra.of == kOwn) to_.key(extra.name).raw(extra.json);
  }
  to_.end_object();
  return {};
}

}  // namespace sluice::dialect
