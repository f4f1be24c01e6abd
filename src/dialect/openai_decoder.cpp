#include "dialect/openai_decoder.h"

#include "dialect/openai_usage.h"

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

constexpr std::string_view kDone = "[DONE]";

std::unexpected<Failure> malformed(std::string detail) {
  ApiError error{.kind = ErrorKind::UpstreamUnavailable,
                 .code = "upstream_bad_response",
                 .message = "The provider's answer is not what its API promises.",
                 .detail = std::move(detail),
                 .retry = Retry::OtherTarget};
  return fail(std::move(error));
}

// An error inside of an answer that began with 200.
std::unexpected<Failure> in_band(const Value& error) {
  Arena arena;
  std::string_view message = "The provider reported an error.";
  if (error.kind() == Kind::Object) {
    if (const auto text = error.find("message")) message = text->string(arena).value_or(message);
  } else {
    message = error.string(arena).value_or(message);
  }
  return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                       .code = "upstream_error",
                       .message = std::string(message),
                       .retry = Retry::OtherTarget});
}

bool is_given(const std::optional<Value>& value) {
  return value && value->kind() != Kind::Null;
}

bool has_text(const std::optional<Value>& value) {
  return value && value->kind() == Kind::String && value->raw().size() > 2;
}

std::string_view text_of(const std::optional<Value>& value, Meaning& meaning) {
  return value ? value->string(meaning.texts).value_or("") : std::string_view();
}

FinishReason finish_reason(const Value& value) {
  if (value == "stop") return FinishReason::Stop;
  if (value == "length") return FinishReason::Length;
  if (value == "tool_calls" || value == "function_call") return FinishReason::ToolCalls;
  if (value == "content_filter") return FinishReason::ContentFilter;
  return FinishReason::Other;
}

// What they have in common: one parse a frame, the last usage, whole bodies.
class OpenAiDecoder : public Decoder {
 public:
  explicit OpenAiDecoder(json::Reader& reader) : reader_(reader) {}

  Result<void> body(std::string_view text, Meaning* meaning) override {
    // Structure is always checked; every last scalar of a provider's answer is not ours to judge.
    auto root = reader_.parse(text, {.strict_up_to = 0});
    if (!root) return malformed("body: " + root.error()->message);
    if (root->kind() != Kind::Object) return malformed("body: not an object");
    constexpr std::string_view keys[] = {"error", "usage"};
    TRY(const auto fields, json::pick(*root, keys));
    const auto& [error, usage] = fields;
    if (is_given(error)) return in_band(*error);
    if (is_given(usage)) usage_ = read_openai_usage(*usage);
    if (meaning) meaning->events.push_back(Bytes{text});
    ended_ = true;
    return {};
  }
  bool ended() const override { return ended_; }
  bool finished() const override { return ended_ || finished_; }
  const std::optional<Usage>& usage() const override { return usage_; }

 protected:
  Result<Value> parse(std::string_view data) {
    auto root = reader_.parse(data);
    if (!root) return malformed("event: " + root.error()->message);
    if (root->kind() != Kind::Object) return malformed("event: not an object");
    return *root;
  }

  json::Reader& reader_;
  bool ended_ = false;
  bool finished_ = false;
  std::optional<Usage> usage_;
};

class ChatDecoder final : public OpenAiDecoder {
 public:
  ChatDecoder(json::Reader& reader, UsageEvent usage_event)
      : OpenAiDecoder(reader), usage_event_(usage_event) {}

  Result<Signals> frame(std::string_view, std::string_view data, Meaning* meaning) override {
    if (data == kDone) {
      ended_ = true;
      return Signals{.end = true};
    }
    TRY(const Value chunk, parse(data));
    constexpr std::string_view keys[] = {"choices", "usage", "error", "id", "model"};
    TRY(const auto fields, json::pick(chunk, keys));
    const auto& [choices, usage, error, id, model] = fields;
    if (is_given(error)) return in_band(*error);

    if (meaning && !started_ && id) {
      started_ = true;
      meaning->events.push_back(ReplyStarted{text_of(id, *meaning), text_of(model, *meaning)});
    }
    Signals signals;
    bool empty = true;
    if (choices) {
      for (const Value choice : choices->elements()) {
        empty = false;
        read_choice(choice, signals, meaning);
      }
    }
    if (is_given(usage)) {
      usage_ = read_openai_usage(*usage);
      if (meaning) meaning->events.push_back(*usage_);
      signals.withhold = empty && usage_event_ == UsageEvent::Withhold;
    }
    return signals;
  }

