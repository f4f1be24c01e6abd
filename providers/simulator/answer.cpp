#include "providers/simulator/answer.h"

#include "providers/simulator/json_text.h"
#include "providers/simulator/schema.h"
#include "providers/simulator/tokens.h"

#include <algorithm>

namespace sluice::providers::simulator {
namespace {

bool calls_tools(const Order& order, const Ask& ask) {
  if (ask.tools.empty() || ask.tool_choice == ToolChoice::None) return false;
  if (ask.tool_choice == ToolChoice::Required) return true;
  // Else a loop of calls and results would never end.
  return order.choice.model->behaviour == Behaviour::Tool && !ask.ends_with_tool_result;
}

std::vector<ToolCall> make_calls(const Order& order, const Ask& ask) {
  const bool several = order.choice.model->behaviour == Behaviour::Tool && ask.parallel_tools;
  const auto count = several ? order.choice.count : 1;
  std::vector<ToolCall> calls;
  for (std::size_t call = 0; call < count; ++call) {
    const auto& tool = ask.tools[call % ask.tools.size()];
    calls.push_back({std::string(tool.name), Content::words(instance_of(tool.parameters))});
  }
  return calls;
}

std::string make_json(const Ask& ask, std::string_view text) {
  if (ask.format == Format::JsonSchema) return instance_of(ask.schema);
  std::string out = R"({"echo":)";
  append_quoted(out, text);
  return out + "}";
}

Content make_text(const Order& order, const Ask& ask, std::string_view text) {
  if (order.knobs.size > 0) return Content::filler(order.knobs.size);
  switch (order.choice.model->behaviour) {
    case Behaviour::Lorem:
      return Content::lorem(order.choice.count);
    case Behaviour::Numbered:
      return Content::numbered(order.choice.count);
    case Behaviour::Json:
      return Content::words(make_json(ask, text));
    case Behaviour::Refusal:
      return Content::words("I am a simulator and was asked to refuse.");
    case Behaviour::Tool:
      if (ask.ends_with_tool_result)
        return Content::words("The tool answered: " + std::string(text));
      return Content::words("There is no tool to call.");
    default:
      return Content::words(std::string(text));
  }
}

}  // namespace

std::string_view Answer::finish_reason() const {
  if (shortened()) return "length";
  return calls.empty() ? "stop" : "tool_calls";
}

std::size_t Answer::pieces() const {
  auto pieces = reasoning.pieces() + text.pieces();
  for (const auto& call : calls) pieces += call.arguments.pieces();
  return pieces;
}

Answer make_answer(const Order& order, const Ask& ask, std::string_view text) {
  Answer answer;
  if (order.knobs.fault == Fault::Empty) return answer;
  if (order.choice.model->behaviour == Behaviour::Reasoning) {
    answer.reasoning = Content::lorem(order.choice.count);
    answer.reasoning.keep(ask.max_tokens);
  }
  if (calls_tools(order, ask)) {
    answer.calls = make_calls(order, ask);
    return answer;
  }
  answer.refusal = order.choice.model->behaviour == Behaviour::Refusal;
  answer.text = make_text(order, ask, text);
  answer.text.begin_behind(ask.begun);
  answer.text.stop_at(ask.stops);
  answer.text.keep(ask.max_tokens - std::min(ask.max_tokens, answer.reasoning.pieces()));
  return answer;
}

}  // namespace sluice::providers::simulator
