#include "dialect/gemini_candidate.h"
#include "dialect/gemini_codec.h"
#include "dialect/gemini_words.h"
#include "dialect/malformed_answer.h"

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

// An error inside of an answer that began with 200.
std::unexpected<Failure> in_band(const Value& error) {
  Arena arena;
  std::string_view message = "The provider reported an error.";
  std::string_view code = "upstream_error";
  if (const auto text = error.find("message")) message = text->string(arena).value_or(message);
  const auto status = error.find("status");
  const auto number = error.find("code");
  const std::int64_t told = number ? number->integer().value_or(0) : 0;
  if ((status && *status == "RESOURCE_EXHAUSTED") || told == 429) code = "upstream_rate_limited";
  if ((status && *status == "UNAVAILABLE") || told == 503) code = "upstream_overloaded";
  return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                       .code = code,
                       .message = std::string(message),
                       .retry = Retry::OtherTarget});
}

class GeminiDecoder final : public Decoder {
 public:
  explicit GeminiDecoder(json::Reader& reader) : reader_(reader) {}

  Result<Signals> frame(std::string_view, std::string_view data, Meaning* meaning) override {
    const auto root = reader_.parse(data);
    if (!root) return malformed_answer("event: " + root.error()->message);
    return read(*root, meaning);
  }

  Result<void> body(std::string_view text, Meaning* meaning) override {
    const auto root = reader_.parse(text, {.strict_up_to = meaning ? SIZE_MAX : 0});
    if (!root) return malformed_answer("body: " + root.error()->message);
    TRY_VOID(read(*root, meaning));
    if (meaning && !started_) count_tokens(*root, *meaning);
    ended_ = true;
    return {};
  }

  bool ended() const override { return ended_; }
  bool finished() const override { return ended_ || finished_; }
  const std::optional<Usage>& usage() const override { return usage_; }

 private:
  // A chunk, a whole answer, or a list of chunks.
  Result<Signals> read(const Value& root, Meaning* meaning) {
    if (root.kind() == Kind::Object) return read_chunk(root, meaning);
    if (root.kind() != Kind::Array) return malformed_answer("neither an object nor a list");
    Signals all;
    for (const Value chunk : root.elements()) {
      if (chunk.kind() != Kind::Object) return malformed_answer("a list of no objects");
      TRY(const Signals signals, read_chunk(chunk, meaning));
      all.content |= signals.content;
      all.text_bytes += signals.text_bytes;
    }
    return all;
  }

  struct Fields {
    std::optional<Value> candidates;
    std::optional<Value> usage;
    std::optional<Value> feedback;
    std::optional<Value> error;
    std::optional<Value> id;
    std::optional<Value> model;
  };

  static Fields fields_of(const Value& chunk) {
    Fields fields;
    for (const auto [key, value] : chunk.members()) {
      if (value.kind() == Kind::Null) continue;
      const std::string_view name = key.plain_string().value_or("");
      if (name == "candidates") {
        fields.candidates = value;
      } else if (name == "usageMetadata") {
        fields.usage = value;
      } else if (name == "modelVersion") {
        fields.model = value;
      } else if (name == "responseId") {
        fields.id = value;
      } else if (name == "promptFeedback") {
        fields.feedback = value;
      } else if (name == "error") {
        fields.error = value;
      }
    }
    return fields;
  }

  Result<Signals> read_chunk(const Value& chunk, Meaning* meaning) {
    const Fields fields = fields_of(chunk);
    if (fields.error) return in_band(*fields.error);
    const bool counts = !fields.candidates && !fields.id && !fields.feedback && !fields.usage;
    if (meaning && !started_ && !counts) start(fields, *meaning);
    Signals signals;
    const bool was_finished = finished_;
    if (fields.candidates) {
      for (const Value candidate : fields.candidates->elements())
        finished_ |= candidates_.read(candidate, signals, meaning);
    }
    if (fields.feedback) read_feedback(*fields.feedback, meaning);
    if (fields.usage) {
      if (auto usage = read_gemini_usage(*fields.usage)) usage_ = usage;
    }
    if (usage_) usage_->searches = candidates_.searches();
    if (meaning && usage_ && fields.usage && (finished_ || was_finished || !told_usage_)) {
      told_usage_ = true;
      meaning->events.push_back(*usage_);
    }
    return signals;
  }

  // An answer to countTokens.
  static void count_tokens(const Value& root, Meaning& meaning) {
    const auto total = root.find("totalTokens");
    if (total) meaning.events.push_back(TokensCounted{total->integer().value_or(0)});
  }

  void start(const Fields& fields, Meaning& meaning) {
    started_ = true;
    const auto text = [&](const std::optional<Value>& value) {
      return value ? value->string(meaning.texts).value_or("") : std::string_view();
    };
    const std::string_view id = text(fields.id);
    candidates_.make_ids_from(id);
    meaning.events.push_back(ReplyStarted{.id = id, .model = text(fields.model)});
  }

  // The prompt was not let through: there is no candidate.
  void read_feedback(const Value& feedback, Meaning* meaning) {
    const auto reason = feedback.find("blockReason");
    if (!reason || reason->kind() != Kind::String) return;
    finished_ = true;
    if (!meaning) return;
    meaning->events.push_back(
        ReplyExtra{{Dialect::Gemini, "promptFeedback", feedback.raw(), Importance::Hint}});
    meaning->events.push_back(ReplyStopped{.reason = FinishReason::ContentFilter,
                                           .native = reason->string(meaning->texts).value_or("")});
  }

  json::Reader& reader_;
  GeminiCandidates candidates_;
  std::optional<Usage> usage_;
  bool started_ = false;
  bool told_usage_ = false;
  bool finished_ = false;
  bool ended_ = false;
};

}  // namespace

ArenaPtr<Decoder> make_gemini_decoder(Arena& arena, json::Reader& reader) {
  return arena.make<GeminiDecoder>(reader);
}

}  // namespace sluice::dialect
