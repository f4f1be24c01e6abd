#include "routing/framer.h"

namespace sluice::routing {

Framer::Framer(Framing framing, std::size_t max_frame) : splitter_(sse::Splitter(max_frame)) {
  if (framing == Framing::AwsEvents) splitter_ = aws::Splitter(max_frame);
  if (framing == Framing::Lines) splitter_ = Lines{.max = max_frame};
}

Framer::Step Framer::next(std::string_view& input, Frame& frame) {
  if (auto* events = std::get_if<sse::Splitter>(&splitter_)) {
    return next_event(*events, input, frame);
  }
  if (auto* messages = std::get_if<aws::Splitter>(&splitter_)) {
    return next_message(*messages, input, frame);
  }
  return next_line(std::get<Lines>(splitter_), input, frame);
}

bool Framer::finish(std::string_view tail, Frame& frame) {
  if (auto* events = std::get_if<sse::Splitter>(&splitter_)) {
    if (!events->finish(tail, sse_frame_)) return false;
    fill(frame);
    return true;
  }
  if (!std::holds_alternative<Lines>(splitter_)) return false;  // A message that was cut off.
  frame = {.raw = tail, .event = {}, .data = tail, .has_data = true};
  return tail.find_first_not_of(" \t\r\n") != std::string_view::npos;
}

Framer::Step Framer::next_event(sse::Splitter& splitter, std::string_view& input, Frame& frame) {
  switch (splitter.next(input, sse_frame_)) {
    case sse::Splitter::Step::Frame:
      fill(frame);
      return Step::Frame;
    case sse::Splitter::Step::NeedMore:
      return Step::NeedMore;
    default:
      return Step::TooLarge;
  }
}

void Framer::fill(Frame& frame) {
  frame = {.raw = sse_frame_.raw(),
           .event = sse_frame_.event(),
           .data = sse_frame_.has_data() ? sse_frame_.data(scratch_) : std::string_view(),
           .has_data = sse_frame_.has_data(),
           .clean = sse_frame_.clean()};
}

Framer::Step Framer::next_message(aws::Splitter& splitter, std::string_view& input, Frame& frame) {
  aws::Frame message;
  switch (splitter.next(input, message)) {
    case aws::Splitter::Step::Frame:
      break;
    case aws::Splitter::Step::NeedMore:
      return Step::NeedMore;
    case aws::Splitter::Step::TooLarge:
      return Step::TooLarge;
    default:
      return Step::Malformed;
  }
  frame = {
      .raw = message.raw, .event = message.event_type, .data = message.payload, .has_data = true};
  if (message.message_type != "event" && !message.message_type.empty()) {
    const bool declared = !message.exception_type.empty();
    name_ = "exception:";
    name_ += declared ? message.exception_type : message.error_code;
    frame.event = name_;
    if (!declared) frame.data = message.error_message;
  }
  return Step::Frame;
}

Framer::Step Framer::next_line(Lines& lines, std::string_view& input, Frame& frame) {
  const std::size_t end = input.find('\n', lines.scanned);
  if (end == std::string_view::npos) {
    lines.scanned = input.size();
    return input.size() > lines.max ? Step::TooLarge : Step::NeedMore;
  }
  lines.scanned = 0;
  if (end > lines.max) return Step::TooLarge;
  frame = {.raw = input.substr(0, end + 1), .event = {}, .data = input.substr(0, end)};
  frame.has_data = frame.data.find_first_not_of(" \t\r") != std::string_view::npos;
  input.remove_prefix(end + 1);
  return Step::Frame;
}

}  // namespace sluice::routing
