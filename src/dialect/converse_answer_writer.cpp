#include "dialect/converse_answer_writer.h"

#include "base/aws_event_stream.h"
#include "base/json.h"
#include "dialect/conversation_text.h"
#include "dialect/converse_words.h"
#include "dialect/seals.h"

#include <utility>

namespace sluice::dialect {
namespace {

json::Reader& reader() {
  thread_local json::Reader one;
  return one;
}

// The members of an object but for one.
void write_but(const json::Value& object, std::string_view left_out, json::Writer& to) {
  Arena arena;
  to.begin_object();
  for (const auto [key, value] : object.members()) {
    if (!(key == left_out)) to.key(key.string(arena).value_or("")).raw(value.raw());
  }
  to.end_object();
}

}  // namespace

void ConverseAnswerWriter::append(std::string& out, std::string_view event,
                                  std::string_view payload) {
  const aws::Header headers[] = {
      {.name = ":event-type", .value = event},
      {.name = ":content-type", .value = "application/json"},
      {.name = ":message-type", .value = "event"},
  };
  aws::append_message(out, headers, payload);
}

json::Writer ConverseAnswerWriter::begin_event(std::string_view member) {
  payload_.clear();
  json::Writer to(payload_);
  to.begin_object().member("contentBlockIndex", index_).key(member).begin_object();
  return to;
}

void ConverseAnswerWriter::send(json::Writer& event, std::string_view name, std::string& out) {
  event.end_object().end_object();
  append(out, name, payload_);
}

json::Writer ConverseAnswerWriter::begin_whole() {
  if (!blocks_.empty()) blocks_ += ',';
  json::Writer to(blocks_);
  to.begin_object();
  return to;
}

void ConverseAnswerWriter::text(std::string_view text, std::string& out) {
  if (!stream_) {
    text_ += text;
    return;
  }
  json::Writer to = begin_event("delta");
  to.member("text", text);
  send(to, "contentBlockDelta", out);
}

void ConverseAnswerWriter::citation(const Citation& citation, std::string& out) {
  if (!stream_) {
    if (!citations_.empty()) citations_ += ',';
    json::Writer to(citations_);
    write_converse_citation(citation, to);
    return;
  }
  json::Writer to = begin_event("delta");
  to.key("citation");
  write_converse_citation(citation, to);
  send(to, "contentBlockDelta", out);
}

void ConverseAnswerWriter::thought(std::string_view text, std::string& out) {
  if (!stream_) {
    text_ += text;
    return;
  }
  json::Writer to = begin_event("delta");
  to.key("reasoningContent").begin_object().member("text", text).end_object();
  send(to, "contentBlockDelta", out);
}

void ConverseAnswerWriter::seal(const Sealed& seal, std::string& out) {
  signature_.clear();
  carry_seal(seal, Dialect::Converse, signature_);
  if (stream_ && !signature_.empty()) {
    json::Writer to = begin_event("delta");
    to.key("reasoningContent").begin_object().member("signature", signature_).end_object();
    send(to, "contentBlockDelta", out);
  }
  end_block(out);
}

void ConverseAnswerWriter::redacted(const Sealed& seal, std::string& out) {
  std::string bytes;
  append_sealed_bytes(bytes, seal);
  if (!stream_) {
    json::Writer to = begin_whole();
    to.key("reasoningContent").begin_object().member("redactedContent", bytes).end_object();
    to.end_object();
    return;
  }
  open_ = Kind::Thinking;
  json::Writer to = begin_event("delta");
  to.key("reasoningContent").begin_object().member("redactedContent", bytes).end_object();
  send(to, "contentBlockDelta", out);
  end_block(out);
}

void ConverseAnswerWriter::begin_call(std::string_view id, std::string_view name,
                                      std::string& out) {
  open_ = Kind::Call;
  if (!stream_) {
    id_ = id;
    name_ = name;
    return;
  }
  json::Writer to = begin_event("start");
  to.key("toolUse").begin_object().member("toolUseId", id).member("name", name).end_object();
  send(to, "contentBlockStart", out);
}

void ConverseAnswerWriter::arguments(std::string_view piece, std::string& out) {
  if (!stream_) {
    text_ += piece;
    return;
  }
  json::Writer to = begin_event("delta");
  to.key("toolUse").begin_object().member("input", piece).end_object();
  send(to, "contentBlockDelta", out);
}

void ConverseAnswerWriter::image(const Media& media, std::string& out) {
  const std::string_view format = converse_format(media, media.media_type);
  if (format.empty()) return;
  if (!stream_) {
    json::Writer to = begin_whole();
    to.key("image").begin_object().member("format", format);
    to.key("source").begin_object().member("bytes", media.data).end_object();
    to.end_object().end_object();
    return;
  }
  open_ = Kind::Text;
  json::Writer start = begin_event("start");
  start.key("image").begin_object().member("format", format).end_object();
  send(start, "contentBlockStart", out);
  json::Writer to = begin_event("delta");
  to.key("image").begin_object().key("source").begin_object();
  to.member("bytes", media.data).end_object().end_object();
  send(to, "contentBlockDelta", out);
  end_block(out);
}

void ConverseAnswerWriter::foreign(std::string_view json, std::string& out) {
  if (!stream_) {
    if (!blocks_.empty()) blocks_ += ',';
    blocks_ += json;
    return;
  }
  const auto root = reader().parse(json);
  if (!root) return;
  const auto call = root->find("toolUse");
  const auto own = call ? call : root->find("toolResult");
  if (!own) return;
  const std::string_view name = call ? "toolUse" : "toolResult";
  const std::string_view content = call ? "input" : "content";
  open_ = Kind::Call;
  json::Writer start = begin_event("start");
  start.key(name);
  write_but(*own, content, start);
  send(start, "contentBlockStart", out);
  if (const auto rest = own->find(content)) {
    json::Writer to = begin_event("delta");
    to.key(name);
    if (call) {
      to.begin_object().member("input", rest->raw()).end_object();
    } else {
      to.raw(rest->raw());
    }
    send(to, "contentBlockDelta", out);
  }
  end_block(out);
}

void ConverseAnswerWriter::end_block(std::string& out) {
  if (open_ == Kind::None) return;
  if (stream_) {
    payload_.clear();
    json::Writer(payload_).begin_object().member("contentBlockIndex", index_).end_object();
    append(out, "contentBlockStop", payload_);
    ++index_;
  } else {
    if (!blocks_.empty()) blocks_ += ',';
    blocks_ += gathered_block();
  }
  open_ = Kind::None;
  text_.clear();
  citations_.clear();
  signature_.clear();
}

std::string ConverseAnswerWriter::gathered_block() const {
  std::string block;
  json::Writer to(block);
  to.begin_object();
  if (open_ == Kind::Call) {
    to.key("toolUse").begin_object().member("toolUseId", id_).member("name", name_).key("input");
    if (text_.empty()) {
      to.raw("{}");
    } else if (looks_like_object(text_) && reader().parse(text_)) {
      to.raw(text_);
    } else {
      to.begin_object().member("arguments", text_).end_object();
    }
    to.end_object();
  } else if (open_ == Kind::Thinking) {
    to.key("reasoningContent").begin_object().key("reasoningText").begin_object();
    to.member("text", text_);
    if (!signature_.empty()) to.member("signature", signature_);
    to.end_object().end_object();
  } else if (citations_.empty()) {
    to.member("text", text_);
  } else {
    to.key("citationsContent").begin_object().key("content").begin_array();
    to.begin_object().member("text", text_).end_object().end_array();
    to.key("citations").raw("[" + citations_ + "]").end_object();
  }
  to.end_object();
  return block;
}

}  // namespace sluice::dialect
