// POST /v1/responses: one object, or the events that build it up.
#include "providers/simulator/responses.h"

#include "providers/simulator/endpoints.h"
#include "providers/simulator/json_text.h"

#include <utility>

namespace sluice::providers::simulator {
namespace {

constexpr std::size_t kUsualFrame = 512;

class ResponseEvents final : public Events {
 public:
  explicit ResponseEvents(ResponseSheet sheet) : sheet_(std::move(sheet)) {}

  Event next() override {
    switch (step_) {
      case Step::Created:
        return whole("response.created", "in_progress", Step::InProgress);
      case Step::InProgress:
        return whole("response.in_progress", "in_progress",
                     sheet_.has_reasoning() ? Step::ReasoningAdded : after_reasoning());
      case Step::ReasoningAdded:
      case Step::SummaryAdded:
      case Step::SummaryDelta:
      case Step::SummaryTextDone:
      case Step::SummaryDone:
      case Step::ReasoningDone:
        return next_of_reasoning();
      case Step::MessageAdded:
      case Step::PartAdded:
      case Step::TextDelta:
      case Step::TextDone:
      case Step::PartDone:
      case Step::MessageDone:
        return next_of_message();
      case Step::CallAdded:
      case Step::ArgumentsDelta:
      case Step::ArgumentsDone:
      case Step::CallDone:
        return next_of_calls();
      case Step::Completed: {
        const auto status = sheet_.final_status();
        const auto name = status == "completed" ? "response.completed" : "response.incomplete";
        auto event = whole(name, status, Step::End);
        event.kind = EventKind::Finish;
        return event;
      }
      case Step::End:
        return {};
    }
    return {};
  }

  std::string_view error(std::string_view error_object) override {
    begin("error");
    append(frame_, R"(,"error":)", error_object, "}\n\n");
    auto frames = frame_;
    begin("response.failed");
    frame_ += R"(,"response":)";
    sheet_.append_object(frame_, "failed", error_object);
    frame_ += "}\n\n";
    frame_ = frames + frame_;
    return frame_;
  }

 private:
  enum class Step : std::uint8_t {
    Created,
    InProgress,
    ReasoningAdded,
    SummaryAdded,
    SummaryDelta,
    SummaryTextDone,
    SummaryDone,
    ReasoningDone,
    MessageAdded,
    PartAdded,
    TextDelta,
    TextDone,
    PartDone,
    MessageDone,
    CallAdded,
    ArgumentsDelta,
    ArgumentsDone,
    CallDone,
    Completed,
    End,
  };

  Step after_reasoning() const {
    return sheet_.has_message() ? Step::MessageAdded : after_message();
  }
  Step after_message() const {
    return call_ < sheet_.answer.calls.size() ? Step::CallAdded : Step::Completed;
  }

  Event next_of_reasoning() {
    const auto& content = sheet_.answer.reasoning;
    switch (step_) {
      case Step::ReasoningAdded:
        begin_item("response.output_item.added");
        sheet_.append_reasoning_item(frame_, item_, false);
        return end(Step::SummaryAdded);
      case Step::SummaryAdded:
        begin_in_item("response.reasoning_summary_part.added", "rs_", R"(,"summary_index":0)");
        frame_ += R"(,"part":{"type":"summary_text","text":""})";
        return end(Step::SummaryDelta);
      case Step::SummaryDelta: {
        const auto piece = content.next(cursor_);
        if (!piece.empty())
          return delta("response.reasoning_summary_text.delta", "rs_", R"(,"summary_index":0)",
                       piece);
        cursor_ = {};
        [[fallthrough]];
      }
      case Step::SummaryTextDone:
        begin_in_item("response.reasoning_summary_text.done", "rs_",
                      R"(,"summary_index":0,"text":)");
        append_quoted(frame_, text_of(content));
        return end(Step::SummaryDone);
      case Step::SummaryDone:
        begin_in_item("response.reasoning_summary_part.done", "rs_", R"(,"summary_index":0)");
        frame_ += R"(,"part":{"type":"summary_text","text":)";
        append_quoted(frame_, text_of(content));
        frame_ += '}';
        return end(Step::ReasoningDone);
      default:
        begin_item("response.output_item.done");
        sheet_.append_reasoning_item(frame_, item_++, true);
        return end(after_reasoning());
    }
  }

