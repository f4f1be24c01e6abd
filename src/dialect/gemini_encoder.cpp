#include "base/json_writer.h"
#include "dialect/gemini_codec.h"
#include "dialect/gemini_encoding.h"
#include "dialect/gemini_words.h"

#include <algorithm>
#include <deque>
#include <optional>

namespace sluice::dialect {
namespace {

// What speech is, where nobody told its format: as Gemini itself sends it.
constexpr std::string_view kSpeech = "audio/L16;codec=pcm;rate=24000";

std::string_view speech_type(const Shape& shape) {
  const std::string_view format = shape.asked ? shape.asked->spoken.format : std::string_view();
  if (format == "wav") return "audio/wav";
  if (format == "mp3") return "audio/mpeg";
  if (format == "flac") return "audio/flac";
  if (format == "opus") return "audio/opus";
  if (format == "aac") return "audio/aac";
  return kSpeech;
}

class GeminiEncoder final : public Encoder {
 public:
  explicit GeminiEncoder(const Shape& shape)
      : stream_(shape.stream),
        array_(shape.array),
        speech_(speech_type(shape)),
        id_(shape.id),
        model_(shape.model) {}

  std::string_view content_type() const override {
    return stream_ && !array_ ? "text/event-stream" : "application/json";
  }

  void say(std::span<const Event> events, std::string& out) override {
    for (const Event& event : events) std::visit([this](const auto& said) { hear(said); }, event);
    if (!stream_) return;
    if (std::ranges::any_of(candidates_, &GeminiCandidateWriter::has_news)) write_chunk(false, out);
  }

  void end(std::string& out) override {
    if (counted_) {
      json::Writer(out).begin_object().member("totalTokens", *counted_).end_object();
      return;
    }
    if (candidates_.empty() && feedback_.empty()) candidate(0);
    write_chunk(true, out);
    if (stream_ && array_) out += "\r\n]";
  }

 private:
  GeminiCandidateWriter& candidate(std::uint32_t index) {
    const auto found = std::ranges::find(candidates_, index, &GeminiCandidateWriter::index);
    return found != candidates_.end() ? *found : candidates_.emplace_back(index);
  }

  void hear(const ReplyStarted& started) {
    if (!started.id.empty()) id_ = started.id;
    if (!started.model.empty()) model_ = started.model;
  }
  void hear(const TextDelta& delta) { candidate(delta.choice).text(delta.text); }
  void hear(const RefusalDelta& delta) { candidate(delta.choice).text(delta.text); }
  void hear(const ReasoningDelta& delta) { candidate(delta.choice).thought(delta.text); }
  void hear(const ReasoningSealed& seal) { candidate(seal.choice).sealed(seal); }
  void hear(const ToolCallDelta& delta) { candidate(delta.choice).call(delta); }
  void hear(const CitationMade& made) { candidate(made.choice).cite(made.citation); }
  void hear(const LogprobsDelta& delta) { candidate(delta.choice).logprobs(delta); }
  void hear(const AudioDelta& delta) {
    GeminiCandidateWriter& one = candidate(delta.choice);
    one.text(delta.transcript);
    if (!delta.base64.empty()) one.media(speech_, delta.base64);
  }
  void hear(const MediaMade& made) {
    GeminiCandidateWriter& one = candidate(made.choice);
    if (made.media.source == MediaSource::Base64) {
      one.media(made.media.media_type, made.media.data);
    } else if (made.media.source == MediaSource::Url) {
      one.file(made.media);
    }
  }
  void hear(const ForeignMade& made) { candidate(made.choice).foreign(made.block); }
  void hear(const BlockEnded& ended) { candidate(ended.choice).write_calls(); }
  void hear(const Usage& usage) { usage_ = usage; }
  void hear(const ReplyStopped& stopped) {
    if (!feedback_.empty() && candidates_.empty()) return;  // That says it already.
    GeminiCandidateWriter& one = candidate(stopped.choice);
    one.write_calls();
    one.stopped(stopped);
  }
  void hear(const ReplyExtra& reply) {
    const Extra& extra = reply.extra;
    if (extra.of != Dialect::Gemini) return;
    if (extra.name == "promptFeedback") {
      feedback_ = extra.json;
      std::ranges::replace(feedback_, '\n', ' ');
      std::ranges::replace(feedback_, '\r', ' ');
    } else {
      candidate(0).member(extra.name, extra.json);
    }
  }
  void hear(const TokensCounted& counted) { counted_ = counted.tokens; }
  // Answers to other operations.
  void hear(const VectorMade&) {}
  void hear(const Ranked&) {}
  void hear(const Bytes&) {}

  void write_chunk(bool last, std::string& out) {
    if (stream_) out += array_ ? (begun_ ? ",\r\n" : "[") : "data: ";
    begun_ = true;
    out += R"({"candidates":[)";
    bool first = true;
    for (GeminiCandidateWriter& one : candidates_) {
      if (!last && !one.has_news()) continue;
      if (!first) out += ',';
      first = false;
      one.write(last, out);
    }
    out += ']';
    if (last && !feedback_.empty()) (out += R"(,"promptFeedback":)") += feedback_;
    if (last && usage_) write_usage(out);
    out += R"(,"modelVersion":")";
    json::append_escaped(out, model_);
    out += R"(","responseId":")";
    json::append_escaped(out, id_);
    out += "\"}";
    if (stream_ && !array_) out += "\r\n\r\n";
  }

  void write_usage(std::string& out) const {
    const Usage& usage = *usage_;
    out += R"(,"usageMetadata":)";
    json::Writer writer(out);
    writer.begin_object().member("promptTokenCount", usage.input);
    writer.member("candidatesTokenCount", usage.output - usage.reasoning);
    writer.member("totalTokenCount", usage.input + usage.output);
    if (usage.cached != 0) writer.member("cachedContentTokenCount", usage.cached);
    if (usage.reasoning != 0) writer.member("thoughtsTokenCount", usage.reasoning);
    write_details(writer, "promptTokensDetails", usage.input, usage.audio_input, usage.image_input);
    write_details(writer, "candidatesTokensDetails", usage.output - usage.reasoning,
                  usage.audio_output, usage.image_output);
    writer.end_object();
  }

  static void write_details(json::Writer& writer, std::string_view name, std::int64_t all,
                            std::int64_t audio, std::int64_t image) {
    if (audio == 0 && image == 0) return;
    writer.key(name).begin_array();
    const auto detail = [&](std::string_view modality, std::int64_t tokens) {
      if (tokens <= 0) return;
      writer.begin_object().member("modality", modality).member("tokenCount", tokens).end_object();
    };
    detail("TEXT", all - audio - image);
    detail("AUDIO", audio);
    detail("IMAGE", image);
    writer.end_array();
  }

  const bool stream_;
  const bool array_;
  const std::string_view speech_;
  std::string id_;
  std::string model_;
  std::deque<GeminiCandidateWriter> candidates_;
  std::string feedback_;
  std::optional<Usage> usage_;
  std::optional<std::int64_t> counted_;
  bool begun_ = false;
};

}  // namespace

ArenaPtr<Encoder> make_gemini_encoder(Arena& arena, const Shape& shape) {
  return arena.make<GeminiEncoder>(shape);
}

}  // namespace sluice::dialect
