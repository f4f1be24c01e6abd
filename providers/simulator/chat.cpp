// POST /v1/chat/completions
#include "providers/simulator/endpoints.h"
#include "providers/simulator/json_text.h"

#include <algorithm>
#include <utility>

namespace sluice::providers::simulator {
namespace {

void append_usage(std::string& out, const Usage& usage) {
  append(out, R"("usage":{"prompt_tokens":)", usage.prompt, R"(,"completion_tokens":)",
         usage.completion, R"(,"total_tokens":)", usage.prompt + usage.completion,
         R"(,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0})"
         R"(,"completion_tokens_details":{"reasoning_tokens":)",
         usage.reasoning,
         R"(,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}})");
}

void append_head(std::string& out, const Identity& identity, std::string_view object) {
  out += R"({"id":")";
  identity.append_id(out, "chatcmpl-");
  append(out, R"(","object":")", object, R"(","created":)", identity.created, R"(,"model":)");
  append_quoted(out, identity.model);
}

constexpr std::string_view kTail = R"("service_tier":"default","system_fingerprint":"fp_sluice")";

void append_call_id(std::string& out, const Identity& identity, std::size_t choice,
                    std::size_t call) {
  identity.append_id(out, "call_", choice << 8 | call);
}

void append_message(std::string& out, const Answer& answer, const Identity& identity,
                    std::size_t choice) {
  std::string text;
  answer.text.append_to(text);
  const bool has_text = answer.calls.empty();
  out += R"({"role":"assistant","content":)";
  has_text && !answer.refusal ? append_quoted(out, text) : append(out, "null");
  if (answer.reasoning.pieces() > 0) {
    std::string reasoning;
    answer.reasoning.append_to(reasoning);
    out += R"(,"reasoning_content":)";
    append_quoted(out, reasoning);
  }
  if (!answer.calls.empty()) out += R"(,"tool_calls":[)";
  for (std::size_t index = 0; index < answer.calls.size(); ++index) {
    const auto& call = answer.calls[index];
    out += index == 0 ? R"({"id":")" : R"(,{"id":")";
    append_call_id(out, identity, choice, index);
    out += R"(","type":"function","function":{"name":)";
    append_quoted(out, call.name);
    std::string arguments;
    call.arguments.append_to(arguments);
    out += R"(,"arguments":)";
    append_quoted(out, arguments);
    out += "}}";
  }
  if (!answer.calls.empty()) out += ']';
  out += R"(,"refusal":)";
  answer.refusal ? append_quoted(out, text) : append(out, "null");
  out += R"(,"annotations":[]})";
}

class ChatEvents final : public Events {
 public:
  struct Options {
    std::size_t choices = 1;
    bool include_usage = false;  // As asked: every frame then has the field.
    bool usage = true;           // Told at the end, if asked for.
  };

  ChatEvents(Answer answer, const Identity& identity, const Usage& usage, const Options& options)
      : answer_(std::move(answer)),
        hash_(identity.hash),
        usage_(usage),
        options_(options),
        choices_(options.choices) {
    // What all frames begin with stands in the buffer once and for all.
    frame_.reserve(384 + identity.model.size());
    frame_ = "data: ";
    append_head(frame_, identity, "chat.completion.chunk");
    append(frame_, ",", kTail, R"(,"choices":[)");
    start_ = frame_.size();
  }

  Event next() override {
    if (phase_ == Phase::Choices) {
      if (auto event = next_of_choices(); event.kind != EventKind::End) return event;
      phase_ = options_.include_usage && options_.usage ? Phase::Usage : Phase::Done;
    }
    switch (std::exchange(phase_, phase_ == Phase::Usage ? Phase::Done : Phase::End)) {
      case Phase::Usage:
        frame_.resize(start_);
        frame_ += "],";
        append_usage(frame_, usage_);
        frame_ += "}\n\n";
        return {EventKind::Finish, frame_};
      case Phase::Done:
        return {EventKind::Done, "data: [DONE]\n\n"};
      default:
        return {};
    }
  }

  std::string_view error(std::string_view error_object) override {
    frame_ = "data: {\"error\":";
    append(frame_, error_object, "}\n\n");
    return frame_;
  }

 private:
  enum class Phase : std::uint8_t { Choices, Usage, Done, End };
  enum class Part : std::uint8_t { Role, Reasoning, Text, CallHead, CallArguments, Finish, End };

  struct Choice {
    Content::Cursor cursor;
    std::uint16_t call = 0;
    Part part = Part::Role;
  };

  // The choices take turns, as the real ones do.
  Event next_of_choices() {
    for (std::size_t tried = 0; tried < choices_.size(); ++tried) {
      const auto index = std::exchange(turn_, (turn_ + 1) % choices_.size());
      if (choices_[index].part == Part::End) continue;
      return next_of(choices_[index], index);
    }
    return {};
  }

  Event next_of(Choice& choice, std::size_t index) {
    for (;;) {
      switch (choice.part) {
        case Part::Role:
          choice.part = Part::Reasoning;
          begin(index);
          append(frame_, R"("role":"assistant","content":)",
                 answer_.calls.empty() && !answer_.refusal ? R"("")" : "null",
                 R"(,"refusal":null)");
          return end(EventKind::Frame);
        case Part::Reasoning:
          if (piece_of(answer_.reasoning, choice, index, R"("reasoning_content":")"))
            return end(EventKind::Content);
          enter(choice, Part::Text);
          break;
        case Part::Text:
          if (piece_of(answer_.text, choice, index,
                       answer_.refusal ? R"("refusal":")" : R"("content":")")) {
            return end(EventKind::Content);
          }
          enter(choice, answer_.calls.empty() ? Part::Finish : Part::CallHead);
          break;
        case Part::CallHead:
          choice.part = Part::CallArguments;
          begin(index);
          append_call_head(choice.call, index);
          return end(EventKind::Frame);
        case Part::CallArguments:
          if (arguments_of(choice, index)) return end(EventKind::Content);
          enter(choice, ++choice.call == answer_.calls.size() ? Part::Finish : Part::CallHead);
          break;
        case Part::Finish:
          choice.part = Part::End;
          begin(index);
          return end(EventKind::Finish, answer_.finish_reason());
        case Part::End:
          return {};
      }
    }
  }

  static void enter(Choice& choice, Part part) {
    choice.part = part;
    choice.cursor = {};
  }

  void begin(std::size_t index) {
    frame_.resize(start_);
    append(frame_, R"({"index":)", index, R"(,"delta":{)");
  }

  Event end(EventKind kind, std::string_view finish_reason = {}) {
    frame_ += R"(},"logprobs":null,"finish_reason":)";
    finish_reason.empty() ? append(frame_, "null") : append(frame_, "\"", finish_reason, "\"");
    frame_ += options_.include_usage ? "}],\"usage\":null}\n\n" : "}]}\n\n";
    return {kind, frame_};
  }

  bool piece_of(const Content& content, Choice& choice, std::size_t index, std::string_view field) {
    const auto piece = content.next(choice.cursor);
    if (piece.empty()) return false;
    begin(index);
    frame_ += field;
    append_escaped(frame_, piece);
    frame_ += '"';
    return true;
  }

  void append_call_head(std::size_t call, std::size_t choice) {
    append(frame_, R"("tool_calls":[{"index":)", call, R"(,"id":")");
    append_call_id(frame_, {.hash = hash_, .created = 0, .model = {}}, choice, call);
    frame_ += R"(","type":"function","function":{"name":)";
    append_quoted(frame_, answer_.calls[call].name);
    frame_ += R"(,"arguments":""}}])";
  }

  bool arguments_of(Choice& choice, std::size_t index) {
    const auto piece = answer_.calls[choice.call].arguments.next(choice.cursor);
    if (piece.empty()) return false;
    begin(index);
    append(frame_, R"("tool_calls":[{"index":)", choice.call, R"(,"function":{"arguments":")");
    append_escaped(frame_, piece);
    frame_ += R"("}}])";
    return true;
  }

  Answer answer_;
  std::uint64_t hash_;
  Usage usage_;
  Options options_;
  std::vector<Choice> choices_;
  std::size_t turn_ = 0;
  std::string frame_;
  std::size_t start_ = 0;
  Phase phase_ = Phase::Choices;
};

}  // namespace

