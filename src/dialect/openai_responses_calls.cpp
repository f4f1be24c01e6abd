#include "dialect/conversation_text.h"
#include "dialect/openai_responses_blocks.h"
#include "dialect/openai_responses_parts.h"

#include <algorithm>

namespace sluice::dialect::responses {

Calls::Calls(Frames& frames, const Shape& shape)
    : frames_(frames), id_(made_id("call_", shape.id)) {
  if (!shape.asked) return;
  for (const Tool& tool : shape.asked->tools) {
    if (tool.kind == ToolKind::Custom) custom_.emplace_back(tool.name);
  }
}

const Calls::Call* Calls::find(std::uint32_t index) const {
  const auto found = std::ranges::find(calls_, index, &Call::index);
  return found == calls_.end() ? nullptr : &*found;
}

void Calls::hear(const ToolCallDelta& delta, std::string& out) {
  auto found = std::ranges::find(calls_, delta.index, &Call::index);
  Call& call = found == calls_.end() ? open(delta, out) : *found;
  last_ = delta.index;
  if (delta.arguments.empty() || !call.open) return;
  call.arguments.append(delta.arguments);
  if (call.wrapped) return;
  frames_.delta(call.custom ? "response.custom_tool_call_input.delta"
                            : "response.function_call_arguments.delta",
                call.place, delta.arguments, out);
}

Calls::Call& Calls::open(const ToolCallDelta& delta, std::string& out) {
  Call call;
  call.index = delta.index;
  call.id = delta.id;
  call.name = delta.name;
  call.wrapped =
      delta.kind == ToolKind::Function && std::ranges::find(custom_, call.name) != custom_.end();
  call.custom = call.wrapped || delta.kind == ToolKind::Custom;
  call.at = frames_.add_item();
  if (call.id.empty()) append(call.id, id_, "_", call.at);
  const std::string_view prefix = call.custom ? "ctc" : "fc";
  call.item_id = delta.item_id.starts_with(prefix) ? std::string(delta.item_id)
                                                   : frames_.item_id(prefix, call.at);
  call.place = Frames::place(call.item_id, call.at);
  if (frames_.stream()) {
    frames_.item("response.output_item.added", call.at, item_json(call, "in_progress"), out);
  }
  return calls_.emplace_back(std::move(call));
}

std::string Calls::item_json(const Call& call, std::string_view status) {
  std::string json = R"({"id":)";
  append_quoted(json, call.item_id);
  append(json, R"(,"type":")", call.custom ? "custom_tool_call" : "function_call",
         R"(","status":")", status, R"(","call_id":)");
  append_quoted(json, call.id);
  append(json, R"(,"name":)");
  append_quoted(json, call.name);
  append(json, call.custom ? R"(,"input":)" : R"(,"arguments":)");
  append_quoted(json, call.arguments);
  json += '}';
  return json;
}

void Calls::close_last(std::string& out) {
  const auto found = std::ranges::find(calls_, last_, &Call::index);
  if (found != calls_.end()) close(*found, out);
}

void Calls::close_all(std::string& out) {
  for (Call& call : calls_) close(call, out);
}

void Calls::close(Call& call, std::string& out) {
  if (!call.open) return;
  call.open = false;
  if (call.wrapped) {
    Arena arena;
    if (const auto text = custom_input(call.arguments, arena)) call.arguments = std::string(*text);
    frames_.delta("response.custom_tool_call_input.delta", call.place, call.arguments, out);
  } else if (call.arguments.empty() && !call.custom) {
    call.arguments = "{}";
    frames_.delta("response.function_call_arguments.delta", call.place, call.arguments, out);
  }
  if (frames_.stream()) {
    std::string rest;
    if (call.custom) {
      rest = R"(,"input":)";
    } else {
      rest = R"(,"name":)";
      append_quoted(rest, call.name);
      append(rest, R"(,"arguments":)");
    }
    append_quoted(rest, call.arguments);
    frames_.event(call.custom ? "response.custom_tool_call_input.done"
                              : "response.function_call_arguments.done",
                  call.place, rest, out);
  }
  frames_.items[call.at] = item_json(call, frames_.status);
  frames_.item("response.output_item.done", call.at, frames_.items[call.at], out);
}

}  // namespace sluice::dialect::responses
