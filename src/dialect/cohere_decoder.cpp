#include "dialect/cohere.h"
#include "dialect/malformed_answer.h"

#include <algorithm>
#include <vector>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

constexpr Dialect kOwn = Dialect::Cohere;

// An error inside of an answer that began with 200.
std::unexpected<Failure> in_band(std::string_view code, std::string_view message) {
  return fail(ApiError{
      .kind = ErrorKind::UpstreamUnavailable,
      .code = code,
      .message = std::string(message.empty() ? "The provider reported an error." : message),
      .retry = Retry::OtherTarget});
}

bool given(const std::optional<Value>& value) {
  return value && value->kind() != Kind::Null;
}

std::optional<Value> within(const std::optional<Value>& object, std::string_view key) {
  auto value = object ? object->find(key) : std::nullopt;
  return given(value) ? value : std::nullopt;
}

std::string_view text_in(const std::optional<Value>& object, std::string_view key, Arena& arena) {
  const auto value = within(object, key);
  return value ? value->string(arena).value_or("") : std::string_view();
}

std::uint32_t size_in(const std::optional<Value>& object, std::string_view key) {
  const auto text = within(object, key);
  const bool any = text && text->kind() == Kind::String && text->raw().size() > 2;
  return any ? static_cast<std::uint32_t>(text->raw().size() - 2) : 0U;
}

FinishReason finish_reason(std::string_view native) {
  if (native == "COMPLETE") return FinishReason::Stop;
  if (native == "STOP_SEQUENCE") return FinishReason::StopSequence;
  if (native == "MAX_TOKENS") return FinishReason::Length;
  if (native == "TOOL_CALL") return FinishReason::ToolCalls;
  if (native == "ERROR_LIMIT") return FinishReason::ContextLength;
  if (native == "ERROR_TOXIC") return FinishReason::ContentFilter;
  return FinishReason::Other;
}

// Counts may be told as 12 or as 12.0.
std::int64_t count(const std::optional<Value>& object, std::string_view key) {
  const auto value = within(object, key);
  const auto number = value ? value->number() : std::nullopt;
  return number && *number > 0 && *number < 1e15 ? static_cast<std::int64_t>(*number) : 0;
}

Usage read_usage(const Value& usage) {
  auto tokens = within(usage, "tokens");
  if (!tokens) tokens = within(usage, "billed_units");
  Usage told;
  told.image_input = count(tokens, "image_tokens");
  told.input = count(tokens, "input_tokens") + told.image_input;
  told.output = count(tokens, "output_tokens");
  told.reasoning = count(tokens, "reasoning_tokens");
  told.cached = count(usage, "cached_tokens");
  return told;
}

class CohereDecoder final : public Decoder {
 public:
  explicit CohereDecoder(json::Reader& reader) : reader_(reader) {}

  Result<Signals> frame(std::string_view name, std::string_view data, Meaning* meaning) override {
    if (data == "[DONE]") {
      ended_ = true;
      return Signals{.end = true};
    }
    const auto root = reader_.parse(data);
    if (!root) return malformed_answer("event: " + root.error()->message);
    if (root->kind() != Kind::Object) return malformed_answer("event: not an object");
    const auto type = root->find("type");
    const std::string_view kind = type ? type->plain_string().value_or(name) : name;
    const auto delta = within(*root, "delta");
    const auto message = within(delta, "message");
    if (kind == "content-delta" || kind == "content-start")
      return content(within(message, "content"), meaning);
    if (kind == "tool-call-delta") return call(*root, within(message, "tool_calls"), meaning);
    if (kind == "tool-call-start") {
      TRY(Signals signals, call(*root, within(message, "tool_calls"), meaning));
      signals.content = true;
      return signals;
    }
    if (kind == "tool-plan-delta") return plan(message, meaning);
    if (kind == "content-end") {
      if (meaning) meaning->events.emplace_back(BlockEnded{});
    } else if (kind == "citation-start") {
      if (const auto cited = within(message, "citations"); cited && meaning)
        tell_citation(*cited, *meaning);
    } else if (kind == "message-start") {
      if (meaning) start(*root, *meaning);
    } else if (kind == "message-end") {
      return end(delta, meaning);
    } else if (kind == "error" || (type == std::nullopt && root->find("message"))) {
      Arena arena;
      return in_band("upstream_error", text_in(*root, "message", arena));
    }
    return Signals{};
  }

  Result<void> body(std::string_view text, Meaning* meaning) override {
    const auto root = reader_.parse(text, {.strict_up_to = meaning ? SIZE_MAX : 0});
    if (!root) return malformed_answer("body: " + root.error()->message);
    const auto message = within(*root, "message");
    if (!message || message->kind() != Kind::Object) {
      Arena arena;
      if (message) return in_band("upstream_error", text_in(*root, "message", arena));
      return malformed_answer("body: no message");
    }
    if (meaning) {
      start(*root, *meaning);
      plan(message, meaning);
      tell_content(*message, *meaning);
    }
    TRY_VOID(end(*root, meaning));
    ended_ = true;
    return {};
  }

  bool ended() const override { return ended_; }
  bool finished() const override { return ended_ || finished_; }
  const std::optional<Usage>& usage() const override { return usage_; }

