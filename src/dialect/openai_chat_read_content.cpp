#include "base/json.h"
#include "dialect/conversation_text.h"
#include "dialect/openai_chat_read.h"
#include "dialect/openai_fields.h"
#include "dialect/seals.h"

namespace sluice::dialect::chat {
namespace {

using json::Kind;
using json::Value;

// A URL or {"url": …}: what it holds is data, or stands elsewhere.
void take_url(const Value& value, Arena& arena, Media& media) {
  const bool inner = value.kind() == Kind::Object;
  const std::string_view url = text_or_nothing(inner ? value.find("url") : value, arena);
  if (inner) {
    media.detail = text_or_nothing(value.find("detail"), arena);
    media.name = text_or_nothing(value.find("filename"), arena);
  }
  if (const auto data = read_data_url(url)) {
    media.source = MediaSource::Base64;
    media.media_type = data->media_type;
    media.data = data->base64;
  } else {
    media.source = MediaSource::Url;
    media.data = url;
  }
}

Media read_file(const Value& file, Arena& arena) {
  Media media{.kind = MediaKind::Document};
  media.name = text_or_nothing(file.find("filename"), arena);
  const std::string_view data = text_or_nothing(file.find("file_data"), arena);
  if (const std::string_view id = text_or_nothing(file.find("file_id"), arena); !id.empty()) {
    media.source = MediaSource::FileId;
    media.of = Dialect::Chat;
    media.data = id;
  } else if (const auto inlined = read_data_url(data)) {
    media.media_type = inlined->media_type;
    media.data = inlined->base64;
  } else if (data.starts_with("http:") || data.starts_with("https:")) {  // OpenRouter takes those.
    media.source = MediaSource::Url;
    media.data = data;
  } else {
    media.data = data;
    media.media_type = "application/pdf";
  }
  return media;
}

Media read_audio_part(const Value& audio, Arena& arena) {
  Media media{.kind = MediaKind::Audio, .of = Dialect::Chat};
  if (audio.kind() == Kind::String) {  // Mistral's: a URL or base64.
    const std::string_view text = text_or_nothing(audio, arena);
    take_url(audio, arena, media);
    if (media.source == MediaSource::Url && !text.starts_with("http"))
      media.source = MediaSource::Base64;
    return media;
  }
  media.data = text_or_nothing(audio.find("data"), arena);
  const std::string_view format = text_or_nothing(audio.find("format"), arena);
  if (format == "mp3") {
    media.media_type = "audio/mpeg";
  } else if (!format.empty()) {
    media.media_type = arena.join("audio/", format);
  }
  return media;
}

// The kind of media of a part's type; nothing: it is none.
std::optional<Media> read_media(std::string_view type, const Value& value, Arena& arena) {
  if (type == "file") return read_file(value, arena);
  if (type == "input_audio") return read_audio_part(value, arena);
  Media media;
  if (type == "image_url") {
    take_url(value, arena, media);
  } else if (type == "video_url") {
    media.kind = MediaKind::Video;
    take_url(value, arena, media);
  } else if (type == "audio_url") {
    media.kind = MediaKind::Audio;
    take_url(value, arena, media);
  } else if (type == "file_url" || type == "document_url") {
    media.kind = MediaKind::Document;
    take_url(value, arena, media);
    // Perplexity takes bare base64 there.
    if (media.source == MediaSource::Url && media.data.find(':') == std::string_view::npos)
      media.source = MediaSource::Base64;
    media.of = Dialect::Chat;
    media.detail = type;  // To be written so again.
  } else {
    return std::nullopt;
  }
  return media;
}

// Mistral's {"type": "thinking", "thinking": [{"type": "text", "text": …}]} or Anthropic's, where
// the thought is a string with a signature.
std::optional<Thinking> read_thinking_part(std::string_view type, const Value& part, Arena& arena) {
  if (type == "redacted_thinking") {
    const std::string_view data = text_or_nothing(part.find("data"), arena);
    return Thinking{.signature = read_seal(data, Dialect::Messages), .redacted = true};
  }
  if (type != "thinking") return std::nullopt;
  Thinking thinking;
  const auto said = part.find("thinking");
  if (said && said->kind() == Kind::Array) {
    ArenaList<Part> pieces(arena);
    for (const Value piece : said->elements()) {
      pieces.add({.what = Text{text_or_nothing(piece.find("text"), arena)}});
    }
    thinking.text = joined_text(pieces.all(), "", arena);
    thinking.signature.by = Dialect::Chat;
  } else {
    thinking.text = text_or_nothing(said, arena);
    const std::string_view signature = text_or_nothing(part.find("signature"), arena);
    if (!signature.empty()) thinking.signature = read_seal(signature, Dialect::Messages);
  }
  return thinking;
}

void read_extras(const Value& part, std::string_view type, Arena& arena, Part& read) {
  ArenaList<Extra> extras(arena);
  for (const auto member : part.members()) {
    const std::string_view name = name_of(member, arena);
    if (name == "type" || name == type || is_null(member.value)) continue;
    if (name == "cache_control") {
      read.cache = read_cache_control(member.value, arena);
    } else {
      extras.add({Dialect::Chat, name, member.value.raw(), Importance::Hint});
    }
  }
  read.extras = extras.all();
}

Result<Part> read_part(const Value& value, std::string_view field, Arena& arena) {
  if (value.kind() == Kind::String) return Part{.what = Text{text_or_nothing(value, arena)}};
  if (value.kind() != Kind::Object) return wrong_field(field, "an array of parts");
  const std::string_view type = text_or_nothing(value.find("type"), arena);
  Part part;
  if (auto thinking = read_thinking_part(type, value, arena)) {
    part.what = *thinking;
    // Whole, for a target that speaks so too.
    if (!thinking->signature.given())
      part.extras = arena.array_of(Extra{Dialect::Chat, "thinking", value.raw()});
    return part;
  }
  const auto inner = value.find(type);
  if (type == "text" || (type.empty() && value.find("text"))) {
    const auto text = value.find("text");
    if (!text) return wrong_field(field, "parts of text that hold a text");
    TRY(const std::string_view said, read_text(*text, field, arena));
    part.what = Text{said};
    read_extras(value, "text", arena, part);
    return part;
  }
  if (type == "refusal") {
    part.what = Refusal{text_or_nothing(inner, arena)};
  } else if (const auto media = inner ? read_media(type, *inner, arena) : std::nullopt) {
    if (media->data.empty()) return wrong_field(field, "parts that hold what their type says");
    part.what = *media;
  } else {
    if (type.empty()) return wrong_field(field, "parts that have a type");
    part.what = Foreign{Dialect::Chat, type, value.raw(), Importance::Meaning};
    return part;
  }
  read_extras(value, type, arena, part);
  return part;
}

}  // namespace

Result<void> read_chat_content(const Value& content, std::string_view field, Arena& arena,
                               ArenaList<Part>& parts) {
  if (content.kind() == Kind::String) {
    TRY(const std::string_view text, read_text(content, field, arena));
    parts.add({.what = Text{text}});
    return {};
  }
  if (content.kind() != Kind::Array) return wrong_field(field, "a string or an array of parts");
  for (const Value value : content.elements()) {
    TRY(const Part part, read_part(value, field, arena));
    parts.add(part);
  }
  return {};
}

}  // namespace sluice::dialect::chat