  Event next_of_message() {
    const bool refusal = sheet_.answer.refusal;
    switch (step_) {
      case Step::MessageAdded:
        begin_item("response.output_item.added");
        sheet_.append_message_item(frame_, item_, false);
        return end(Step::PartAdded);
      case Step::PartAdded:
        begin_in_item("response.content_part.added", "msg_", R"(,"content_index":0,"part":)");
        sheet_.append_part(frame_, "");
        return end(Step::TextDelta);
      case Step::TextDelta: {
        const auto piece = sheet_.answer.text.next(cursor_);
        if (!piece.empty()) {
          return refusal ? delta("response.refusal.delta", "msg_", R"(,"content_index":0)", piece)
                         : delta("response.output_text.delta", "msg_",
                                 R"(,"content_index":0,"logprobs":[])", piece);
        }
        cursor_ = {};
        [[fallthrough]];
      }
      case Step::TextDone:
        refusal ? begin_in_item("response.refusal.done", "msg_", R"(,"content_index":0,"refusal":)")
                : begin_in_item("response.output_text.done", "msg_",
                                R"(,"content_index":0,"logprobs":[],"text":)");
        append_quoted(frame_, text_of(sheet_.answer.text));
        return end(Step::PartDone);
      case Step::PartDone:
        begin_in_item("response.content_part.done", "msg_", R"(,"content_index":0,"part":)");
        sheet_.append_part(frame_, text_of(sheet_.answer.text));
        return end(Step::MessageDone);
      default:
        begin_item("response.output_item.done");
        sheet_.append_message_item(frame_, item_++, true);
        return end(after_message());
    }
  }

  Event next_of_calls() {
    const auto& arguments = sheet_.answer.calls[call_].arguments;
    switch (step_) {
      case Step::CallAdded:
        begin_item("response.output_item.added");
        sheet_.append_call_item(frame_, item_, call_, false);
        return end(Step::ArgumentsDelta);
      case Step::ArgumentsDelta: {
        const auto piece = arguments.next(cursor_);
        if (!piece.empty())
          return delta("response.function_call_arguments.delta", "fc_", "", piece);
        cursor_ = {};
        [[fallthrough]];
      }
      case Step::ArgumentsDone:
        begin_in_item("response.function_call_arguments.done", "fc_", R"(,"arguments":)");
        append_quoted(frame_, text_of(arguments));
        return end(Step::CallDone);
      default:
        begin_item("response.output_item.done");
        sheet_.append_call_item(frame_, item_++, call_++, true);
        return end(after_message());
    }
  }

  void begin(std::string_view type) {
    // While it runs, a stream keeps the room that a delta needs, not that of its first frame.
    if (frame_.capacity() > kUsualFrame) std::string().swap(frame_);
    frame_.clear();
    append(frame_, "event: ", type, "\ndata: {\"type\":\"", type, R"(","sequence_number":)",
           sequence_++);
  }

  void begin_item(std::string_view type) {
    begin(type);
    append(frame_, R"(,"output_index":)", item_, R"(,"item":)");
  }

  void begin_in_item(std::string_view type, std::string_view id_prefix, std::string_view rest) {
    begin(type);
    frame_ += R"(,"item_id":")";
    sheet_.identity.append_id(frame_, id_prefix, item_);
    append(frame_, R"(","output_index":)", item_, rest);
  }

  Event end(Step following) {
    step_ = following;
    frame_ += "}\n\n";
    return {EventKind::Frame, frame_};
  }

  Event delta(std::string_view type, std::string_view id_prefix, std::string_view rest,
              std::string_view piece) {
    begin_in_item(type, id_prefix, rest);
    frame_ += R"(,"delta":")";
    append_escaped(frame_, piece);
    frame_ += "\"}\n\n";
    return {EventKind::Content, frame_};
  }

  Event whole(std::string_view type, std::string_view status, Step following) {
    begin(type);
    frame_ += R"(,"response":)";
    sheet_.append_object(frame_, status);
    return end(following);
  }

  ResponseSheet sheet_;
  Content::Cursor cursor_;
  std::string frame_;
  std::size_t sequence_ = 0;
  std::size_t item_ = 0;
  std::size_t call_ = 0;
  Step step_ = Step::Created;
};

}  // namespace

Result<Made> responses(Call& call) {
  TRY(const auto ask, read_responses(*call.root, call.arena));
  ResponseSheet sheet{.identity = std::move(call.identity),
                      .answer = make_answer(call.order, ask, ask.texts.front()),
                      .usage = std::nullopt,
                      .settings = repeated_settings(*call.root)};
  Made made;
  made.pieces = sheet.answer.pieces();
  if (call.order.knobs.usage)
    sheet.usage = Usage{ask.prompt_tokens, made.pieces, sheet.answer.reasoning.pieces()};
  if (ask.stream) {
    made.events = std::make_unique<ResponseEvents>(std::move(sheet));
  } else {
    sheet.append_object(made.body, sheet.final_status());
  }
  return made;
}

Result<Made> input_tokens(Call& call) {
  TRY(const auto ask, read_responses(*call.root, call.arena));
  Made made;
  append(made.body, R"({"object":"response.input_tokens","input_tokens":)", ask.prompt_tokens, "}");
  return made;
}

}  // namespace sluice::providers::simulator
