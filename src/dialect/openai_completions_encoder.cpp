#include "base/json_writer.h"
#include "dialect/openai_chat_words.h"
#include "dialect/openai_completions.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace sluice::dialect {
namespace {

struct Choice {
  std::uint32_t number = 0;
  std::string text = {};  // Of a whole answer.
  FinishReason reason = FinishReason::Stop;
};

class CompletionsEncoder final : public Encoder {
 public:
  explicit CompletionsEncoder(const Shape& shape) : shape_(shape) {}

  std::string_view content_type() const override {
    return shape_.stream ? "text/event-stream" : "application/json";
  }
  void say(std::span<const Event> events, std::string& out) override;
  void end(std::string& out) override;

 private:
  Choice& of(std::uint32_t number);
  void text(std::uint32_t number, std::string_view text, std::string& out);
  void write_head(std::string& out) const;
  static void write_choice(std::string& out, const Choice& choice, std::string_view text,
                           bool finished);
  void end_stream(std::string& out);
  void end_body(std::string& out);

  Shape shape_;
  std::string id_;
  std::string model_;
  std::int64_t created_ = 0;
  std::string extras_;
  std::vector<Choice> choices_;
  std::optional<Usage> usage_;
};

void CompletionsEncoder::say(std::span<const Event> events, std::string& out) {
  for (const Event& event : events) {
    if (const auto* delta = std::get_if<TextDelta>(&event)) {
      text(delta->choice, delta->text, out);
    } else if (const auto* refusal = std::get_if<RefusalDelta>(&event)) {
      text(refusal->choice, refusal->text, out);
    } else if (const auto* started = std::get_if<ReplyStarted>(&event)) {
      id_ = started->id;
      model_ = started->model;
      created_ = started->created;
    } else if (const auto* usage = std::get_if<Usage>(&event)) {
      usage_ = *usage;
    } else if (const auto* stopped = std::get_if<ReplyStopped>(&event)) {
      of(stopped->choice).reason = stopped->reason;
    } else if (const auto* told = std::get_if<ReplyExtra>(&event)) {
      if (!chat::speaks_of(told->extra) || told->extra.name != "system_fingerprint") continue;
      extras_ = ",\"system_fingerprint\":";
      chat::append_line(extras_, told->extra.json);
    }
  }
}

Choice& CompletionsEncoder::of(std::uint32_t number) {
  const auto known = std::ranges::find(choices_, number, &Choice::number);
  if (known != choices_.end()) return *known;
  return choices_.emplace_back(Choice{.number = number});
}

void CompletionsEncoder::write_head(std::string& out) const {
  chat::append_id(out.append(R"({"id":")"), id_, "cmpl-", shape_.id);
  out.append(R"(","object":"text_completion","created":)");
  json::Writer(out).value(created_ != 0 ? created_ : shape_.now);
  out.append(R"(,"model":")");
  json::append_escaped(out, model_.empty() ? shape_.model : std::string_view(model_));
  out.append("\"").append(extras_).append(R"(,"choices":[)");
}

void CompletionsEncoder::write_choice(std::string& out, const Choice& choice, std::string_view text,
                                      bool finished) {
  json::Writer(out.append(R"({"index":)")).value(choice.number);
  json::append_escaped(out.append(R"(,"text":")"), text);
  out.append(R"(","logprobs":null,"finish_reason":)");
  if (finished) {
    out.append("\"").append(chat::finish_word(choice.reason, {})).append("\"}");
  } else {
    out.append("null}");
  }
}

void CompletionsEncoder::text(std::uint32_t number, std::string_view text, std::string& out) {
  Choice& choice = of(number);
  if (!shape_.stream) {
    choice.text.append(text);
    return;
  }
  write_head(out.append("data: "));
  write_choice(out, choice, text, false);
  out.append(shape_.usage_asked ? "],\"usage\":null}\n\n" : "]}\n\n");
}

void CompletionsEncoder::end(std::string& out) {
  if (choices_.empty()) of(0);
  std::ranges::sort(choices_, {}, &Choice::number);
  if (shape_.stream) {
    end_stream(out);
  } else {
    end_body(out);
  }
}

void CompletionsEncoder::end_stream(std::string& out) {
  for (const Choice& choice : choices_) {
    write_head(out.append("data: "));
    write_choice(out, choice, "", true);
    out.append(shape_.usage_asked ? "],\"usage\":null}\n\n" : "]}\n\n");
  }
  if (shape_.usage_asked && usage_) {
    write_head(out.append("data: "));
    json::Writer writer(out.append(R"(],"usage":)"));
    chat::write_usage(writer, *usage_);
    out.append("}\n\n");
  }
  out.append("data: [DONE]\n\n");
}

void CompletionsEncoder::end_body(std::string& out) {
  write_head(out);
  for (const Choice& choice : choices_) {
    if (&choice != choices_.data()) out += ',';
    write_choice(out, choice, choice.text, true);
  }
  out += ']';
  if (usage_) {
    json::Writer writer(out.append(R"(,"usage":)"));
    chat::write_usage(writer, *usage_);
  }
  out += '}';
}

}  // namespace

ArenaPtr<Encoder> CompletionsDialect::encoder(Arena& arena, const Shape& shape) const {
  return arena.make<CompletionsEncoder>(shape);
}

}  // namespace sluice::dialect
