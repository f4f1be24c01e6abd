#include "dialect/anthropic_answer_writer.h"

#include "base/json_editor.h"
#include "base/json_writer.h"
#include "dialect/conversation_text.h"
#include "dialect/seals.h"

#include <algorithm>

namespace sluice::dialect {
namespace {

json::Reader& writer_reader() {
  thread_local json::Reader one;
  return one;
}

void add_element(std::string& list, std::string_view json) {
  if (!list.empty()) list += ',';
  list += json;
}

// Sources that others cite, in the words of a search.
std::string citation_json(const Citation& citation) {
  std::string out;
  json::Writer to(out);
  to.begin_object().member("type", "web_search_result_location");
  to.member("cited_text", citation.cited).member("url", citation.url);
  to.member("title", citation.title).member("encrypted_index", "").end_object();
  return out;
}

// What a stream says of a block when it begins: without the input, which follows.
struct SplitBlock {
  std::string start;
  std::string_view input;
};
SplitBlock split_input(std::string_view json, Arena& arena) {
  const auto root = writer_reader().parse(json);
  const auto input = root ? root->find("input") : std::nullopt;
  if (!input || input->raw().size() <= 2) return {std::string(json), {}};
  json::Editor editor(json, arena);
  editor.replace(*input, "{}");
  return {editor.compose().joined(), input->raw()};
}

}  // namespace

std::string one_line(std::string_view json) {
  std::string line(json);
  std::ranges::replace_if(line, [](char letter) { return letter == '\n' || letter == '\r'; }, ' ');
  return line;
}

void AnswerWriter::begin_frame(std::string& out, std::string_view event) const {
  out.append("event: ").append(event).append("\ndata: {\"type\":\"").append(event);
  out.append("\",\"index\":").append(std::to_string(index_));
}

void AnswerWriter::end_frame(std::string& out) const {
  out += "}\n\n";
}

void AnswerWriter::begin(Kind kind, std::string_view empty_block, std::string& out) {
  open_ = kind;
  if (!stream_) return;
  begin_frame(out, "content_block_start");
  out.append(",\"content_block\":").append(empty_block);
  end_frame(out);
}

void AnswerWriter::delta(std::string_view type, std::string_view key, std::string_view text,
                         std::string& out) {
  begin_frame(out, "content_block_delta");
  out.append(",\"delta\":{\"type\":\"").append(type).append("\",\"").append(key).append("\":\"");
  json::append_escaped(out, text);
  out += "\"}";
  end_frame(out);
}

void AnswerWriter::begin_text(std::string& out) {
  begin(Kind::Text, R"({"type":"text","text":""})", out);
}

void AnswerWriter::text(std::string_view text, std::string& out) {
  if (stream_) return delta("text_delta", "text", text, out);
  text_ += text;
}

void AnswerWriter::citation(const Citation& citation, std::string& out) {
  std::string json = one_line(citation.of == Dialect::Messages ? citation.json : JsonText());
  if (json.empty() && !citation.url.empty()) json = citation_json(citation);
  if (json.empty()) return;
  if (!stream_) return add_element(citations_, json);
  begin_frame(out, "content_block_delta");
  out.append(R"(,"delta":{"type":"citations_delta","citation":)").append(json) += '}';
  end_frame(out);
}

void AnswerWriter::begin_thinking(std::string& out) {
  begin(Kind::Thinking, R"({"type":"thinking","thinking":"","signature":""})", out);
}

void AnswerWriter::thought(std::string_view text, std::string& out) {
  if (stream_) return delta("thinking_delta", "thinking", text, out);
  text_ += text;
}

void AnswerWriter::seal(const Sealed& seal, std::string& out) {
  signature_.clear();
  if (seal.given()) {
    carry_seal(seal, Dialect::Messages, signature_);
  } else {
    signature_.append(kSealMark).append(seal_name(seal.by)) += ':';
  }
  if (stream_) delta("signature_delta", "signature", signature_, out);
  end_block(out);
}

void AnswerWriter::redacted(const Sealed& seal, std::string& out) {
  std::string data;
  carry_seal(seal, Dialect::Messages, data);
  std::string json;
  json::Writer(json)
      .begin_object()
      .member("type", "redacted_thinking")
      .member("data", data)
      .end_object();
  whole_block(json, out);
}

void AnswerWriter::media(const Media& media, std::string& out) {
  const bool inlined = media.source == MediaSource::Base64;
  std::string json;
  json::Writer to(json);
  to.begin_object().member("type", media.kind == MediaKind::Image ? "image" : "document");
  to.key("source").begin_object().member("type", inlined ? "base64" : "url");
  if (inlined) to.member("media_type", media.media_type);
  to.member(inlined ? "data" : "url", media.data).end_object().end_object();
  whole_block(json, out);
}

void AnswerWriter::begin_call(std::string_view id, std::string_view name, std::string& out) {
  id_ = id;
  name_ = name;
  std::string block;
  if (stream_) {
    json::Writer to(block);
    to.begin_object().member("type", "tool_use").member("id", id).member("name", name);
    to.key("input").raw("{}").end_object();
  }
  begin(Kind::Call, block, out);
}

void AnswerWriter::arguments(std::string_view piece, std::string& out) {
  if (stream_) return delta("input_json_delta", "partial_json", piece, out);
  text_ += piece;
}

void AnswerWriter::foreign(std::string_view json, std::string& out) {
  if (!stream_) return whole_block(json, out);
  Arena arena;
  const SplitBlock block = split_input(json, arena);
  begin(Kind::None, one_line(block.start), out);
  if (!block.input.empty()) delta("input_json_delta", "partial_json", block.input, out);
  begin_frame(out, "content_block_stop");
  end_frame(out);
  ++index_;
}

void AnswerWriter::whole_block(std::string_view json, std::string& out) {
  if (!stream_) return add_element(blocks_, json);
  begin(Kind::None, json, out);
  begin_frame(out, "content_block_stop");
  end_frame(out);
  ++index_;
}

std::string AnswerWriter::gathered_block() const {
  std::string out;
  json::Writer to(out);
  to.begin_object();
  if (open_ == Kind::Text) {
    if (!citations_.empty()) to.key("citations").raw("[" + citations_ + "]");
    to.member("type", "text").member("text", text_);
  } else if (open_ == Kind::Thinking) {
    to.member("type", "thinking").member("thinking", text_).member("signature", signature_);
  } else {
    to.member("type", "tool_use").member("id", id_).member("name", name_);
    const auto input = writer_reader().parse(text_.empty() ? std::string_view("{}") : text_);
    to.key("input");
    if (input && input->kind() == json::Kind::Object) {
      to.raw(input->raw());
    } else {
      to.begin_object().member("arguments", text_).end_object();  // A broken model's.
    }
  }
  to.end_object();
  return out;
}

void AnswerWriter::end_block(std::string& out) {
  if (open_ == Kind::None) return;
  if (stream_) {
    begin_frame(out, "content_block_stop");
    end_frame(out);
    ++index_;
  } else {
    add_element(blocks_, gathered_block());
  }
  open_ = Kind::None;
  text_.clear();
  citations_.clear();
  signature_.clear();
}

}  // namespace sluice::dialect
