// Chat completions and completions: their chunks differ in where a choice keeps its text.
#include "dialect/openai_chat.h"
#include "dialect/openai_chat_meaning.h"
#include "dialect/openai_decoder.h"
#include "dialect/openai_decoding.h"
#include "dialect/openai_fields.h"
#include "dialect/openai_usage.h"

namespace sluice::dialect {
namespace {

using chat::is_given;
using json::Kind;
using json::Value;

bool has_text(const std::optional<Value>& value) {
  return value && value->kind() == Kind::String && value->raw().size() > 2;
}

void note(const std::optional<Value>& text, Signals& signals) {
  if (!has_text(text)) return;
  signals.content = true;
  signals.text_bytes += static_cast<std::uint32_t>(text->raw().size() - 2);
}

// Calls, images, parts: their JSON is longer than what was generated, but near enough.
void note_json(const std::optional<Value>& value, Signals& signals) {
  if (!value || (value->kind() != Kind::Array && value->kind() != Kind::Object)) return;
  const std::string_view raw = value->raw();
  if (raw.find_first_not_of(" \t\r\n", 1) + 1 >= raw.size()) return;  // [] and {}
  signals.content = true;
  signals.text_bytes += static_cast<std::uint32_t>(raw.size());
}

class ChatDecoder final : public OpenAiDecoder {
 public:
  ChatDecoder(json::Reader& reader, UsageEvent usage_event)
      : OpenAiDecoder(reader), usage_event_(usage_event) {}

  Result<Signals> frame(std::string_view name, std::string_view data, Meaning* meaning) override {
    if (data == kStreamDone) {
      if (!said_ && !finished_) return malformed_answer("stream: it ends without an answer");
      ended_ = true;
      return Signals{.end = true};
    }
    TRY(const Value chunk, parse_frame(data));
    constexpr std::string_view keys[] = {"choices", "usage", "error", "x_groq"};
    TRY(const auto fields, json::pick(chunk, keys));
    const auto& [choices, usage, error, groq] = fields;
    const bool told = take_usage(usage, groq);
    const bool failed = is_given(error) || name == "error";
    if (failed && told && meaning) meaning->events.emplace_back(*usage_);
    if (failed) return error_in_answer(is_given(error) ? *error : chunk);

    if (meaning && !teller_.started()) teller_.start(chunk, *meaning);
    Signals signals;
    bool empty = true;
    if (choices) {
      for (const Value choice : choices->elements()) {
        empty = false;
        read_choice(choice, signals, meaning);
      }
    }
    if (meaning) tell_extras(chunk, empty, *meaning);
    if (meaning) close(choices, *meaning);
    first_ = false;
    said_ |= signals.content;
    if (told) {
      if (meaning) meaning->events.emplace_back(*usage_);
      signals.withhold = empty && usage_event_ == UsageEvent::Withhold;
    }
    return signals;
  }

  Result<void> body(std::string_view text, Meaning* meaning) override {
    TRY(const Value root, parse_body(text));
    constexpr std::string_view keys[] = {"choices", "usage", "error", "x_groq"};
    TRY(const auto fields, json::pick(root, keys));
    const auto& [choices, usage, error, groq] = fields;
    const bool told = take_usage(usage, groq);
    if (is_given(error)) return error_in_answer(*error);
    ended_ = true;
    if (!meaning) return {};
    if (!choices || choices->kind() != Kind::Array) {
      meaning->events.emplace_back(Bytes{text});
      return {};
    }
    teller_.start(root, *meaning);
    for (const Value choice : choices->elements()) read_whole(choice, *meaning);
    teller_.extras(root, true, *meaning);
    close(choices, *meaning);
    if (told) meaning->events.emplace_back(*usage_);
    return {};
  }

 private:
  bool take_usage(const std::optional<Value>& usage, const std::optional<Value>& groq) {
    if (is_given(usage)) {
      usage_ = read_openai_usage(*usage);
      return true;
    }
    const auto inner = is_given(groq) ? groq->find("usage") : std::nullopt;
    if (!is_given(inner)) return false;
    usage_ = read_openai_usage(*inner);
    return true;
  }

  static std::uint32_t number_of(const std::optional<Value>& index) {
    const std::int64_t number = index ? index->integer().value_or(0) : 0;
    return number < 0 ? 0 : static_cast<std::uint32_t>(number);
  }

  void read_choice(const Value& choice, Signals& signals, Meaning* meaning) {
    constexpr std::string_view keys[] = {"index", "delta", "text", "finish_reason"};
    const auto fields = json::pick(choice, keys);
    if (!fields) return;
    const auto& [index, delta, text, finish] = *fields;
    note(text, signals);
    if (meaning && has_text(text)) {
      meaning->events.emplace_back(
          TextDelta{number_of(index), chat::text_or_nothing(text, meaning->texts)});
    }
    if (delta) read_delta(*delta, number_of(index), signals, meaning);
    finished_ |= is_given(finish);
  }

  void read_delta(const Value& delta, std::uint32_t number, Signals& signals, Meaning* meaning) {
    chat::DeltaFields fields;
    if (!json::pick(delta, chat::kDeltaFields, fields)) return;
    const auto& reasoning = has_text(fields[chat::ReasoningContent])
                                ? fields[chat::ReasoningContent]
                                : fields[chat::ReasoningText];
    for (const auto& said : {fields[chat::Content], reasoning, fields[chat::RefusalText]})
      note(said, signals);
    for (const chat::DeltaField at :
         {chat::ToolCalls, chat::FunctionCall, chat::Audio, chat::Images, chat::Content})
      note_json(fields[at], signals);
    if (!signals.content) {
      for (const chat::DeltaField at : {chat::ReasoningDetails, chat::ThinkingBlocks})
        note_json(fields[at], signals);
    }
    if (meaning) teller_.delta(fields, number, false, *meaning);
  }

  void read_whole(const Value& choice, Meaning& meaning) {
    constexpr std::string_view keys[] = {"index", "message", "text"};
    const auto fields = json::pick(choice, keys);
    if (!fields) return;
    const auto& [index, message, text] = *fields;
    if (has_text(text)) {
      meaning.events.emplace_back(
          TextDelta{number_of(index), chat::text_or_nothing(text, meaning.texts)});
    }
    chat::DeltaFields said;
    if (message && json::pick(*message, chat::kDeltaFields, said))
      teller_.delta(said, number_of(index), true, meaning);
  }

  // Most chunks of a stream repeat what stands beside their choices.
  void tell_extras(const Value& chunk, bool empty, Meaning& meaning) {
    if (first_ || empty || finished_) teller_.extras(chunk, empty || finished_, meaning);
  }

  void close(const std::optional<Value>& choices, Meaning& meaning) {
    if (!choices) return;
    for (const Value choice : choices->elements())
      teller_.close(choice, number_of(choice.find("index")), meaning);
  }

  UsageEvent usage_event_;
  bool first_ = true;
  bool said_ = false;  // Anything of an answer.
  chat::Teller teller_;
};

}  // namespace

ArenaPtr<Decoder> make_chat_decoder(Arena& arena, json::Reader& reader, UsageEvent usage_event) {
  return arena.make<ChatDecoder>(reader, usage_event);
}

ArenaPtr<Decoder> ChatDialect::decoder(Arena& arena, json::Reader& reader) const {
  return arena.make<ChatDecoder>(reader, UsageEvent::Pass);
}

}  // namespace sluice::dialect
