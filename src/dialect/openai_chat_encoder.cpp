// A whole chat completion, gathered from what was said. Streams: openai_chat_stream.h.
#include "dialect/conversation_text.h"
#include "dialect/openai_chat.h"
#include "dialect/openai_chat_stream.h"
#include "dialect/openai_chat_thoughts.h"
#include "dialect/openai_chat_words.h"
#include "dialect/openai_functions.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace sluice::dialect {
namespace chat {
namespace {

// A comma where something stands before.
std::string& next_in(std::string& list) {
  if (!list.empty()) list += ',';
  return list;
}

// The elements of an array, added to those of a list.
void add_elements(std::string& list, JsonText array) {
  const std::size_t begin = array.find('[');
  const std::size_t end = array.rfind(']');
  if (begin == std::string_view::npos || end == std::string_view::npos) return;
  const std::string_view elements = array.substr(begin + 1, end - begin - 1);
  if (elements.find_first_not_of(" \t\r\n") == std::string_view::npos) return;
  next_in(list).append(elements);
}

struct Call {
  std::string id;
  std::string name;
  std::string arguments;
  ToolKind kind = ToolKind::Function;
  std::string extra_content;
};

struct Message {
  std::uint32_t number = 0;
  bool has_text = false;
  std::string text;
  std::string refusal;
  std::string reasoning;
  // Elements of arrays.
  std::string details;
  std::string annotations;
  std::string images;
  std::string odds;
  std::string refusal_odds;
  std::string extra_content;
  bool has_odds = false;
  // Of the thought that is open.
  std::string thought;
  bool summary = false;
  std::uint32_t thoughts = 0;
  std::int64_t letters = 0;
  std::int64_t block_begin = 0;
  std::vector<Call> calls;
  bool has_audio = false;
  std::string audio_id;
  std::string audio_data;
  std::string transcript;
  std::int64_t audio_expires = 0;
  std::optional<FinishReason> reason;
  std::string stop_sequence;
};

class BodyEncoder final : public Encoder {
 public:
  explicit BodyEncoder(const Shape& shape)
      : shape_(shape), functions_(shape.asked && speaks_of_functions(*shape.asked)) {}

  std::string_view content_type() const override { return "application/json"; }
  void say(std::span<const Event> events, std::string&) override {
    for (const Event& event : events) std::visit(*this, event);
  }
  void end(std::string& out) override;

  void operator()(const ReplyStarted& said);
  void operator()(const TextDelta& delta);
  void operator()(const ReasoningDelta& delta);
  void operator()(const ReasoningSealed& sealed);
  void operator()(const RefusalDelta& delta) { of(delta.choice).refusal.append(delta.text); }
  void operator()(const ToolCallDelta& delta);
  void operator()(const CitationMade& made);
  void operator()(const LogprobsDelta& said);
  void operator()(const AudioDelta& audio);
  void operator()(const MediaMade& made);
  void operator()(const BlockEnded& ended);
  void operator()(const Usage& usage) { usage_ = usage; }
  void operator()(const ReplyStopped& stopped);
  void operator()(const ReplyExtra& told);
  // What a chat completion has no place for.
  void operator()(const ForeignMade&) {}
  void operator()(const VectorMade&) {}
  void operator()(const Ranked&) {}
  void operator()(const TokensCounted&) {}
  void operator()(const Bytes&) {}

 private:
  Message& of(std::uint32_t number);
  static void end_thought(Message& message);
  void write_choice(json::Writer& writer, Message& message);
  void write_message(json::Writer& writer, Message& message);
  void write_calls(json::Writer& writer, const Message& message);

