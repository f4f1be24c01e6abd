#include "dialect/openai_decoding.h"
#include "dialect/replicate_codec.h"

#include <algorithm>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

std::int64_t count(const std::optional<Value>& metrics, std::string_view name) {
  const auto value = metrics ? metrics->find(name) : std::nullopt;
  return value ? std::max<std::int64_t>(0, value->integer().value_or(0)) : 0;
}

class PredictionDecoder final : public OpenAiDecoder {
 public:
  using OpenAiDecoder::OpenAiDecoder;

  Result<Signals> frame(std::string_view, std::string_view, Meaning*) override {
    return malformed_answer("a prediction in a stream");
  }

  Result<void> body(std::string_view text, Meaning* meaning) override {
    TRY(const Value root, parse_body(text));
    Arena passing;
    TRY(const Prediction prediction, read_prediction(root, meaning ? meaning->texts : passing));
    if (prediction.state != PredictionState::Succeeded)
      return malformed_answer("body: the prediction is not done");
    if (prediction.metrics && prediction.metrics->find("output_token_count")) {
      usage_ = Usage{.input = count(prediction.metrics, "input_token_count"),
                     .output = count(prediction.metrics, "output_token_count")};
    }
    ended_ = true;
    if (!meaning) return {};
    meaning->events.push_back(ReplyStarted{.id = prediction.id});
    if (prediction.output) say(*prediction.output, *meaning);
    if (usage_) meaning->events.push_back(*usage_);
    meaning->events.push_back(ReplyStopped{.reason = FinishReason::Stop, .native = "succeeded"});
    return {};
  }

 private:
  // A text, or its pieces. What is neither is said as it stands.
  static void say(const Value& output, Meaning& meaning) {
    if (output.kind() == Kind::Null) return;
    const auto say_text = [&](const Value& value) {
      const auto text = value.string(meaning.texts);
      meaning.events.push_back(TextDelta{.text = text.value_or(value.raw())});
    };
    if (output.kind() != Kind::Array) return say_text(output);
    for (const Value piece : output.elements()) say_text(piece);
  }
};

}  // namespace

Result<Prediction> read_prediction(const Value& root, Arena& arena) {
  const auto status = root.find("status");
  if (!status) return malformed_answer("body: no prediction");
  if (*status == "failed" || *status == "canceled" || *status == "aborted") {
    const auto error = root.find("error");
    if (error && error->kind() != Kind::Null) return error_in_answer(*error);
    return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                         .code = "upstream_error",
                         .message = "The provider did not finish the prediction.",
                         .retry = Retry::OtherTarget});
  }
  const auto id = root.find("id");
  const bool done = *status == "succeeded" || *status == "successful";
  return Prediction{.state = done ? PredictionState::Succeeded : PredictionState::Running,
                    .id = id ? id->string(arena).value_or(std::string_view()) : std::string_view(),
                    .output = root.find("output"),
                    .metrics = root.find("metrics")};
}

Result<void> ReplicateDialect::read(const Value&, Arena&, Conversation&) const {
  return fail(ErrorKind::Unsupported, "unsupported_parameter", "Nobody asks in this dialect.");
}

ArenaPtr<Decoder> ReplicateDialect::decoder(Arena& arena, json::Reader& reader) const {
  return arena.make<PredictionDecoder>(reader);
}

ArenaPtr<Encoder> ReplicateDialect::encoder(Arena&, const Shape&) const {
  return nullptr;
}

const ConversationDialect& replicate_dialect() {
  static const ReplicateDialect dialect;
  return dialect;
}

}  // namespace sluice::dialect
