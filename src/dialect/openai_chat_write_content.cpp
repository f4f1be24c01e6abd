#include "dialect/conversation_text.h"
#include "dialect/openai_chat_write.h"

#include <algorithm>

namespace sluice::dialect::chat {
namespace {

std::string_view audio_format(std::string_view media_type) {
  const std::string_view kind = media_type.substr(media_type.find('/') + 1);
  if (kind == "mpeg" || kind == "mpeg3" || kind == "mp3") return "mp3";
  if (kind == "wav" || kind == "x-wav" || kind == "wave" || kind == "vnd.wave") return "wav";
  return kind.starts_with("x-") ? kind.substr(2) : kind;
}

std::string_view url_of(Writing& to, const Media& media, std::string_view media_type) {
  if (media.source == MediaSource::Url) return media.data;
  return data_url(media.media_type.empty() ? media_type : media.media_type, media.data, to.arena);
}

void write_url_part(Writing& to, std::string_view type, std::string_view url,
                    std::string_view detail = {}) {
  to.out.member("type", type).key(type).begin_object().member("url", url);
  if (!detail.empty()) to.out.member("detail", detail);
  to.out.end_object();
}

Result<bool> write_image(Writing& to, const Media& media) {
  if (media.source != MediaSource::Url && media.source != MediaSource::Base64) {
    TRY_VOID(to.losses.meaning("messages.content.image", "it takes data and URLs only"));
    return false;
  }
  to.out.begin_object();
  write_url_part(to, "image_url", url_of(to, media, "image/png"), media.detail);
  return true;
}

Result<bool> write_audio_part(Writing& to, const Media& media) {
  const bool url = media.source == MediaSource::Url;
  const bool own = media.of == Dialect::Chat;
  if ((url && !own) || (!url && media.source != MediaSource::Base64)) {
    TRY_VOID(to.losses.meaning("messages.content.audio", "it takes data only"));
    return false;
  }
  to.out.begin_object();
  if (url && media.detail == "audio_url") {
    write_url_part(to, "audio_url", media.data);
    return true;
  }
  to.out.member("type", "input_audio").key("input_audio");
  if (url || (own && media.media_type.empty())) {
    to.out.value(media.data);
  } else {
    to.out.begin_object().member("data", media.data);
    to.out.member("format", audio_format(media.media_type)).end_object();
  }
  return true;
}

Result<bool> write_video(Writing& to, const Media& media) {
  const bool sendable = media.source == MediaSource::Url || media.source == MediaSource::Base64;
  if (!sendable || to.quirks.developer_role) {
    TRY_VOID(to.losses.meaning("messages.content.video", "it takes none"));
    return false;
  }
  to.out.begin_object();
  write_url_part(to, "video_url", url_of(to, media, "video/mp4"));
  return true;
}

void write_file(Writing& to, const Media& media, std::string_view data) {
  to.out.member("type", "file").key("file").begin_object();
  to.out.member("filename", media.name.empty() ? "document.pdf" : media.name);
  to.out.member("file_data", data).end_object();
}

Result<bool> write_document(Writing& to, const Media& media) {
  const bool own = media.of == Dialect::Chat;
  const bool files_of_openai = own || media.of == Dialect::Responses || media.of == Dialect::OpenAi;
  if (media.citations) TRY_VOID(to.losses.hint("citations"));
  if (!media.context.empty()) TRY_VOID(to.losses.hint("context"));
  to.out.begin_object();
  if (media.source == MediaSource::PlainText) {
    to.losses.approximate("messages.content.document");
    to.out.member("type", "text");
    to.out.member("text",
                  media.name.empty() ? media.data : to.arena.join(media.name, "\n\n", media.data));
  } else if (own && media.detail.ends_with("_url") && media.source != MediaSource::FileId) {
    // Bare base64 stays so.
    const bool bare = media.source == MediaSource::Base64 && media.media_type.empty();
    write_url_part(to, media.detail, bare ? media.data : url_of(to, media, "application/pdf"));
  } else if (media.source == MediaSource::Base64) {
    write_file(to, media, url_of(to, media, "application/pdf"));
  } else if (media.source == MediaSource::Url && (to.router() || own)) {
    write_file(to, media, media.data);
  } else if (media.source == MediaSource::FileId && files_of_openai) {
    to.out.member("type", "file").key("file").begin_object();
    to.out.member("file_id", media.data).end_object();
  } else {
    // An element was begun, so that it must be one: the text says what is missing.
    TRY_VOID(to.losses.meaning("messages.content.document", "it takes data only"));
    to.out.member("type", "text").member("text", media.name);
  }
  return true;
}

Result<bool> write_media(Writing& to, const Media& media) {
  struct Need {
    Ability ability;
    std::string_view field;
  };
  constexpr Need kNeeds[] = {{Ability::ImagesIn, "messages.content.image"},
                             {Ability::DocumentsIn, "messages.content.document"},
                             {Ability::AudioIn, "messages.content.audio"},
                             {Ability::VideoIn, "messages.content.video"}};
  const Need& need = kNeeds[static_cast<std::size_t>(media.kind)];
  if (media.source != MediaSource::PlainText && to.lacks(need.ability)) {
    TRY_VOID(to.losses.meaning(need.field, "the model does not take it"));
    return false;
  }
  switch (media.kind) {
    case MediaKind::Image:
      return write_image(to, media);
    case MediaKind::Document:
      return write_document(to, media);
    case MediaKind::Audio:
      return write_audio_part(to, media);
    case MediaKind::Video:
      return write_video(to, media);
  }
  return false;
}

bool is_content(const Part& part) {
  return std::holds_alternative<Text>(part.what) || std::holds_alternative<Media>(part.what) ||
         std::holds_alternative<Foreign>(part.what);
}

}  // namespace

Result<void> write_part(Writing& to, const Part& part) {
  if (const auto* foreign = std::get_if<Foreign>(&part.what)) {
    if (foreign->of == Dialect::Chat) {
      to.out.raw(foreign->json);
      return {};
    }
    return to.losses.lose(foreign->importance, to.arena.join("messages.content.", foreign->type));
  }
  if (const auto* text = std::get_if<Text>(&part.what)) {
    if (!text->citations.empty()) TRY_VOID(to.losses.hint("citations"));
    to.out.begin_object().member("type", "text").member("text", text->text);
  } else if (const auto* media = std::get_if<Media>(&part.what)) {
    TRY(const bool written, write_media(to, *media));
    if (!written) return {};
  } else {
    return {};
  }
  TRY_VOID(write_cache_mark(to, part.cache));
  TRY_VOID(write_extras(to, part.extras));
  to.out.end_object();
  return {};
}

Result<void> write_content(Writing& to, std::span<const Part> parts) {
  const auto is_plain = [&to](const Part& part) {
    return std::holds_alternative<Text>(part.what) && part.extras.empty() &&
           !(part.cache.set && to.router());
  };
  std::size_t count = 0;
  const Part* only = nullptr;
  for (const Part& part : parts) {
    if (!is_content(part)) continue;
    ++count;
    only = &part;
  }
  if (count == 0) {
    to.out.value("");
    return {};
  }
  if (count == 1 && is_plain(*only)) {
    TRY_VOID(write_cache_mark(to, only->cache));
    const Text& text = std::get<Text>(only->what);
    if (!text.citations.empty()) TRY_VOID(to.losses.hint("citations"));
    to.out.value(text.text);
    return {};
  }
  to.out.begin_array();
  for (const Part& part : parts) {
    if (is_content(part)) TRY_VOID(write_part(to, part));
  }
  to.out.end_array();
  return {};
}

}  // namespace sluice::dialect::chat
