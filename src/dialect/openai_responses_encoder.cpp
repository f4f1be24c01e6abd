// Answers: every item is added, filled and done, in this order of events:
//
//   created in_progress *item ( completed | incomplete )
//   item      = output_item.added *part output_item.done
//   part      = content_part.added *output_text.delta output_text.done content_part.done, or the
//               like of it for refusals, summaries of thoughts and the arguments of calls
#include "dialect/openai_responses_blocks.h"
#include "dialect/openai_responses_parts.h"

namespace sluice::dialect::responses {
namespace {

class ResponsesEncoder final : public Encoder {
 public:
  explicit ResponsesEncoder(const Shape& shape)
      : stream_(shape.stream),
        response_(shape),
        frames_(shape.stream, made_id("_", shape.id)),
        calls_(frames_, shape),
        message_(frames_),
        thoughts_(frames_) {}

  std::string_view content_type() const override {
    return stream_ ? "text/event-stream" : "application/json";
  }

  void say(std::span<const Event> events, std::string& out) override {
    for (std::size_t i = 0; i < events.size(); ++i) {
      const auto* text = std::get_if<TextDelta>(&events[i]);
      const auto* odds =
          i + 1 < events.size() ? std::get_if<LogprobsDelta>(&events[i + 1]) : nullptr;
      if (text && odds && odds->choice == text->choice) {
        // Here they are told with their text.
        say_text(*text, odds->content, out);
        ++i;
      } else {
        std::visit([&](const auto& event) { hear(event, out); }, events[i]);
      }
    }
  }

  void end(std::string& out) override {
    start(out);
    frames_.status = response_.status();
    close(out);
    calls_.close_all(out);
    if (!stream_) {
      response_.append_to(out, response_.status(), frames_.items);
      return;
    }
    const bool complete = response_.status() == "completed";
    frames_.begin(complete ? "response.completed" : "response.incomplete", out);
    append(out, R"(,"response":)");
    response_.append_to(out, response_.status(), frames_.items);
    frames_.end(out);
  }

 private:
  void start(std::string& out) {
    if (started_) return;
    started_ = true;
    if (!stream_) return;
    for (const std::string_view type : {"response.created", "response.in_progress"}) {
      frames_.begin(type, out);
      append(out, R"(,"response":)");
      response_.append_to(out, "in_progress", {});
      frames_.end(out);
    }
  }

  void close_message(std::string& out) {
    if (message_.is_open()) close(out);
  }

  // Ends the message or the thoughts that are being told.
  void close(std::string& out) {
    message_.close(out);
    thoughts_.close({}, out);
    if (held_seal_.empty()) return;
    thoughts_.close({held_by_, held_seal_}, out);
    held_seal_.clear();
  }

  void say_text(const TextDelta& event, JsonText logprobs, std::string& out) {
    if (event.choice != 0 || (event.text.empty() && logprobs.empty())) return;
    start(out);
    if (!held_seal_.empty()) close(out);
    thoughts_.close({}, out);
    message_.text(event.text, logprobs, out);
    last_was_call_ = false;
  }

