#include "base/json_writer.h"
#include "dialect/converse.h"
#include "dialect/converse_answer_writer.h"
#include "dialect/converse_words.h"
#include "dialect/tool_call_queue.h"

#include <algorithm>
#include <string>
#include <vector>

namespace sluice::dialect {
namespace {

constexpr Dialect kOwn = Dialect::Converse;
constexpr std::string_view kModelFields = "additionalModelResponseFields";

class ConverseEncoder final : public Encoder {
 public:
  using Kind = ConverseAnswerWriter::Kind;

  ConverseEncoder(Arena& arena, const Shape& shape)
      : answer_(shape.stream), stream_(shape.stream), request_(arena.keep(shape.id)) {}

  std::string_view content_type() const override {
    return stream_ ? "application/vnd.amazon.eventstream" : "application/json";
  }

  void say(std::span<const Event> events, std::string& out) override {
    for (const Event& event : events) {
      std::visit([&](const auto& what) { hear(what, out); }, event);
    }
  }

  void end(std::string& out) override {
    begin(out);
    close(out);
    if (stream_) return end_stream(out);
    json::Writer to(out);
    to.begin_object().key("output").begin_object().key("message").begin_object();
    to.member("role", "assistant").key("content").raw("[" + answer_.blocks() + "]");
    to.end_object().end_object();
    write_stop(to);
    write_metadata(to);
    to.end_object();
  }

 private:
  // ---- What is heard

  void hear(const ReplyStarted&, std::string& out) {
    called_ = false;
    begin(out);
  }

  void hear(const TextDelta& delta, std::string& out) {
    if (delta.choice != 0 || delta.text.empty()) return;
    open(Kind::Text, out);
    answer_.text(delta.text, out);
  }

  void hear(const RefusalDelta& delta, std::string& out) {
    if (delta.choice != 0) return;
    refused_ = true;
    hear(TextDelta{0, delta.text}, out);
  }

  void hear(const ReasoningDelta& delta, std::string& out) {
    if (delta.choice != 0 || delta.text.empty()) return;
    open(Kind::Thinking, out);
    answer_.thought(delta.text, out);
  }

  void hear(const ReasoningSealed& sealed, std::string& out) {
    if (sealed.choice != 0 || !sealed.seal.given()) return;
    if (sealed.redacted) {
      begin(out);
      close(out);
      answer_.redacted(sealed.seal, out);
    } else {
      open(Kind::Thinking, out);
      answer_.seal(sealed.seal, out);
    }
  }

  void hear(const ToolCallDelta& delta, std::string& out) {
    if (delta.choice != 0) return;
    begin(out);
    if (answer_.open() != Kind::Call) answer_.end_block(out);
    calls_.hear(delta);
    pass_on_calls(out);
  }

  void hear(const CitationMade& made, std::string& out) {
    if (made.choice == 0 && answer_.open() == Kind::Text) answer_.citation(made.citation, out);
  }

  void hear(const AudioDelta& delta, std::string& out) {
    hear(TextDelta{delta.choice, delta.transcript}, out);
  }

  void hear(const MediaMade& made, std::string& out) {
    const Media& media = made.media;
    const bool shown = media.kind == MediaKind::Image && media.source == MediaSource::Base64;
    if (made.choice != 0 || media.data.empty() || !shown) return;
    begin(out);
    close(out);
    answer_.image(media, out);
  }

  void hear(const ForeignMade& made, std::string& out) {
    if (made.choice != 0 || made.block.of != kOwn) return;
    begin(out);
    close(out);
    answer_.foreign(made.block.json, out);
  }

  void hear(const BlockEnded& ended, std::string& out) {
    if (ended.choice == 0 && answer_.open() != Kind::Call) answer_.end_block(out);
  }

  void hear(const Usage& usage, std::string&) { usage_ = usage; }

  void hear(const ReplyStopped& stopped, std::string&) {
    if (stopped.choice != 0) return;
    reason_ = converse_finish_name(stopped.reason, stopped.native);
    stop_sequence_ = stopped.stop_sequence;
  }