 private:
  static void start(const Value& root, Meaning& meaning) {
    meaning.events.emplace_back(ReplyStarted{.id = text_in(root, "id", meaning.texts)});
  }

  static Signals content(const std::optional<Value>& content, Meaning* meaning) {
    Signals signals{.text_bytes = size_in(content, "text") + size_in(content, "thinking")};
    signals.content = signals.text_bytes != 0;
    if (!meaning || !signals.content) return signals;
    if (const auto thought = text_in(content, "thinking", meaning->texts); !thought.empty())
      meaning->events.emplace_back(ReasoningDelta{0, thought});
    if (const auto text = text_in(content, "text", meaning->texts); !text.empty())
      meaning->events.emplace_back(TextDelta{0, text});
    return signals;
  }

  // What the model means to do with its tools: thoughts, by another name.
  static Signals plan(const std::optional<Value>& message, Meaning* meaning) {
    Signals signals{.text_bytes = size_in(message, "tool_plan")};
    signals.content = signals.text_bytes != 0;
    if (meaning && signals.content)
      meaning->events.emplace_back(
          ReasoningDelta{0, text_in(message, "tool_plan", meaning->texts)});
    return signals;
  }

  // Calls are numbered from 0 without gaps, whatever number they have here.
  std::uint32_t number_of(std::int64_t index, bool& first) {
    const auto found = std::ranges::find(calls_, index);
    first = found == calls_.end();
    if (!first) return static_cast<std::uint32_t>(found - calls_.begin());
    calls_.push_back(index);
    return static_cast<std::uint32_t>(calls_.size() - 1);
  }

  Result<Signals> call(const Value& event, const std::optional<Value>& call, Meaning* meaning) {
    const auto index = event.find("index");
    if (call) tell_call(index ? index->integer().value_or(0) : 0, *call, meaning);
    Signals signals{.text_bytes = size_in(within(call, "function"), "arguments")};
    signals.content = signals.text_bytes != 0;
    return signals;
  }

  void tell_call(std::int64_t index, const Value& call, Meaning* meaning) {
    if (!meaning) return;
    Arena& texts = meaning->texts;
    const auto function = within(call, "function");
    bool first = false;
    ToolCallDelta delta{.index = number_of(index, first)};
    if (first) {
      delta.id = text_in(call, "id", texts);
      delta.name = text_in(function, "name", texts);
    }
    delta.arguments = text_in(function, "arguments", texts);
    if (first || !delta.arguments.empty()) meaning->events.emplace_back(delta);
  }

  void tell_content(const Value& message, Meaning& meaning) {
    if (const auto parts = within(message, "content")) {
      for (const Value part : parts->elements()) {
        content(part, &meaning);
        meaning.events.emplace_back(BlockEnded{});
      }
      if (!meaning.events.empty() && std::holds_alternative<BlockEnded>(meaning.events.back()))
        meaning.events.pop_back();  // Citations belong to the text before them.
    }
    if (const auto citations = within(message, "citations")) {
      for (const Value one : citations->elements()) tell_citation(one, meaning);
    }
    if (const auto calls = within(message, "tool_calls")) {
      std::int64_t index = 0;
      for (const Value one : calls->elements()) tell_call(index++, one, &meaning);
    }
  }

  static void tell_citation(const Value& value, Meaning& meaning) {
    Arena& texts = meaning.texts;
    Citation citation{.of = kOwn, .json = value.raw()};
    if (const auto begin = within(value, "start")) citation.begin = begin->integer().value_or(-1);
    if (const auto end = within(value, "end")) citation.end = end->integer().value_or(-1);
    if (const auto sources = within(value, "sources")) {
      for (const Value source : sources->elements()) {
        auto said = within(source, "document");
        if (!said) said = within(source, "tool_output");
        citation.url = text_in(said, "url", texts);
        citation.title = text_in(said, "title", texts);
        if (citation.title.empty()) citation.title = text_in(source, "id", texts);
        citation.cited = text_in(said, "text", texts);
        if (citation.cited.empty()) citation.cited = text_in(said, "content", texts);
        break;
      }
    }
    meaning.events.emplace_back(CitationMade{0, citation});
  }

  // Of a stream, its last event; of a whole answer, what stands beside the message.
  Result<Signals> end(const std::optional<Value>& holder, Meaning* meaning) {
    if (const auto usage = within(holder, "usage")) {
      usage_ = read_usage(*usage);
      if (meaning) meaning->events.emplace_back(*usage_);
    }
    Arena arena;
    Arena& texts = meaning ? meaning->texts : arena;
    const std::string_view native = text_in(holder, "finish_reason", texts);
    if (native == "ERROR") return in_band("upstream_error", text_in(holder, "error", texts));
    if (native == "TIMEOUT") return in_band("upstream_timeout", "The provider timed out.");
    finished_ = true;
    if (meaning && !native.empty())
      meaning->events.emplace_back(ReplyStopped{.reason = finish_reason(native), .native = native});
    return Signals{};
  }

  json::Reader& reader_;
  std::vector<std::int64_t> calls_;
  std::optional<Usage> usage_;
  bool finished_ = false;
  bool ended_ = false;
};

}  // namespace

ArenaPtr<Decoder> cohere_decoder(Arena& arena, json::Reader& reader) {
  return arena.make<CohereDecoder>(reader);
}

}  // namespace sluice::dialect
