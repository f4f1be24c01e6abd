#include "dialect/openai_chat_words.h"

#include "dialect/openai_chat_thoughts.h"
#include "dialect/seals.h"

#include <algorithm>

namespace sluice::dialect::chat {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  json::Writer(out).value(number);
}

}  // namespace

std::string_view finish_word(FinishReason reason, const Said& said) {
  const std::string_view called = said.functions ? "function_call" : "tool_calls";
  switch (reason) {
    case FinishReason::Length:
    case FinishReason::ContextLength:
      return "length";
    case FinishReason::ToolCalls:
      return called;
    case FinishReason::ContentFilter:
      return "content_filter";
    case FinishReason::Refusal:
      // OpenAI's models stop after they said why they refuse.
      return said.refusal ? "stop" : "content_filter";
    case FinishReason::Other:
      return said.calls ? called : "stop";
    default:
      return "stop";
  }
}

void write_usage(json::Writer& writer, const Usage& usage) {
  writer.begin_object();
  writer.member("prompt_tokens", usage.input);
  writer.member("completion_tokens", usage.output);
  writer.member("total_tokens", usage.input + usage.output);
  writer.key("prompt_tokens_details").begin_object();
  writer.member("cached_tokens", usage.cached);
  writer.member("audio_tokens", usage.audio_input);
  if (usage.cache_write > 0) writer.member("cache_write_tokens", usage.cache_write);
  if (usage.image_input > 0) writer.member("image_tokens", usage.image_input);
  writer.end_object();
  writer.key("completion_tokens_details").begin_object();
  writer.member("reasoning_tokens", usage.reasoning);
  writer.member("audio_tokens", usage.audio_output);
  if (usage.image_output > 0) writer.member("image_tokens", usage.image_output);
  writer.member("accepted_prediction_tokens", 0);
  writer.member("rejected_prediction_tokens", 0);
  writer.end_object();
  if (usage.searches > 0) {
    writer.key("server_tool_use_details").begin_object();
    writer.member("web_search_requests", usage.searches).end_object();
  }
  writer.end_object();
}

bool write_annotation(json::Writer& writer, const Citation& citation, std::int64_t begin,
                      std::int64_t end) {
  if (citation.of == Dialect::Chat && !citation.json.empty()) {
    std::string line;
    append_line(line, citation.json);
    writer.raw(line);
    return true;
  }
  if (citation.url.empty()) return false;
  const bool placed = citation.begin >= 0 && citation.end >= 0;
  writer.begin_object().member("type", "url_citation").key("url_citation").begin_object();
  writer.member("url", citation.url).member("title", citation.title);
  writer.member("start_index", placed ? citation.begin : begin);
  writer.member("end_index", placed ? citation.end : end);
  if (!citation.cited.empty()) writer.member("content", citation.cited);
  writer.end_object().end_object();
  return true;
}

void write_image(json::Writer& writer, const Media& media) {
  writer.begin_object().member("type", "image_url").key("image_url").begin_object();
  if (media.source == MediaSource::Url) {
    writer.member("url", media.data);
  } else {
    std::string url = "data:";
    url.append(media.media_type.empty() ? "image/png" : media.media_type);
    url.append(";base64,").append(media.data);
    writer.member("url", url);
  }
  writer.end_object().end_object();
}

void write_audio(json::Writer& writer, const AudioDelta& audio) {
  writer.begin_object();
  if (!audio.id.empty()) writer.member("id", audio.id);
  if (!audio.base64.empty()) writer.member("data", audio.base64);
  if (!audio.transcript.empty()) writer.member("transcript", audio.transcript);
  if (audio.expires_at != 0) writer.member("expires_at", audio.expires_at);
  writer.end_object();
}

void append_thought(std::string& out, std::string_view text, bool summary, std::uint32_t index) {
  out.append(summary ? R"({"type":"reasoning.summary","summary":")"
                     : R"({"type":"reasoning.text","text":")");
  json::append_escaped(out, text);
  out.append(R"(","index":)");
  append_number(out, index);
  out += '}';
}

void append_seal(std::string& out, const Sealed& seal, std::string_view item_id, SealKind kind,
                 std::uint32_t index) {
  if (seal.by == Dialect::Chat) {
    append_line(out, seal.text);
    return;
  }
  switch (kind) {
    case SealKind::OfText:
      out.append(R"({"type":"reasoning.text","signature":")");
      break;
    case SealKind::OfSummary:
      out.append(R"({"type":"reasoning.summary","summary":"","signature":")");
      break;
    case SealKind::OfNothing:
      out.append(R"({"type":"reasoning.encrypted","data":")");
      break;
  }
  std::string carried;
  carry_seal(seal, Dialect::Chat, carried);
  json::append_escaped(out, carried);
  if (!item_id.empty()) {
    out.append(R"(","id":")");
    json::append_escaped(out, item_id);
  }
  out.append(R"(","index":)");
  append_number(out, index);
  out += '}';
}

void append_extra_content(std::string& out, const Sealed& seal) {
  if (seal.by == Dialect::Chat) {
    append_line(out, seal.text);
    return;
  }
  std::string carried;
  carry_seal(seal, Dialect::Chat, carried);
  out.append(R"({"google":{"thought_signature":")");
  json::append_escaped(out, carried);
  out.append("\"}}");
}

void append_id(std::string& out, std::string_view told, std::string_view prefix,
               std::string_view request_id) {
  if (told.empty()) {
    out.append(prefix);
    told = request_id;
  }
  json::append_escaped(out, told);
}

void append_line(std::string& out, JsonText json) {
  const std::size_t begin = out.size();
  out.append(json);
  // Within strings they are escaped.
  if (json.find_first_of("\r\n") == std::string_view::npos) return;
  for (std::size_t at = begin; at < out.size(); ++at) {
    if (out[at] == '\n' || out[at] == '\r') out[at] = ' ';
  }
}

bool speaks_of(const Extra& extra) {
  if (extra.of == Dialect::Chat) return true;
  return extra.name == "service_tier" &&
         (extra.of == Dialect::Responses || extra.of == Dialect::Completions);
}

}  // namespace sluice::dialect::chat