  void hear(const ReplyExtra& told, std::string&) {
    if (told.extra.of != kOwn) return;
    const auto same = std::ranges::find(extras_, told.extra.name, &NamedJson::name);
    if (same != extras_.end()) {
      same->json = told.extra.json;
    } else {
      extras_.push_back({std::string(told.extra.name), std::string(told.extra.json)});
    }
  }

  // Not of this dialect's answers.
  void hear(const LogprobsDelta&, std::string&) {}
  void hear(const VectorMade&, std::string&) {}
  void hear(const Ranked&, std::string&) {}
  void hear(const TokensCounted&, std::string&) {}
  void hear(const Bytes&, std::string&) {}

  // ---- Blocks

  void begin(std::string& out) {
    if (begun_) return;
    begun_ = true;
    if (stream_) ConverseAnswerWriter::append(out, "messageStart", R"({"role":"assistant"})");
  }

  void open(Kind kind, std::string& out) {
    begin(out);
    if (answer_.open() == kind) return;
    close(out);
    answer_.begin(kind);
  }

  // Ends the block that is open, and tells the calls that wait for their turn.
  void close(std::string& out) {
    calls_.no_more();
    pass_on_calls(out);
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
        if (said.id.empty())
          made_up = "tooluse_" + std::string(request_) + "_" + std::to_string(said.index);
        answer_.begin_call(said.id.empty() ? made_up : said.id, said.name, out);
      } else if (said.step == Step::Arguments) {
        answer_.arguments(said.arguments, out);
      } else {
        answer_.end_block(out);
      }
    }
  }

  // ---- The end

  std::string_view reason() const {
    if (refused_ && (reason_.empty() || reason_ == "end_turn")) return "content_filtered";
    // Some providers say "stop" whatever was the reason.
    if (called_ && (reason_.empty() || reason_ == "end_turn")) return "tool_use";
    return reason_.empty() ? std::string_view("end_turn") : reason_;
  }

  void write_stop(json::Writer& to) const {
    to.member("stopReason", reason());
    const auto told = std::ranges::find(extras_, kModelFields, &NamedJson::name);
    if (told != extras_.end()) {
      to.key(kModelFields).raw(told->json);
    } else if (!stop_sequence_.empty()) {
      to.key(kModelFields).begin_object().member("stop_sequence", stop_sequence_).end_object();
    }
  }

  void write_metadata(json::Writer& to) const {
    to.key("usage");
    write_converse_usage(usage_, to);
    bool measured = false;
    for (const NamedJson& extra : extras_) {
      if (extra.name == kModelFields) continue;
      measured = measured || extra.name == "metrics";
      to.key(extra.name).raw(extra.json);
    }
    if (!measured) to.key("metrics").begin_object().member("latencyMs", 0).end_object();
  }

  void end_stream(std::string& out) const {
    std::string payload;
    json::Writer stop(payload);
    stop.begin_object();
    write_stop(stop);
    stop.end_object();
    ConverseAnswerWriter::append(out, "messageStop", payload);
    payload.clear();
    json::Writer metadata(payload);
    metadata.begin_object();
    write_metadata(metadata);
    metadata.end_object();
    ConverseAnswerWriter::append(out, "metadata", payload);
  }

  struct NamedJson {
    std::string name;
    std::string json;
  };

  ConverseAnswerWriter answer_;
  ToolCallQueue calls_;
  bool stream_;
  bool begun_ = false;
  bool called_ = false;
  bool refused_ = false;
  std::string_view request_;
  std::string_view reason_;  // One of the table's.
  std::string stop_sequence_;
  std::vector<NamedJson> extras_;
  Usage usage_;
};

}  // namespace

ArenaPtr<Encoder> converse_encoder(Arena& arena, const Shape& shape) {
  return arena.make<ConverseEncoder>(arena, shape);
}

}  // namespace sluice::dialect
