#include "dialect/tool_call_queue.h"

#include "base/json_writer.h"

#include <algorithm>

namespace sluice::dialect {

void JsonProgress::add(std::string_view piece) {
  for (const char letter : piece) {
    if (escaped_) {
      escaped_ = false;
    } else if (in_string_) {
      escaped_ = letter == '\\';
      in_string_ = letter != '"';
    } else if (letter == '"') {
      in_string_ = true;
    } else if (letter == '{' || letter == '[') {
      begun_ = true;
      ++depth_;
    } else if (letter == '}' || letter == ']') {
      --depth_;
    }
  }
}

// A call that ended may be followed by another of the same number: that of another answer's part.
ToolCallQueue::Call& ToolCallQueue::call(std::uint32_t index) {
  for (std::size_t i = calls_.size(); i-- > at_;) {
    if (calls_[i].index == index && !calls_[i].closed) return calls_[i];
  }
  calls_.emplace_back().index = index;
  return calls_.back();
}

void ToolCallQueue::hear(const ToolCallDelta& delta) {
  Call& call = this->call(delta.index);
  if (call.id.empty()) call.id = delta.id;
  if (call.name.empty()) call.name = delta.name;
  call.kind = delta.kind;
  if (delta.signature.given()) {
    call.signature = delta.signature.text;
    call.signed_by = delta.signature.by;
  }
  call.arguments += delta.arguments;
  call.progress.add(delta.arguments);
}

void ToolCallQueue::no_more() {
  for (std::size_t i = at_; i < calls_.size(); ++i) {
    Call& call = calls_[i];
    if (call.closed) continue;
    call.closed = true;
    if (call.kind != ToolKind::Custom) continue;
    // Free text, for callers that know no such tools.
    std::string object = R"({"input":")";
    json::append_escaped(object, call.arguments);
    call.arguments = object + "\"}";
  }
}

ToolCallQueue::Said ToolCallQueue::next() {
  if (at_ == calls_.size()) return {};
  Call& call = calls_[at_];
  Said said{.index = call.index, .id = call.id, .name = call.name};
  if (!call.begun) {
    if (call.name.empty() && !call.closed) return {};
    call.begun = true;
    said.step = Step::Begin;
    said.signature = {call.signed_by, call.signature};
    return said;
  }
  const bool held = call.kind == ToolKind::Custom && !call.closed;
  if (call.told < call.arguments.size() && !held) {
    said.step = Step::Arguments;
    said.arguments = std::string_view(call.arguments).substr(call.told);
    call.told = call.arguments.size();
    return said;
  }
  const bool another_waits = at_ + 1 < calls_.size();
  if (!call.closed && !(another_waits && call.progress.whole())) return {};
  call.closed = true;
  ++at_;
  said.step = Step::End;
  return said;
}

}  // namespace sluice::dialect
