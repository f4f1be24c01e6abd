#include "dialect/malformed_answer.h"
#include "dialect/ollama.h"

#include <string>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

// An error inside of an answer that began with 200.
std::unexpected<Failure> in_band(const Value& error) {
  Arena arena;
  return fail(ApiError{
      .kind = ErrorKind::UpstreamUnavailable,
      .code = "upstream_error",
      .message = std::string(error.string(arena).value_or("The provider reported an error.")),
      .retry = Retry::OtherTarget});
}

bool given(const std::optional<Value>& value) {
  return value && value->kind() != Kind::Null;
}

std::string_view text_in(const Value& object, std::string_view key, Arena& arena) {
  const auto value = object.find(key);
  return value ? value->string(arena).value_or("") : std::string_view();
}

std::uint32_t size_in(const Value& object, std::string_view key) {
  const auto text = object.find(key);
  const bool any = text && text->kind() == Kind::String && text->raw().size() > 2;
  return any ? static_cast<std::uint32_t>(text->raw().size() - 2) : 0U;
}

std::int64_t count(const Value& object, std::string_view key) {
  const auto value = object.find(key);
  return value ? value->integer().value_or(0) : 0;
}

// What the ids of calls are made of, for this API has none: when the answer was made.
std::string nonce_of(std::string_view created_at) {
  std::string nonce;
  for (const char letter : created_at) {
    if (letter >= '0' && letter <= '9') nonce += letter;
  }
  return nonce;
}

class OllamaDecoder final : public Decoder {
 public:
  explicit OllamaDecoder(json::Reader& reader) : reader_(reader) {}

  // A line of a stream is like a whole answer that says a little.
  Result<Signals> frame(std::string_view, std::string_view data, Meaning* meaning) override {
    const auto root = reader_.parse(data);
    if (!root) return malformed_answer("line: " + root.error()->message);
    return read(*root, meaning);
  }

  Result<void> body(std::string_view text, Meaning* meaning) override {
    const auto root = reader_.parse(text, {.strict_up_to = meaning ? SIZE_MAX : 0});
    if (!root) return malformed_answer("body: " + root.error()->message);
    TRY_VOID(read(*root, meaning));
    if (!ended_) return malformed_answer("body: not done");
    return {};
  }

  bool ended() const override { return ended_; }
  bool finished() const override { return ended_; }
  const std::optional<Usage>& usage() const override { return usage_; }

 private:
  Result<Signals> read(const Value& root, Meaning* meaning) {
    if (root.kind() != Kind::Object) return malformed_answer("not an object");
    if (const auto error = root.find("error"); given(error)) return in_band(*error);
    if (meaning && !started_) start(root, *meaning);
    Signals signals;
    if (const auto message = root.find("message"); given(message)) {
      signals.text_bytes = size_in(*message, "content") + size_in(*message, "thinking");
      signals.content = signals.text_bytes != 0;
      if (const auto calls = message->find("tool_calls"); given(calls)) {
        signals.text_bytes += static_cast<std::uint32_t>(calls->raw().size());
        signals.content = true;
      }
      if (meaning) tell(*message, *meaning);
    }
    const auto done = root.find("done");
    if (done && done->boolean().value_or(false)) {
      end(root, meaning);
      signals.end = true;
    }
    return signals;
  }

  void start(const Value& root, Meaning& meaning) {
    started_ = true;
    nonce_ = nonce_of(text_in(root, "created_at", meaning.texts));
    meaning.events.emplace_back(ReplyStarted{.model = text_in(root, "model", meaning.texts)});
  }

  void tell(const Value& message, Meaning& meaning) {
    if (const auto thought = text_in(message, "thinking", meaning.texts); !thought.empty())
      meaning.events.emplace_back(ReasoningDelta{0, thought});
    if (const auto text = text_in(message, "content", meaning.texts); !text.empty())
      meaning.events.emplace_back(TextDelta{0, text});
    if (const auto calls = message.find("tool_calls")) {
      for (const Value call : calls->elements()) tell_call(call, meaning);
    }
  }

  void tell_call(const Value& call, Meaning& meaning) {
    const auto function = call.find("function");
    if (!function) return;
    ToolCallDelta delta{.index = calls_++, .id = text_in(call, "id", meaning.texts)};
    if (delta.id.empty())
      delta.id = meaning.texts.join("call_", nonce_, "_", meaning.texts.number(delta.index));
    delta.name = text_in(*function, "name", meaning.texts);
    const auto arguments = function->find("arguments");
    delta.arguments = given(arguments) ? arguments->raw() : "{}";
    meaning.events.emplace_back(delta);
  }

  void end(const Value& root, Meaning* meaning) {
    ended_ = true;
    Usage told;
    told.input = count(root, "prompt_eval_count");
    told.output = count(root, "eval_count");
    usage_ = told;
    if (!meaning) return;
    meaning->events.emplace_back(told);
    const std::string_view native = text_in(root, "done_reason", meaning->texts);
    FinishReason reason = FinishReason::Other;
    if (native == "stop" || native.empty()) reason = FinishReason::Stop;
    if (native == "length") reason = FinishReason::Length;
    // It says "stop" whatever was the reason.
    if (calls_ != 0 && reason == FinishReason::Stop) reason = FinishReason::ToolCalls;
    meaning->events.emplace_back(ReplyStopped{.reason = reason, .native = native});
  }

  json::Reader& reader_;
  std::string nonce_;
  std::uint32_t calls_ = 0;
  std::optional<Usage> usage_;
  bool started_ = false;
  bool ended_ = false;
};

}  // namespace

ArenaPtr<Decoder> ollama_decoder(Arena& arena, json::Reader& reader) {
  return arena.make<OllamaDecoder>(reader);
}

}  // namespace sluice::dialect
