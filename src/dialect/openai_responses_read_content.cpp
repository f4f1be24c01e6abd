// What messages and the results of tools consist of.
#include "dialect/conversation_text.h"
#include "dialect/openai_responses_parts.h"

namespace sluice::dialect::responses {
namespace {

using json::Kind;
using json::Value;

constexpr std::string_view kBreakpoint = "prompt_cache_breakpoint";

class ContentReader {
 public:
  ContentReader(std::string_view field, Arena& arena) : field_(field), arena_(arena) {}

  Result<Part> read(const Value& value) {
    if (value.kind() != Kind::Object) return wrong(std::string(field_), "a list of objects");
    TRY(const auto type, text_of(value.find("type"), ".type"));
    if (type.ends_with("_text") || type == "text") return text(value, type);
    if (type == "input_image") return image(value);
    if (type == "input_file") return file(value);
    if (type == "input_audio") return audio(value);
    if (type == "refusal") {
      TRY(const auto words, text_of(value.find("refusal"), ".refusal"));
      return Part{.what = Refusal{words}};
    }
    if (type.empty()) return wrong(std::string(field_) + ".type", "given");
    return Part{.what = Foreign{.of = Dialect::Responses, .type = type, .json = value.raw()}};
  }

 private:
  Result<std::string_view> text_of(const std::optional<Value>& value, std::string_view member) {
    if (!given(value)) return std::string_view();
    return read_text(*value, std::string(field_) + std::string(member), arena_);
  }

  void finish(const Value& value, std::span<const std::string_view> keys, Part& part) {
    ArenaList<Extra> extras(arena_);
    add_extras(value, keys, {}, arena_, extras);
    part.extras = extras.all();
    part.cache.set = own_extra(part.extras, kBreakpoint) != nullptr;
  }

  Result<Part> text(const Value& value, std::string_view type) {
    constexpr std::string_view keys[] = {"type", "text", "annotations", "logprobs"};
    TRY(const auto fields, json::pick(value, keys));
    const auto& [type_field, words, annotations, logprobs] = fields;
    if (!given(words)) return wrong(std::string(field_) + ".text", "given");
    Text said;
    TRY(said.text, text_of(words, ".text"));
    if (given(annotations)) TRY_VOID(citations(*annotations, said));
    Part part{.what = said};
    finish(value, keys, part);
    // Thoughts that stand in a message: never seen of OpenAI, but of others that speak like it.
    if (type == "reasoning_text" || type == "summary_text")
      part.what = Thinking{.text = said.text, .summary = type == "summary_text"};
    return part;
  }

  Result<void> citations(const Value& annotations, Text& said) {
    if (annotations.kind() != Kind::Array)
      return wrong(std::string(field_) + ".annotations", "an array");
    ArenaList<Citation> list(arena_);
    for (const Value each : annotations.elements()) {
      if (each.kind() == Kind::Object) list.add(read_annotation(each, arena_));
    }
    said.citations = list.all();
    return {};
  }

  Result<Part> image(const Value& value) {
    constexpr std::string_view keys[] = {"type", "image_url", "file_id", "detail"};
    TRY(const auto fields, json::pick(value, keys));
    const auto& [type, url, id, detail] = fields;
    Media media{.kind = MediaKind::Image, .of = Dialect::Responses};
    TRY(media.detail, text_of(detail, ".detail"));
    if (given(url)) {
      TRY(media.data, text_of(url, ".image_url"));
      take_url(media);
    } else {
      if (!given(id)) return wrong(std::string(field_) + ".image_url", "given");
      media.source = MediaSource::FileId;
      TRY(media.data, text_of(id, ".file_id"));
    }
    Part part{.what = media};
    finish(value, keys, part);
    return part;
  }

  Result<Part> file(const Value& value) {
    constexpr std::string_view keys[] = {"type",     "file_data", "file_id",
                                         "file_url", "filename",  "detail"};
    TRY(const auto fields, json::pick(value, keys));
    const auto& [type, data, id, url, name, detail] = fields;
    Media media{.kind = MediaKind::Document, .of = Dialect::Responses};
    TRY(media.name, text_of(name, ".filename"));
    TRY(media.detail, text_of(detail, ".detail"));
    if (given(data)) {
      TRY(media.data, text_of(data, ".file_data"));
      take_url(media);
      media.source = MediaSource::Base64;  // What is no data URL is bare base64.
    } else if (given(url)) {
      TRY(media.data, text_of(url, ".file_url"));
      media.source = MediaSource::Url;
    } else {
      if (!given(id)) return wrong(std::string(field_) + ".file_data", "given");
      media.source = MediaSource::FileId;
      TRY(media.data, text_of(id, ".file_id"));
    }
    Part part{.what = media};
    finish(value, keys, part);
    return part;
  }

  Result<Part> audio(const Value& value) {
    constexpr std::string_view keys[] = {"type", "input_audio"};
    TRY(const auto fields, json::pick(value, keys));
    const auto& [type, audio] = fields;
    if (!given(audio)) return wrong(std::string(field_) + ".input_audio", "given");
    Media media{.kind = MediaKind::Audio, .of = Dialect::Responses};
    TRY(media.data, text_of(audio->find("data"), ".input_audio.data"));
    TRY(const auto format, text_of(audio->find("format"), ".input_audio.format"));
    media.media_type = arena_.join("audio/", format == "mp3" ? "mpeg" : format);
    Part part{.what = media};
    finish(value, keys, part);
    return part;
  }

  static void take_url(Media& media) {
    media.source = MediaSource::Url;
    const auto inline_data = read_data_url(media.data);
    if (!inline_data) return;
    media.source = MediaSource::Base64;
    media.media_type = inline_data->media_type;
    media.data = inline_data->base64;
  }

  std::string_view field_;
  Arena& arena_;
};

}  // namespace

Citation read_annotation(const Value& annotation, Arena& arena) {
  Citation citation{.of = Dialect::Responses, .json = annotation.raw()};
  for (const auto [key, value] : annotation.members()) {
    const std::string_view name = key.plain_string().value_or("");
    if (name == "url") citation.url = value.string(arena).value_or("");
    if (name == "title" || name == "filename") citation.title = value.string(arena).value_or("");
    if (name == "start_index") citation.begin = value.integer().value_or(-1);
    if (name == "end_index") citation.end = value.integer().value_or(-1);
  }
  return citation;
}

Result<void> read_content(const Value& content, std::string_view field, Arena& arena,
                          ArenaList<Part>& parts) {
  if (content.kind() == Kind::String) {
    TRY(const auto text, read_text(content, field, arena));
    parts.add({.what = Text{text}});
    return {};
  }
  if (content.kind() != Kind::Array) return wrong(std::string(field), "a string or an array");
  ContentReader reader(field, arena);
  for (const Value each : content.elements()) {
    TRY(const Part part, reader.read(each));
    parts.add(part);
  }
  return {};
}

}  // namespace sluice::dialect::responses
