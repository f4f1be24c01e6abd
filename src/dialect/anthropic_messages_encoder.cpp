#include "base/json_writer.h"
#include "dialect/anthropic_answer_writer.h"
#include "dialect/anthropic_messages.h"
#include "dialect/conversation_text.h"
#include "dialect/tool_call_queue.h"

#include <algorithm>
#include <string>
#include <vector>

namespace sluice::dialect {
namespace {

constexpr Dialect kOwn = Dialect::Messages;
// Says that the thoughts are nobody's to check: callers want a signature, whoever thought.
constexpr Sealed kUnsigned{Dialect::Opaque, {}};

std::string_view reason_name(FinishReason reason) {
  switch (reason) {
    case FinishReason::StopSequence:
      return "stop_sequence";
    case FinishReason::Length:
      return "max_tokens";
    case FinishReason::ContextLength:
      return "model_context_window_exceeded";
    case FinishReason::ToolCalls:
      return "tool_use";
    case FinishReason::ContentFilter:
    case FinishReason::Refusal:
      return "refusal";
    case FinishReason::Pause:
      return "pause_turn";
    default:
      return "end_turn";
  }
}

// "msg_" and letters that an id may have.
std::string message_id(std::string_view told, std::string_view request) {
  if (told.starts_with("msg_")) return std::string(told);
  std::string id = "msg_";
  for (const char letter : told.empty() ? request : told) {
    const bool plain = (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
                       (letter >= 'A' && letter <= 'Z') || letter == '-' || letter == '_';
    if (plain) id += letter;
  }
  return id;
}

class MessagesEncoder final : public Encoder {
 public:
  MessagesEncoder(Arena& arena, const Shape& shape)
      : answer_(shape.stream),
        stream_(shape.stream),
        id_(message_id({}, shape.id)),
        model_(arena.keep(shape.model)),
        request_(arena.keep(shape.id)) {}

  std::string_view content_type() const override {
    return stream_ ? "text/event-stream" : "application/json";
  }

  void say(std::span<const Event> events, std::string& out) override {
    for (const Event& event : events) {
      std::visit([&](const auto& what) { hear(what, out); }, event);
    }
    if (stream_ && told_ && !begun_) begin(out);
  }

  void end(std::string& out) override {
    if (counted_ >= 0) {
      json::Writer(out).begin_object().member("input_tokens", counted_).end_object();
      return;
    }
    if (stream_) begin(out);
    close(out);
    if (stream_) return end_stream(out);
    json::Writer to(out);
    to.begin_object();
    write_head(to);
    to.key("content").raw("[" + answer_.blocks() + "]");
    write_stop(to);
    write_extras(to, "");
    write_usage(to, true);
    to.end_object();
  }

 private:
  // ---- What is heard

  void hear(const ReplyStarted& started, std::string&) {
    told_ = true;
    called_ = false;
    if (begun_) return;
    id_ = message_id(started.id, request_);
    if (!started.model.empty()) model_ = started.model;
  }

  void hear(const TextDelta& delta, std::string& out) {
    if (delta.choice != 0 || delta.text.empty()) return;
    open(AnswerWriter::Kind::Text, out);
    answer_.text(delta.text, out);
  }

  void hear(const RefusalDelta& delta, std::string& out) {
    if (delta.choice != 0) return;
    refused_ = true;
    hear(TextDelta{0, delta.text}, out);
  }

  void hear(const ReasoningDelta& delta, std::string& out) {
    if (delta.choice != 0 || delta.text.empty()) return;
    open(AnswerWriter::Kind::Thinking, out);
    answer_.thought(delta.text, out);
  }

  void hear(const ReasoningSealed& sealed, std::string& out) {
    if (sealed.choice != 0) return;
    begin(out);
    if (sealed.redacted) {
      close(out);
      answer_.redacted(sealed.seal, out);
    } else {
      open(AnswerWriter::Kind::Thinking, out);
      answer_.seal(sealed.seal, out);
    }
  }

  void hear(const ToolCallDelta& delta, std::string& out) {
    if (delta.choice != 0) return;
    begin(out);
    if (answer_.open() != AnswerWriter::Kind::Call) close_block(out);
    calls_.hear(delta);
    pass_on_calls(out);
  }

  void hear(const CitationMade& made, std::string& out) {
    if (made.choice == 0 && answer_.open() == AnswerWriter::Kind::Text)
      answer_.citation(made.citation, out);
  }

  void hear(const AudioDelta& delta, std::string& out) {
    hear(TextDelta{delta.choice, delta.transcript}, out);
  }

  // The API's own answers hold none; in requests it has a block for each.
  void hear(const MediaMade& made, std::string& out) {
    const bool shown =
        made.media.kind == MediaKind::Image || made.media.kind == MediaKind::Document;
    if (made.choice != 0 || made.media.data.empty() || !shown) return;
    begin(out);
    close(out);
    answer_.media(made.media, out);
  }

  void hear(const ForeignMade& made, std::string& out) {
    if (made.choice != 0 || made.block.of != kOwn) return;
    begin(out);
    close(out);
    answer_.foreign(made.block.json, out);
  }

  void hear(const BlockEnded& ended, std::string& out) {
    if (ended.choice == 0 && answer_.open() != AnswerWriter::Kind::Call) close_block(out);
  }

  void hear(const Usage& usage, std::string&) { usage_ = usage; }

  void hear(const ReplyStopped& stopped, std::string&) {
    if (stopped.choice != 0) return;
    reason_ = reason_name(stopped.reason);
    if (stopped.reason == FinishReason::Pause && stopped.native == "compaction")
      reason_ = "compaction";
    stop_sequence_ = stopped.stop_sequence;
  }

  void hear(const ReplyExtra& told, std::string&) {
    if (told.extra.of != kOwn) return;
    const auto same = std::ranges::find(extras_, told.extra.name, &NamedJson::name);
    if (same != extras_.end()) {
      same->json = one_line(told.extra.json);
    } else {
      extras_.push_back({std::string(told.extra.name), one_line(told.extra.json)});
    }
  }

  void hear(const TokensCounted& counted, std::string&) { counted_ = counted.tokens; }

  // Not of this dialect's answers.
  void hear(const LogprobsDelta&, std::string&) {}
  void hear(const VectorMade&, std::string&) {}
  void hear(const Ranked&, std::string&) {}
  void hear(const Bytes&, std::string&) {}

  // ---- Blocks

  void open(AnswerWriter::Kind kind, std::string& out) {
    begin(out);
    if (answer_.open() == kind) return;
    close(out);
    if (kind == AnswerWriter::Kind::Text) {
      answer_.begin_text(out);
    } else {
      answer_.begin_thinking(out);
    }
  }

  // Ends the block that is open, and tells the calls that wait for their turn.
  void close(std::string& out) {
    calls_.no_more();
    pass_on_calls(out);
    close_block(out);
  }

  void close_block(std::string& out) {
    if (answer_.open() == AnswerWriter::Kind::Thinking) answer_.seal(kUnsigned, out);
    answer_.end_block(out);
  }

  void pass_on_calls(std::string& out) {
    using Step = ToolCallQueue::Step;
    for (ToolCallQueue::Said said; (said = calls_.next()).step != Step::Wait;) {
      called_ = true;
      if (said.step == Step::Begin) {
        // Gemini seals the calls themselves: a block before the call carries that.
        if (said.signature.given()) answer_.redacted(said.signature, out);
        std::string made_up;
        if (said.id.empty()) made_up = "toolu_" + request_ + "_" + std::to_string(said.index);
        answer_.begin_call(said.id.empty() ? made_up : said.id, said.name, out);
      } else if (said.step == Step::Arguments) {
        answer_.arguments(said.arguments, out);
      } else {
        answer_.end_block(out);
      }
    }
  }

  // ---- The message around them

  void begin(std::string& out) {
    if (begun_) return;
    begun_ = true;
    if (!stream_) return;
    out += "event: message_start\ndata: ";
    json::Writer to(out);
    to.begin_object().member("type", "message_start").key("message").begin_object();
    write_head(to);
    to.key("content").raw("[]");
    to.key("stop_reason").null().key("stop_sequence").null();
    Usage known = usage_;
    known.output = std::min<std::int64_t>(known.output, 1);
    std::swap(known, usage_);
    write_usage(to, true);
    std::swap(known, usage_);
    to.end_object().end_object();
    out += "\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n";
  }

  void write_head(json::Writer& to) const {
    to.member("id", id_).member("type", "message").member("role", "assistant");
    to.member("model", model_);
  }

  std::string_view reason() const {
    if (refused_ && (reason_.empty() || reason_ == "end_turn")) return "refusal";
    // Some providers say "stop" whatever was the reason.
    if (called_ && (reason_.empty() || reason_ == "end_turn")) return "tool_use";
    return reason_.empty() ? std::string_view("end_turn") : reason_;
  }

  void write_stop(json::Writer& to) const {
    to.member("stop_reason", reason()).key("stop_sequence");
    if (stop_sequence_.empty()) {
      to.null();
    } else {
      to.value(stop_sequence_);
    }
  }

  void end_stream(std::string& out) {
    out += "event: message_delta\ndata: ";
    json::Writer to(out);
    to.begin_object().member("type", "message_delta").key("delta").begin_object();
    write_stop(to);
    write_extras(to, "context_management");
    to.end_object();
    write_usage(to, usage_.cache_write_1h > 0);
    for (const NamedJson& extra : extras_) {
      if (extra.name == "context_management") to.key(extra.name).raw(extra.json);
    }
    to.end_object();
    out += "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  }

  void write_usage(json::Writer& to, bool with_cache_detail) const {
    to.key("usage").begin_object();
    to.member("input_tokens",
              std::max<std::int64_t>(usage_.input - usage_.cached - usage_.cache_write, 0));
    to.member("cache_creation_input_tokens", usage_.cache_write);
    to.member("cache_read_input_tokens", usage_.cached);
    if (with_cache_detail) {
      to.key("cache_creation").begin_object();
      to.member("ephemeral_5m_input_tokens", usage_.cache_write - usage_.cache_write_1h);
      to.member("ephemeral_1h_input_tokens", usage_.cache_write_1h).end_object();
    }
    to.member("output_tokens", usage_.output);
    if (usage_.reasoning > 0) {
      to.key("output_tokens_details").begin_object();
      to.member("thinking_tokens", usage_.reasoning).end_object();
    }
    if (usage_.searches > 0) {
      to.key("server_tool_use").begin_object();
      to.member("web_search_requests", usage_.searches).end_object();
    }
    constexpr std::string_view kUsage = "usage.";
    for (const NamedJson& extra : extras_) {
      if (extra.name.starts_with(kUsage))
        to.key(std::string_view(extra.name).substr(kUsage.size())).raw(extra.json);
    }
    to.end_object();
  }

  void write_extras(json::Writer& to, std::string_view but) const {
    for (const NamedJson& extra : extras_) {
      if (extra.name != but && extra.name.find('.') == std::string::npos)
        to.key(extra.name).raw(extra.json);
    }
  }

  struct NamedJson {
    std::string name;
    std::string json;
  };

  AnswerWriter answer_;
  ToolCallQueue calls_;
  bool stream_;
  bool told_ = false;   // Something of this answer was said.
  bool begun_ = false;  // Its start went out.
  bool called_ = false;
  bool refused_ = false;
  std::string id_;
  std::string model_;
  std::string request_;
  std::string reason_;
  std::string stop_sequence_;
  std::vector<NamedJson> extras_;
  Usage usage_;
  std::int64_t counted_ = -1;
};

}  // namespace

ArenaPtr<Encoder> messages_encoder(Arena& arena, const Shape& shape) {
  return arena.make<MessagesEncoder>(arena, shape);
}

}  // namespace sluice::dialect
