#include "dialect/converse_words.h"

#include "dialect/base64.h"
#include "dialect/seals.h"

#include <algorithm>
#include <array>

namespace sluice::dialect {
namespace {

using json::Value;

// How base64 of the mark begins.
constexpr std::string_view kMarked = "c2x1aWNlO";

struct Format {
  MediaKind kind;
  std::string_view format;
  std::string_view media_type;
};
constexpr std::array kFormats = {
    Format{MediaKind::Image, "png", "image/png"},
    Format{MediaKind::Image, "jpeg", "image/jpeg"},
    Format{MediaKind::Image, "jpeg", "image/jpg"},
    Format{MediaKind::Image, "gif", "image/gif"},
    Format{MediaKind::Image, "webp", "image/webp"},
    Format{MediaKind::Document, "pdf", "application/pdf"},
    Format{MediaKind::Document, "csv", "text/csv"},
    Format{MediaKind::Document, "doc", "application/msword"},
    Format{MediaKind::Document, "docx",
           "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    Format{MediaKind::Document, "xls", "application/vnd.ms-excel"},
    Format{MediaKind::Document, "xlsx",
           "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    Format{MediaKind::Document, "html", "text/html"},
    Format{MediaKind::Document, "txt", "text/plain"},
    Format{MediaKind::Document, "md", "text/markdown"},
    Format{MediaKind::Video, "mkv", "video/x-matroska"},
    Format{MediaKind::Video, "mov", "video/quicktime"},
    Format{MediaKind::Video, "flv", "video/x-flv"},
    Format{MediaKind::Video, "wmv", "video/x-ms-wmv"},
    Format{MediaKind::Video, "three_gp", "video/3gpp"},
    Format{MediaKind::Audio, "mp3", "audio/mpeg"},
    Format{MediaKind::Audio, "wav", "audio/x-wav"},
    Format{MediaKind::Audio, "mka", "audio/x-matroska"},
};

struct Finish {
  std::string_view native;
  FinishReason reason;
};
// The first of a reason is its name for answers that other dialects gave.
constexpr std::array kFinishes = {
    Finish{"end_turn", FinishReason::Stop},
    Finish{"tool_use", FinishReason::ToolCalls},
    Finish{"max_tokens", FinishReason::Length},
    Finish{"stop_sequence", FinishReason::StopSequence},
    Finish{"content_filtered", FinishReason::ContentFilter},
    Finish{"guardrail_intervened", FinishReason::ContentFilter},
    Finish{"content_filtered", FinishReason::Refusal},
    Finish{"model_context_window_exceeded", FinishReason::ContextLength},
    Finish{"malformed_model_output", FinishReason::Other},
    Finish{"malformed_tool_use", FinishReason::Other},
};

std::int64_t count(const Value& object, std::string_view key) {
  const auto value = object.find(key);
  return value ? value->integer().value_or(0) : 0;
}

std::string_view text_in(const Value& object, std::string_view key, Arena& arena) {
  const auto value = object.find(key);
  return value ? value->string(arena).value_or("") : std::string_view();
}

// Callers may leave out what the first bytes tell.
std::string_view image_format(std::string_view base64) {
  if (base64.starts_with("/9j/")) return "jpeg";
  if (base64.starts_with("R0lG")) return "gif";
  if (base64.starts_with("UklG")) return "webp";
  return "png";
}

}  // namespace

std::unexpected<Failure> converse_wrong(std::string_view path, std::string_view expected) {
  return fail(ApiError{.kind = ErrorKind::InvalidRequest,
                       .code = "invalid_request",
                       .message = std::string(path) + " must be " + std::string(expected) + ".",
                       .param = std::string(path)});
}

std::string_view converse_media_type(MediaKind kind, std::string_view format, Arena& arena) {
  for (const Format& row : kFormats) {
    if (row.kind == kind && row.format == format) return row.media_type;
  }
  if (kind == MediaKind::Document) return "application/octet-stream";
  constexpr std::string_view kTypes[] = {"image/", "", "audio/", "video/"};
  return arena.join(kTypes[static_cast<std::size_t>(kind)], format);
}

std::string_view converse_format(const Media& media, std::string_view media_type) {
  media_type = media_type.substr(0, media_type.find(';'));
  for (const Format& row : kFormats) {
    if (row.kind == media.kind && row.media_type == media_type) return row.format;
  }
  const std::string_view subtype =
      media_type.substr(std::min(media_type.find('/'), media_type.size()));
  switch (media.kind) {
    case MediaKind::Image:
      if (!media_type.empty() && subtype != "/*") return {};
      return image_format(media.source == MediaSource::Base64 ? media.data : "");
    case MediaKind::Document:
      if (media_type.empty()) return media.source == MediaSource::PlainText ? "txt" : "pdf";
      return media_type.starts_with("text/") ? "txt" : std::string_view();
    default:
      return subtype.empty() ? subtype : subtype.substr(1);
  }
}

FinishReason converse_finish_reason(std::string_view native) {
  const auto* row = std::ranges::find(kFinishes, native, &Finish::native);
  return row == kFinishes.end() ? FinishReason::Other : row->reason;
}

std::string_view converse_finish_name(FinishReason reason, std::string_view native) {
  const auto told = [&](const Finish& row) { return row.native == native && row.reason == reason; };
  if (const auto* row = std::ranges::find_if(kFinishes, told); row != kFinishes.end())
    return row->native;
  if (reason == FinishReason::Other || reason == FinishReason::Pause) return "end_turn";
  const auto* row = std::ranges::find(kFinishes, reason, &Finish::reason);
  return row == kFinishes.end() ? "end_turn" : row->native;
}

void append_sealed_bytes(std::string& out, const Sealed& seal) {
  if (seal.by == Dialect::Converse) {
    out += seal.text;
    return;
  }
  std::string marked;
  carry_seal(seal, Dialect::Converse, marked);
  append_base64(out, marked);
}

Sealed read_sealed_bytes(std::string_view base64, Arena& arena) {
  if (base64.starts_with(kMarked)) {
    const Sealed seal = read_seal(from_base64(base64, arena), Dialect::Converse);
    if (seal.by != Dialect::Converse) return seal;
  }
  return {Dialect::Converse, base64};
}

Usage read_converse_usage(const json::Value& usage) {
  Usage told;
  told.cached = count(usage, "cacheReadInputTokens");
  told.cache_write = count(usage, "cacheWriteInputTokens");
  told.input = count(usage, "inputTokens") + told.cached + told.cache_write;
  told.output = count(usage, "outputTokens");
  if (const auto details = usage.find("cacheDetails")) {
    for (const Value detail : details->elements()) {
      const auto ttl = detail.find("ttl");
      if (ttl && *ttl == "1h") told.cache_write_1h += count(detail, "inputTokens");
    }
  }
  return told;
}

void write_converse_usage(const Usage& usage, json::Writer& to) {
  to.begin_object();
  to.member("inputTokens",
            std::max<std::int64_t>(usage.input - usage.cached - usage.cache_write, 0));
  to.member("outputTokens", usage.output).member("totalTokens", usage.input + usage.output);
  to.member("cacheReadInputTokens", usage.cached);
  to.member("cacheWriteInputTokens", usage.cache_write);
  if (usage.cache_write_1h > 0) {
    to.key("cacheDetails").begin_array().begin_object().member("ttl", "1h");
    to.member("inputTokens", usage.cache_write_1h).end_object().end_array();
  }
  to.end_object();
}

Citation read_converse_citation(const json::Value& value, Arena& arena) {
  Citation citation{.of = Dialect::Converse, .json = value.raw()};
  citation.title = text_in(value, "title", arena);
  if (const auto sources = value.find("sourceContent")) {
    for (const Value source : sources->elements()) {
      citation.cited = text_in(source, "text", arena);
      break;
    }
  }
  const auto location = value.find("location");
  if (const auto web = location ? location->find("web") : std::nullopt) {
    citation.url = text_in(*web, "url", arena);
    if (citation.title.empty()) citation.title = text_in(*web, "domain", arena);
  }
  return citation;
}

void write_converse_citation(const Citation& citation, json::Writer& to) {
  if (citation.of == Dialect::Converse && !citation.json.empty()) {
    to.raw(citation.json);
    return;
  }
  to.begin_object();
  if (!citation.title.empty()) to.member("title", citation.title);
  if (!citation.cited.empty()) {
    to.key("sourceContent").begin_array().begin_object();
    to.member("text", citation.cited).end_object().end_array();
  }
  if (!citation.url.empty()) {
    to.key("location").begin_object().key("web").begin_object();
    to.member("url", citation.url).end_object().end_object();
  }
  to.end_object();
}

}  // namespace sluice::dialect