 private:
  void read_choice(const Value& choice, Signals& signals, Meaning* meaning) {
    constexpr std::string_view keys[] = {"index", "delta", "text", "finish_reason"};
    const auto fields = json::pick(choice, keys);
    if (!fields) return;
    const auto& [index, delta, text, finish] = *fields;
    const auto number = static_cast<std::uint32_t>(index ? index->integer().value_or(0) : 0);
    note(text, signals);
    if (meaning && has_text(text))
      meaning->events.push_back(TextDelta{number, text_of(text, *meaning)});
    if (delta) read_delta(*delta, number, signals, meaning);
    if (!is_given(finish)) return;
    finished_ = true;
    if (meaning) meaning->events.push_back(ReplyStopped{number, finish_reason(*finish)});
  }

  void read_delta(const Value& delta, std::uint32_t choice, Signals& signals, Meaning* meaning) {
    constexpr std::string_view keys[] = {"content",    "reasoning_content", "reasoning", "refusal",
                                         "tool_calls", "function_call",     "audio"};
    const auto fields = json::pick(delta, keys);
    if (!fields) return;
    const auto& [text, reasoning_content, reasoning, refusal, tools, function, audio] = *fields;
    const auto& thought = has_text(reasoning_content) ? reasoning_content : reasoning;
    for (const auto& said : {text, thought, refusal}) note(said, signals);
    for (const auto& called : {tools, function, audio}) {
      if (!is_given(called)) continue;
      signals.content = true;
      signals.text_bytes += static_cast<std::uint32_t>(called->raw().size());
    }
    if (!meaning) return;
    if (has_text(thought))
      meaning->events.push_back(ReasoningDelta{choice, text_of(thought, *meaning)});
    if (has_text(text)) meaning->events.push_back(TextDelta{choice, text_of(text, *meaning)});
    if (has_text(refusal))
      meaning->events.push_back(RefusalDelta{choice, text_of(refusal, *meaning)});
    if (is_given(tools)) read_tools(*tools, choice, *meaning);
  }

  static void note(const std::optional<Value>& text, Signals& signals) {
    if (!has_text(text)) return;
    signals.content = true;
    signals.text_bytes += static_cast<std::uint32_t>(text->raw().size() - 2);
  }

  void read_tools(const Value& tools, std::uint32_t choice, Meaning& meaning) {
    for (const Value call : tools.elements()) {
      ToolCallDelta delta{.choice = choice};
      if (const auto index = call.find("index")) {
        delta.index = static_cast<std::uint32_t>(index->integer().value_or(0));
      }
      delta.id = text_of(call.find("id"), meaning);
      if (const auto function = call.find("function")) {
        delta.name = text_of(function->find("name"), meaning);
        delta.arguments = text_of(function->find("arguments"), meaning);
      }
      meaning.events.push_back(delta);
    }
  }

  UsageEvent usage_event_;
  bool started_ = false;
};

class PlainDecoder final : public OpenAiDecoder {
 public:
  using OpenAiDecoder::OpenAiDecoder;

  Result<Signals> frame(std::string_view, std::string_view data, Meaning* meaning) override {
    if (data == kDone) {
      ended_ = true;
      return Signals{.end = true};
    }
    TRY(const Value event, parse(data));
    constexpr std::string_view keys[] = {"error", "usage", "type"};
    TRY(const auto fields, json::pick(event, keys));
    const auto& [error, usage, type] = fields;
    if (is_given(error)) return in_band(*error);
    if (is_given(usage)) usage_ = read_openai_usage(*usage);
    if (meaning) meaning->events.push_back(Bytes{data});
    // Such streams (audio, images) name their end, or have none but that of the connection.
    const std::string_view kind = type ? type->plain_string().value_or("") : std::string_view();
    finished_ |= kind.ends_with(".done") || kind.ends_with(".completed");
    return Signals{.content = true};
  }
};

}  // namespace

ArenaPtr<Decoder> make_chat_decoder(Arena& arena, json::Reader& reader, UsageEvent usage_event) {
  return arena.make<ChatDecoder>(reader, usage_event);
}

ArenaPtr<Decoder> make_plain_decoder(Arena& arena, json::Reader& reader) {
  return arena.make<PlainDecoder>(reader);
}

std::string openai_error_message(std::string_view body, json::Reader& reader) {
  const auto root = reader.parse(body);
  if (!root || root->kind() != Kind::Object) return {};
  Arena arena;
  for (const std::string_view key : {"error", "message", "detail"}) {
    auto found = root->find(key);
    if (found && found->kind() == Kind::Object) found = found->find("message");
    if (found) {
      if (const auto text = found->string(arena)) return std::string(*text);
    }
  }
  return {};
}

}  // namespace sluice::dialect