Result<Made> chat(Call& call) {
  TRY(const auto ask, read_chat(*call.root, call.arena));
  auto answer = make_answer(call.order, ask, ask.texts.front());
  const auto pieces = answer.pieces() * ask.choices;
  const Usage usage{ask.prompt_tokens, pieces, answer.reasoning.pieces() * ask.choices};
  Made made;
  made.pieces = pieces;
  if (ask.stream) {
    const ChatEvents::Options options{ask.choices, ask.include_usage, call.order.knobs.usage};
    made.events = std::make_unique<ChatEvents>(std::move(answer), call.identity, usage, options);
    return made;
  }

  auto& out = made.body;
  out.reserve(640);
  append_head(out, call.identity, "chat.completion");
  out += R"(,"choices":[)";
  for (std::size_t index = 0; index < ask.choices; ++index) {
    append(out, index == 0 ? "" : ",", R"({"index":)", index, R"(,"message":)");
    append_message(out, answer, call.identity, index);
    append(out, R"(,"logprobs":null,"finish_reason":")", answer.finish_reason(), R"("})");
  }
  out += "],";
  if (call.order.knobs.usage) {
    append_usage(out, usage);
    out += ',';
  }
  append(out, kTail, "}");
  return made;
}

}  // namespace sluice::providers::simulator