  Shape shape_;
  bool functions_;
  std::string id_;
  std::string model_;
  std::int64_t created_ = 0;
  std::vector<Message> messages_;
  std::vector<std::pair<std::string, std::string>> extras_;
  std::optional<Usage> usage_;
};

Message& BodyEncoder::of(std::uint32_t number) {
  const auto known = std::ranges::find(messages_, number, &Message::number);
  if (known != messages_.end()) return *known;
  messages_.emplace_back().number = number;
  return messages_.back();
}

void BodyEncoder::operator()(const ReplyStarted& said) {
  id_ = said.id;
  model_ = said.model;
  created_ = said.created;
}

void BodyEncoder::operator()(const TextDelta& delta) {
  Message& message = of(delta.choice);
  message.has_text = true;
  message.text.append(delta.text);
  message.letters +=
      std::ranges::count_if(delta.text, [](char byte) { return (byte & 0xC0) != 0x80; });
}

void BodyEncoder::operator()(const ReasoningDelta& delta) {
  Message& message = of(delta.choice);
  message.reasoning.append(delta.text);
  message.thought.append(delta.text);
  message.summary = delta.summary;
}

// One that nobody sealed.
void BodyEncoder::end_thought(Message& message) {
  if (message.thought.empty()) return;
  append_thought(next_in(message.details), message.thought, message.summary, message.thoughts++);
  message.thought.clear();
}

void BodyEncoder::operator()(const ReasoningSealed& sealed) {
  Message& message = of(sealed.choice);
  if (sealed.seal.by == Dialect::Chat && !is_reasoning_detail(sealed.seal.text)) {
    message.extra_content = sealed.seal.text;
    return;
  }
  SealKind kind = SealKind::OfNothing;
  if (!message.thought.empty() && !sealed.redacted) {
    kind = message.summary ? SealKind::OfSummary : SealKind::OfText;
    append_thought(next_in(message.details), message.thought, message.summary, message.thoughts);
    message.thought.clear();
  } else {
    end_thought(message);
  }
  append_seal(next_in(message.details), sealed.seal, sealed.item_id, kind, message.thoughts++);
}

void BodyEncoder::operator()(const ToolCallDelta& delta) {
  Message& message = of(delta.choice);
  if (message.calls.size() <= delta.index) message.calls.resize(delta.index + std::size_t{1});
  Call& call = message.calls[delta.index];
  if (!delta.id.empty()) call.id = delta.id;
  call.name.append(delta.name);
  call.arguments.append(delta.arguments);
  if (delta.kind != ToolKind::Function) call.kind = delta.kind;
  if (delta.signature.given()) {
    call.extra_content.clear();
    append_extra_content(call.extra_content, delta.signature);
  }
}

void BodyEncoder::operator()(const CitationMade& made) {
  Message& message = of(made.choice);
  std::string annotation;
  json::Writer writer(annotation);
  if (write_annotation(writer, made.citation, message.block_begin, message.letters))
    next_in(message.annotations).append(annotation);
}

void BodyEncoder::operator()(const LogprobsDelta& said) {
  Message& message = of(said.choice);
  message.has_odds = true;
  add_elements(message.odds, said.content);
  add_elements(message.refusal_odds, said.refusal);
}

void BodyEncoder::operator()(const AudioDelta& audio) {
  Message& message = of(audio.choice);
  message.has_audio = true;
  if (!audio.id.empty()) message.audio_id = audio.id;
  message.audio_data.append(audio.base64);
  message.transcript.append(audio.transcript);
  if (audio.expires_at != 0) message.audio_expires = audio.expires_at;
}

void BodyEncoder::operator()(const MediaMade& made) {
  if (made.media.kind != MediaKind::Image) return;
  json::Writer writer(next_in(of(made.choice).images));
  write_image(writer, made.media);
}

void BodyEncoder::operator()(const BlockEnded& ended) {
  Message& message = of(ended.choice);
  message.block_begin = message.letters;
  end_thought(message);
}

void BodyEncoder::operator()(const ReplyStopped& stopped) {
  Message& message = of(stopped.choice);
  message.reason = stopped.reason;
  message.stop_sequence = stopped.stop_sequence;
}

void BodyEncoder::operator()(const ReplyExtra& told) {
  const Extra& extra = told.extra;
  if (!speaks_of(extra) || extra.json.empty()) return;
  const auto known =
      std::ranges::find(extras_, extra.name, &std::pair<std::string, std::string>::first);
  if (known == extras_.end()) {
    extras_.emplace_back(extra.name, extra.json);
  } else {
    known->second = extra.json;
  }
}

void BodyEncoder::write_calls(json::Writer& writer, const Message& message) {
  if (functions_) {
    writer.key("function_call").begin_object().member("name", message.calls.front().name);
    writer.member("arguments", message.calls.front().arguments).end_object();
    return;
  }
  writer.key("tool_calls").begin_array();
  Arena arena;
  for (std::size_t i = 0; i < message.calls.size(); ++i) {
    const Call& call = message.calls[i];
    const Tool* tool = shape_.asked ? find_tool(shape_.asked->tools, call.name) : nullptr;
    const bool of_custom = tool && tool->kind == ToolKind::Custom;
    const bool custom = call.kind == ToolKind::Custom || of_custom;
    std::string_view said = call.arguments;
    if (of_custom && call.kind != ToolKind::Custom) said = custom_input(said, arena).value_or(said);
    if (said.empty() && !custom) said = "{}";
    writer.begin_object();
    writer.member("id", call.id.empty() ? "call_" + std::string(shape_.id) + "_" + std::to_string(i)
                                        : call.id);
    if (!call.extra_content.empty()) writer.key("extra_content").raw(call.extra_content);
    writer.member("type", custom ? "custom" : "function");
    writer.key(custom ? "custom" : "function").begin_object().member("name", call.name);
    writer.member(custom ? "input" : "arguments", said).end_object();
    writer.end_object();
  }
  writer.end_array();
}

void BodyEncoder::write_message(json::Writer& writer, Message& message) {
  end_thought(message);
  writer.begin_object().member("role", "assistant").key("content");
  const bool other = !message.calls.empty() || !message.refusal.empty() || message.has_audio;
  if (message.has_text || !other) {
    writer.value(message.text);
  } else {
    writer.null();
  }
  writer.key("refusal");
  if (message.refusal.empty()) {
    writer.null();
  } else {
    writer.value(message.refusal);
  }
  const auto list = [&writer](std::string_view name, const std::string& elements) {
    if (!elements.empty()) writer.key(name).raw("[" + elements + "]");
  };
  if (!message.reasoning.empty()) writer.member("reasoning_content", message.reasoning);
  list("reasoning_details", message.details);
  list("annotations", message.annotations);
  list("images", message.images);
  if (!message.extra_content.empty()) writer.key("extra_content").raw(message.extra_content);
  if (!message.calls.empty()) write_calls(writer, message);
  if (message.has_audio) {
    writer.key("audio");
    write_audio(writer, {.id = message.audio_id,
                         .base64 = message.audio_data,
                         .transcript = message.transcript,
                         .expires_at = message.audio_expires});
  }
  writer.end_object();
}

void BodyEncoder::write_choice(json::Writer& writer, Message& message) {
  writer.begin_object().member("index", message.number).key("message");
  write_message(writer, message);
  writer.key("logprobs");
  if (message.has_odds) {
    writer.begin_object().key("content");
    writer.raw(message.odds.empty() ? "null" : "[" + message.odds + "]");
    writer.key("refusal");
    writer.raw(message.refusal_odds.empty() ? "null" : "[" + message.refusal_odds + "]");
    writer.end_object();
  } else {
    writer.null();
  }
  const Said said{.calls = !message.calls.empty(),
                  .refusal = !message.refusal.empty(),
                  .functions = functions_};
  writer.member("finish_reason", finish_word(message.reason.value_or(FinishReason::Other), said));
  if (message.reason == FinishReason::StopSequence && !message.stop_sequence.empty())
    writer.member("stop_reason", message.stop_sequence);
  writer.end_object();
}

void BodyEncoder::end(std::string& out) {
  std::string id;
  append_id(id, id_, "chatcmpl-", shape_.id);
  if (messages_.empty()) of(0);
  std::ranges::sort(messages_, {}, &Message::number);
  json::Writer writer(out);
  writer.begin_object();
  writer.key("id").raw("\"" + id + "\"");
  writer.member("object", "chat.completion");
  writer.member("created", created_ != 0 ? created_ : shape_.now);
  writer.member("model", model_.empty() ? shape_.model : std::string_view(model_));
  writer.key("choices").begin_array();
  for (Message& message : messages_) write_choice(writer, message);
  writer.end_array();
  if (usage_) write_usage(writer.key("usage"), *usage_);
  for (const auto& [name, json] : extras_) writer.key(name).raw(json);
  writer.end_object();
}

}  // namespace
}  // namespace chat

ArenaPtr<Encoder> ChatDialect::encoder(Arena& arena, const Shape& shape) const {
  if (shape.stream) return arena.make<chat::StreamEncoder>(shape);
  return arena.make<chat::BodyEncoder>(shape);
}

}  // namespace sluice::dialect
