// POST /v1/completions, the older form: texts without roles.
#include "providers/simulator/endpoints.h"
#include "providers/simulator/json_text.h"

#include <algorithm>
#include <utility>

namespace sluice::providers::simulator {
namespace {

void append_usage(std::string& out, const Usage& usage) {
  append(out, R"("usage":{"prompt_tokens":)", usage.prompt, R"(,"completion_tokens":)",
         usage.completion, R"(,"total_tokens":)", usage.prompt + usage.completion, "}");
}

void append_head(std::string& out, const Identity& identity) {
  out += R"({"id":")";
  identity.append_id(out, "cmpl-");
  append(out, R"(","object":"text_completion","created":)", identity.created, R"(,"model":)");
  append_quoted(out, identity.model);
  out += R"(,"choices":[)";
}

class CompletionEvents final : public Events {
 public:
  struct Options {
    std::size_t choices_per_prompt = 1;
    bool include_usage = false;
    bool usage = true;
  };

  CompletionEvents(std::vector<Answer> answers, const Identity& identity, const Usage& usage,
                   const Options& options)
      : answers_(std::move(answers)),
        cursors_(answers_.size() * options.choices_per_prompt),
        usage_(usage),
        options_(options) {
    frame_ = "data: ";
    append_head(frame_, identity);
    start_ = frame_.size();
  }

  // One choice after the other: a piece each, then why it stops.
  Event next() override {
    if (choice_ == cursors_.size()) return next_at_end();
    const auto& answer = answers_[choice_ / options_.choices_per_prompt];
    const auto piece = answer.text.next(cursors_[choice_]);
    frame_.resize(start_);
    frame_ += R"({"text":")";
    append_escaped(frame_, piece);
    append(frame_, R"(","index":)", choice_, R"(,"logprobs":null,"finish_reason":)");
    piece.empty() ? append(frame_, "\"", answer.finish_reason(), "\"") : append(frame_, "null");
    frame_ += options_.include_usage ? "}],\"usage\":null}\n\n" : "}]}\n\n";
    if (piece.empty()) ++choice_;
    return {piece.empty() ? EventKind::Finish : EventKind::Content, frame_};
  }

  std::string_view error(std::string_view error_object) override {
    frame_ = "data: {\"error\":";
    append(frame_, error_object, "}\n\n");
    return frame_;
  }

 private:
  Event next_at_end() {
    if (std::exchange(options_.include_usage, false) && options_.usage) {
      frame_.resize(start_);
      frame_ += "],";
      append_usage(frame_, usage_);
      frame_ += "}\n\n";
      return {EventKind::Finish, frame_};
    }
    if (std::exchange(done_, true)) return {};
    return {EventKind::Done, "data: [DONE]\n\n"};
  }

  std::vector<Answer> answers_;
  std::vector<Content::Cursor> cursors_;
  Usage usage_;
  Options options_;
  std::size_t choice_ = 0;
  std::string frame_;
  std::size_t start_ = 0;
  bool done_ = false;
};

}  // namespace

Result<Made> completions(Call& call) {
  TRY(const auto ask, read_completions(*call.root, call.arena));
  std::vector<Answer> answers;
  Usage usage{.prompt = ask.prompt_tokens};
  for (const auto text : ask.texts) {
    auto& answer = answers.emplace_back(make_answer(call.order, ask, text));
    answer.reasoning = {};  // There is no place for it here.
    usage.completion += answer.pieces() * ask.choices;
  }
  Made made;
  made.pieces = usage.completion;
  if (ask.stream) {
    const CompletionEvents::Options options{ask.choices, ask.include_usage, call.order.knobs.usage};
    made.events =
        std::make_unique<CompletionEvents>(std::move(answers), call.identity, usage, options);
    return made;
  }

  auto& out = made.body;
  append_head(out, call.identity);
  for (std::size_t index = 0; index < answers.size() * ask.choices; ++index) {
    const auto& answer = answers[index / ask.choices];
    std::string text;
    answer.text.append_to(text);
    out += index == 0 ? R"({"text":)" : R"(,{"text":)";
    append_quoted(out, text);
    append(out, R"(,"index":)", index, R"(,"logprobs":null,"finish_reason":")",
           answer.finish_reason(), R"("})");
  }
  out += ']';
  if (call.order.knobs.usage) {
    out += ',';
    append_usage(out, usage);
  }
  out += '}';
  return made;
}

}  // namespace sluice::providers::simulator
