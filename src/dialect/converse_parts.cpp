#include "dialect/converse_parts.h"

#include "base/text.h"
#include "dialect/conversation_text.h"
#include "dialect/converse_words.h"

#include <algorithm>

namespace sluice::dialect::converse {
namespace {

constexpr Dialect kOwn = Dialect::Converse;

bool is_letter_or_digit(char letter) {
  const char low = text::lower(letter);
  return (low >= 'a' && low <= 'z') || (letter >= '0' && letter <= '9');
}

bool is_id_letter(char letter) {
  return is_letter_or_digit(letter) || letter == '_' || letter == '-' || letter == '.' ||
         letter == ':';
}

bool is_name_letter(char letter) {
  constexpr std::string_view kMore = " -()[]";
  return is_letter_or_digit(letter) || kMore.find(letter) != std::string_view::npos;
}

std::string_view fitting(std::string_view text, bool (*fits)(char), char instead, Arena& arena) {
  if (std::ranges::all_of(text, fits)) return text;
  const std::span<char> copy = arena.array<char>(text.size());
  std::ranges::transform(text, copy.begin(),
                         [&](char letter) { return fits(letter) ? letter : instead; });
  return {copy.data(), copy.size()};
}

// The block that this text was read from, where it says it only nearly.
JsonText own_block(const Part& part) {
  for (const Extra& extra : part.extras) {
    if (extra.of == kOwn) return extra.json;
  }
  return {};
}

bool is_own(const Citation& citation) {
  return citation.of == kOwn && !citation.json.empty();
}

std::string_view kind_name(MediaKind kind) {
  constexpr std::string_view kNames[] = {"image", "document", "audio", "video"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace

bool says_something(std::string_view text) {
  return !text::trim(text).empty();
}

bool BlockWriter::is_written(const Part& part) {
  if (const auto* text = std::get_if<Text>(&part.what))
    return says_something(text->text) || std::ranges::any_of(text->citations, is_own);
  if (const auto* refusal = std::get_if<Refusal>(&part.what)) return says_something(refusal->text);
  if (const auto* thinking = std::get_if<Thinking>(&part.what))
    return thinking->signature.by == kOwn;
  if (const auto* block = std::get_if<Foreign>(&part.what)) return block->of == kOwn;
  return true;
}

Result<void> BlockWriter::write(const Part& part) {
  TRY_VOID(std::visit([&](const auto& what) { return write(what, part); }, part.what));
  if (part.cache.set && !is_written(part)) return {};
  return write_cache_point(to_, part.cache);
}

void BlockWriter::text(std::string_view text) {
  to_.to.begin_object().member("text", text).end_object();
}

Result<void> BlockWriter::write(const Text& text, const Part& part) {
  if (!is_written(part)) return {};
  if (const JsonText block = own_block(part); !block.empty()) {
    to_.to.raw(block);
    return {};
  }
  TRY_VOID(write_extras(part));
  if (std::ranges::none_of(text.citations, is_own)) {
    // Marks of sources that others gave.
    if (!text.citations.empty()) to_.losses.approximate("annotations");
    this->text(text.text);
    return {};
  }
  to_.to.begin_object().key("citationsContent").begin_object();
  if (!text.text.empty()) {
    to_.to.key("content").begin_array();
    this->text(text.text);
    to_.to.end_array();
  }
  to_.to.key("citations").begin_array();
  for (const Citation& one : text.citations) {
    if (is_own(one)) to_.to.raw(one.json);
  }
  to_.to.end_array().end_object().end_object();
  return {};
}

// What is lost of it is told.
Result<bool> BlockWriter::can_take(const Media& media, std::string_view format) {
  const auto refuse = [&](std::string_view why) -> Result<bool> {
    TRY_VOID(to_.losses.meaning(to_.arena.join("messages.content.", kind_name(media.kind)), why));
    return false;
  };
  const bool theirs = media.source == MediaSource::FileId || media.source == MediaSource::Json;
  if (theirs && media.of != kOwn) return refuse("the file is kept by another provider");
  const bool url = media.source == MediaSource::Url;
  if (url && !media.data.starts_with("s3://") && !read_data_url(media.data))
    return refuse("it fetches no URLs but those of S3");
  if (format.empty()) return refuse("its format is not known there");
  return true;
}

Result<void> BlockWriter::write(const Media& media, const Part& part) {
  const auto inlined = media.source == MediaSource::Url ? read_data_url(media.data) : std::nullopt;
  Media seen = media;
  if (inlined) {
    seen.source = MediaSource::Base64;
    seen.data = inlined->base64;
    seen.media_type = inlined->media_type;
  }
  const std::string_view format = converse_format(seen, seen.media_type);
  TRY(const bool can, can_take(seen, format));
  if (!can) return {};
  if (!media.detail.empty() && media.detail != "auto")
    TRY_VOID(to_.losses.hint("messages.content.detail"));
  to_.to.begin_object().key(kind_name(media.kind)).begin_object().member("format", format);
  if (media.kind == MediaKind::Document) {
    to_.to.member("name", document_name(media.name));
    if (!media.context.empty()) to_.to.member("context", media.context);
    if (media.citations)
      to_.to.key("citations").begin_object().member("enabled", true).end_object();
  }
  write_source(seen, seen.data);
  TRY_VOID(write_extras(part));
  to_.to.end_object().end_object();
  return {};
}

void BlockWriter::write_source(const Media& media, std::string_view data) {
  to_.to.key("source");
  if (media.source == MediaSource::Json) {
    to_.to.raw(data);
    return;
  }
  to_.to.begin_object();
  if (media.source == MediaSource::PlainText) {
    to_.to.member("text", data);
  } else if (media.source == MediaSource::Url) {
    to_.to.key("s3Location").begin_object().member("uri", data).end_object();
  } else {
    to_.to.member("bytes", data);
  }
  to_.to.end_object();
}

std::string_view BlockWriter::document_name(std::string_view told) {
  std::string_view name = fitting(text::trim(told), is_name_letter, '-', to_.arena);
  if (name.empty()) name = "Document";
  const auto taken = [&](std::string_view one) {
    return std::ranges::find(names_.all(), one) != names_.all().end();
  };
  if (taken(name)) name = to_.arena.join(name, " ", to_.arena.number(names_.size() + 1));
  return names_.add(name);
}

// Ids of other providers may hold letters that this one refuses, or too many.
std::string_view BlockWriter::call_id(std::string_view id, std::size_t& unnamed) {
  constexpr std::size_t kMost = 64;
  if (id.empty()) return to_.arena.join("call_", to_.arena.number(unnamed++));
  if (id.size() > kMost) id.remove_prefix(id.size() - kMost);
  return fitting(id, is_id_letter, '_', to_.arena);
}

Result<void> BlockWriter::write(const ToolCall& call, const Part& part) {
  if (call.signature.given()) TRY_VOID(to_.losses.hint("reasoning"));
  to_.to.begin_object().key("toolUse").begin_object();
  to_.to.member("toolUseId", call_id(call.id, unnamed_calls_)).member("name", call.name);
  to_.to.key("input").raw(arguments_object(call, to_.losses, to_.arena));
  TRY_VOID(write_extras(part));
  to_.to.end_object().end_object();
  return {};
}

Result<void> BlockWriter::write(const ToolResult& result, const Part& part) {
  to_.to.begin_object().key("toolResult").begin_object();
  to_.to.member("toolUseId", call_id(result.call_id, unnamed_results_));
  to_.to.key("content").begin_array();
  const bool any = std::ranges::any_of(result.parts, is_written);
  if (!any && looks_like_object(result.json)) {
    to_.to.begin_object().key("json").raw(result.json).end_object();
  } else if (!any) {
    // The API wants a text that is not empty.
    text(result.json.empty() ? "(empty)" : result.json);
  }
  for (const Part& inner : result.parts) TRY_VOID(write(inner));
  to_.to.end_array();
  if (result.is_error) to_.to.member("status", "error");
  TRY_VOID(write_extras(part));
  to_.to.end_object().end_object();
  return {};
}

Result<void> BlockWriter::write(const Thinking& thinking, const Part& part) {
  // Nobody but their maker takes thoughts.
  if (!is_written(part)) return to_.losses.hint("reasoning");
  to_.to.begin_object().key("reasoningContent").begin_object();
  if (thinking.redacted) {
    to_.to.member("redactedContent", thinking.signature.text);
  } else {
    to_.to.key("reasoningText").begin_object().member("text", thinking.text);
    if (thinking.signature.given()) to_.to.member("signature", thinking.signature.text);
    to_.to.end_object();
  }
  to_.to.end_object().end_object();
  return {};
}

Result<void> BlockWriter::write(const Refusal& refusal, const Part&) {
  if (!says_something(refusal.text)) return {};
  to_.losses.approximate("messages.content.refusal");
  text(refusal.text);
  return {};
}

Result<void> BlockWriter::write(const Foreign& block, const Part&) {
  if (block.of != kOwn) return to_.losses.lose(block.importance, block.type);
  to_.to.raw(block.json);
  return {};
}

Result<void> BlockWriter::write_extras(const Part& part) {
  TRY_VOID(to_.losses.extras(part.extras, kOwn));
  if (std::holds_alternative<Text>(part.what)) return {};
  for (const Extra& extra : part.extras) {
    if (extra.of == kOwn) to_.to.key(extra.name).raw(extra.json);
  }
  return {};
}

}  // namespace sluice::dialect::converse