  void hear(const ReplyStarted& event, std::string& out) {
    if (!started_) response_.started(event);
    start(out);
  }
  void hear(const TextDelta& event, std::string& out) { say_text(event, {}, out); }
  void hear(const LogprobsDelta& event, std::string& out) {
    say_text({event.choice, {}}, event.content, out);
  }
  void hear(const RefusalDelta& event, std::string& out) {
    if (event.choice != 0 || event.text.empty()) return;
    start(out);
    if (!held_seal_.empty()) close(out);
    thoughts_.close({}, out);
    message_.refusal(event.text, out);
    refused_ = true;
    last_was_call_ = false;
  }
  void hear(const CitationMade& event, std::string& out) {
    if (event.choice != 0) return;
    start(out);
    message_.citation(event.citation, out);
  }
  void hear(const ReasoningDelta& event, std::string& out) {
    if (event.choice != 0 || event.text.empty()) return;
    start(out);
    close_message(out);
    thoughts_.text(event.text, out);
    last_was_call_ = false;
  }
  void hear(const ReasoningSealed& event, std::string& out) {
    if (event.choice != 0 || !event.seal.given()) return;
    start(out);
    if (message_.is_open() && held_seal_.empty()) {
      // Citations of the text may still follow, and they stand in its item.
      held_by_ = event.seal.by;
      held_seal_ = event.seal.text;
      return;
    }
    close_message(out);
    if (event.redacted) thoughts_.close({}, out);
    thoughts_.close(event.seal, out);
    last_was_call_ = false;
  }
  void hear(const ToolCallDelta& event, std::string& out) {
    if (event.choice != 0) return;
    start(out);
    close(out);
    if (event.signature.given() && !calls_.knows(event.index))
      thoughts_.seal_of_call(event.signature, out);
    calls_.hear(event, out);
    last_was_call_ = true;
  }
  void hear(const BlockEnded& event, std::string& out) {
    if (event.choice != 0) return;
    if (last_was_call_) {
      calls_.close_last(out);
    } else {
      close(out);
    }
  }
  void hear(const ForeignMade& event, std::string& out) {
    if (event.choice != 0 || event.block.of != Dialect::Responses) return;
    start(out);
    close(out);
    const std::size_t at = frames_.add_item();
    append_on_one_line(frames_.items[at], event.block.json);
    frames_.item("response.output_item.added", at, frames_.items[at], out);
    frames_.item("response.output_item.done", at, frames_.items[at], out);
  }
  void hear(const MediaMade& event, std::string& out) {
    const Media& media = event.media;
    if (event.choice != 0 || media.kind != MediaKind::Image) return;
    start(out);
    if (media.source == MediaSource::Url) {
      say_text({0, "![]("}, {}, out);
      say_text({0, media.data}, {}, out);
      return say_text({0, ")"}, {}, out);
    }
    if (media.source != MediaSource::Base64) return;
    close(out);
    image(media, out);
  }
  void hear(const AudioDelta& event, std::string& out) {
    if (event.choice != 0 || !stream_) return;
    start(out);
    if (!event.base64.empty()) frames_.delta("response.audio.delta", {}, event.base64, out);
    if (!event.transcript.empty())
      frames_.delta("response.audio.transcript.delta", {}, event.transcript, out);
  }
  void hear(const Usage& usage, std::string&) { response_.told(usage); }
  void hear(const ReplyStopped& event, std::string& out) {
    if (event.choice != 0) return;
    start(out);
    response_.stopped(event, refused_);
  }
  void hear(const ReplyExtra& event, std::string&) {
    if (event.extra.name == "service_tier") response_.tier(event.extra.json);
  }
  // Answers to other questions.
  void hear(const VectorMade&, std::string&) {}
  void hear(const Ranked&, std::string&) {}
  void hear(const TokensCounted&, std::string&) {}
  void hear(const Bytes&, std::string&) {}

  void image(const Media& media, std::string& out) {
    const std::size_t at = frames_.add_item();
    std::string head = R"({"id":)";
    append_quoted(head, frames_.item_id("ig", at));
    append(head, R"(,"type":"image_generation_call","status":)");
    frames_.item("response.output_item.added", at, head + "\"in_progress\"}", out);
    const std::string_view format = media.media_type.substr(media.media_type.find('/') + 1);
    append(head, R"("completed","output_format":)");
    append_quoted(head, format.empty() ? "png" : format);
    append(head, R"(,"result":)");
    append_quoted(head, media.data);
    head += '}';
    frames_.items[at] = std::move(head);
    frames_.item("response.output_item.done", at, frames_.items[at], out);
  }

  bool stream_;
  ResponseObject response_;
  Frames frames_;
  Calls calls_;
  Message message_;
  Thoughts thoughts_;
  bool started_ = false;
  bool refused_ = false;
  bool last_was_call_ = false;  // What a block's end is the end of.
  Dialect held_by_ = Dialect::Opaque;
  std::string held_seal_;  // Of thoughts, to be told behind the message.
};

}  // namespace

ArenaPtr<Encoder> make_encoder(Arena& arena, const Shape& shape) {
  return arena.make<ResponsesEncoder>(shape);
}

}  // namespace sluice::dialect::responses
