#include "dialect/conversation_text.h"
#include "dialect/converse_writing.h"
#include "dialect/structured_schema.h"

#include <algorithm>

namespace sluice::dialect::converse {
namespace {

constexpr Dialect kOwn = Dialect::Converse;
using Choice = ToolChoice::Kind;

bool is_allowed(const ToolChoice& choice, const Tool& tool) {
  return choice.allowed.empty() ||
         std::ranges::find(choice.allowed, tool.name) != choice.allowed.end();
}

template <class Take>
void each_call(std::span<const Turn> turns, Take take) {
  for (const Turn& turn : turns) {
    for (const Part& part : turn.parts) {
      if (const auto* call = std::get_if<ToolCall>(&part.what)) take(*call);
    }
  }
}

}  // namespace

Result<void> ToolConfig::decide() {
  const ToolChoice& choice = to_.from.tool_choice;
  choice_ = choice.kind;
  if (!choice.allowed.empty()) to_.losses.approximate("tool_choice.allowed_tools");
  for (const Tool& tool : to_.from.tools) {
    if (tool.kind == ToolKind::BuiltIn && tool.of != kOwn) {
      TRY_VOID(lose(tool));
    } else if (is_allowed(choice, tool)) {
      tools_.add(tool);
    }
  }
  bool called = false;
  each_call(to_.from.turns, [&](const ToolCall&) { called = true; });
  if (called) add_called();
  if (choice_ != Choice::None) return {};
  choice_ = Choice::NotGiven;
  // There is no word for it; but calls that were made want their tools declared.
  if (!called) {
    tools_ = ArenaList<Tool>(to_.arena);
  } else {
    to_.losses.approximate("tool_choice");
    to_.instruction = to_.arena.join(to_.instruction, to_.instruction.empty() ? "" : "\n",
                                     "Call no tools now: answer in words.");
  }
  return {};
}

// The API refuses calls where no tool is declared.
void ToolConfig::add_called() {
  if (!tools_.empty()) return;
  to_.losses.approximate("tools");
  each_call(to_.from.turns, [&](const ToolCall& call) {
    if (!find_tool(tools_.all(), call.name))
      tools_.add({.name = call.name, .parameters = kEmptySchema});
  });
}

// What another provider runs itself nobody runs here.
Result<void> ToolConfig::lose(const Tool& tool) {
  const std::string_view name = tool.type.empty() ? tool.name : tool.type;
  const ToolChoice& choice = to_.from.tool_choice;
  const bool named =
      choice.kind == Choice::Named && (choice.name == tool.name || choice.name == tool.type);
  const bool only_one = choice.kind == Choice::Required && to_.from.tools.size() == 1;
  return to_.losses.lose(named || only_one ? Importance::Meaning : Importance::Hint,
                         to_.arena.join("tools.", name));
}

Result<void> ToolConfig::write() {
  if (tools_.empty()) return {};
  to_.to.key("toolConfig").begin_object().key("tools").begin_array();
  for (const Tool& tool : tools_.all()) {
    TRY_VOID(write(tool));
    TRY_VOID(write_cache_point(to_, tool.cache));
  }
  to_.to.end_array();
  write_choice();
  to_.own_members("toolConfig.");
  to_.to.end_object();
  return {};
}

Result<void> ToolConfig::write(const Tool& tool) {
  json::Writer& to = to_.to;
  if (tool.kind == ToolKind::BuiltIn) {
    to.raw(tool.json);
    return {};
  }
  const bool custom = tool.kind == ToolKind::Custom;
  if (custom) to_.losses.approximate("tools.custom");
  to.begin_object().key("toolSpec").begin_object().member("name", tool.name);
  if (!tool.description.empty()) to.member("description", tool.description);
  to.key("inputSchema").begin_object().key("json");
  to.raw(custom ? kCustomToolSchema : object_schema(tool.parameters, to_.arena)).end_object();
  if (tool.strict == true) {
    if (to_.claude.takes_schemas() && to_.takes(Ability::JsonSchema)) {
      to.member("strict", true);
    } else {
      TRY_VOID(to_.losses.hint("tools.strict"));
    }
  }
  TRY_VOID(to_.losses.extras(tool.extras, kOwn));
  for (const Extra& extra : tool.extras) {
    if (extra.of == kOwn) to.key(extra.name).raw(extra.json);
  }
  to.end_object().end_object();
  return {};
}

void ToolConfig::write_choice() {
  if (choice_ == Choice::NotGiven) return;
  to_.to.key("toolChoice").begin_object();
  if (choice_ == Choice::Required) {
    to_.to.key("any").begin_object().end_object();
  } else if (choice_ == Choice::Named) {
    to_.to.key("tool").begin_object().member("name", to_.from.tool_choice.name).end_object();
  } else {
    to_.to.key("auto").begin_object().end_object();
  }
  to_.to.end_object();
}

}  // namespace sluice::dialect::converse
