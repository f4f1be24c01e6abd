#include "dialect/conversation_text.h"
#include "dialect/openai_chat_write.h"
#include "dialect/openai_fields.h"
#include "dialect/openai_functions.h"

#include <algorithm>

namespace sluice::dialect::chat {
namespace {

// The members of "function"; of a custom tool, it takes its text as one string.
Result<void> write_function(Writing& to, const Tool& tool) {
  const bool custom = tool.kind == ToolKind::Custom;
  to.out.member("name", tool.name);
  if (is_said(tool.description)) to.out.member("description", tool.description);
  if (custom) {
    to.out.key("parameters").raw(kCustomToolSchema);
  } else if (!tool.parameters.empty()) {
    to.out.key("parameters").raw(tool.parameters);
  }
  if (tool.strict) to.out.member("strict", *tool.strict);
  for (const Extra& extra : tool.extras) {
    if (extra.of == Dialect::Chat && extra.name.starts_with("function."))
      to.out.key(extra.name.substr(std::string_view("function.").size())).raw(extra.json);
  }
  return {};
}

Result<void> write_custom(Writing& to, const Tool& tool) {
  if (tool.of == Dialect::Chat && !tool.json.empty()) {
    to.out.raw(tool.json);
    return {};
  }
  // Its grammar is put in other words by each dialect.
  if (tool.json.find("\"grammar\"") != std::string_view::npos)
    TRY_VOID(to.losses.hint("tools.format"));
  to.out.begin_object().member("type", "custom").key("custom").begin_object();
  to.out.member("name", tool.name);
  if (!tool.description.empty()) to.out.member("description", tool.description);
  to.out.end_object().end_object();
  return {};
}

Result<void> write_tool(Writing& to, const Tool& tool) {
  if (tool.kind == ToolKind::Custom && knows_custom_tools(to)) return write_custom(to, tool);
  if (to.functions) {
    to.out.begin_object();
    TRY_VOID(write_function(to, tool));
    to.out.end_object();
    return {};
  }
  to.out.begin_object().member("type", "function").key("function").begin_object();
  TRY_VOID(write_function(to, tool));
  to.out.end_object();
  if (tool.kind == ToolKind::Custom) to.losses.approximate("tools.custom");
  TRY_VOID(write_cache_mark(to, tool.cache));
  for (const Extra& extra : tool.extras) {
    if (extra.of == Dialect::Chat && !extra.name.starts_with("function."))
      to.out.key(extra.name).raw(extra.json);
  }
  to.out.end_object();
  return to.losses.extras(tool.extras, Dialect::Chat);
}

bool is_writable(const Tool& tool) {
  return tool.kind != ToolKind::BuiltIn || tool.of == Dialect::Chat;
}

void write_name(Writing& to, std::string_view name) {
  const Tool* tool = find_tool(to.asked.tools, name);
  const bool custom = tool && tool->kind == ToolKind::Custom && knows_custom_tools(to);
  to.out.begin_object().member("type", custom ? "custom" : "function");
  to.out.key(custom ? "custom" : "function").begin_object().member("name", name);
  to.out.end_object().end_object();
}

void write_allowed(Writing& to, bool required) {
  to.out.begin_object().member("type", "allowed_tools").key("allowed_tools").begin_object();
  to.out.member("mode", required ? "required" : "auto").key("tools").begin_array();
  for (const std::string_view name : to.asked.tool_choice.allowed) write_name(to, name);
  to.out.end_array().end_object().end_object();
}

Result<void> write_named(Writing& to, std::string_view name) {
  const Tool* tool = find_tool(to.asked.tools, name);
  if (tool && !is_writable(*tool))
    return to.losses.meaning("tool_choice", "it does not have that tool");
  if (to.functions) {
    to.out.key("function_call").begin_object().member("name", name).end_object();
    return {};
  }
  to.out.key("tool_choice");
  if (tool && tool->kind == ToolKind::BuiltIn) {
    to.out.begin_object().member("type", tool->type).end_object();
  } else {
    write_name(to, name);
  }
  return {};
}

}  // namespace

Result<void> write_tools(Writing& to) {
  bool open = false;
  for (std::size_t i = 0; i < to.asked.tools.size(); ++i) {
    const Tool& tool = to.asked.tools[i];
    if (!is_writable(tool)) {
      if (to.asked.tool_choice.kind == ToolChoice::Kind::Named &&
          to.asked.tool_choice.name == tool.name) {
        TRY_VOID(to.losses.meaning(to.arena.join("tools[", to.arena.number(i), "]"),
                                   "it does not have that tool"));
      } else {
        TRY_VOID(to.losses.hint(to.arena.join("tools[", to.arena.number(i), "].", tool.type)));
      }
      continue;
    }
    if (!std::exchange(open, true)) to.out.key(to.functions ? "functions" : "tools").begin_array();
    if (tool.kind == ToolKind::BuiltIn) {
      to.out.raw(tool.json);
    } else {
      TRY_VOID(write_tool(to, tool));
    }
  }
  if (open) {
    to.out.end_array();
    return write_tool_choice(to);
  }
  // A choice among no tools is refused.
  const ToolChoice& choice = to.asked.tool_choice;
  if (choice.kind == ToolChoice::Kind::Required || choice.kind == ToolChoice::Kind::Named)
    return to.losses.meaning("tool_choice", "there are no tools to choose from");
  return {};
}

Result<void> write_tool_choice(Writing& to) {
  using Kind = ToolChoice::Kind;
  const ToolChoice& choice = to.asked.tool_choice;
  const std::string_view field = to.functions ? "function_call" : "tool_choice";
  if (choice.kind == Kind::Named) {
    TRY_VOID(write_named(to, choice.name));
  } else if (!choice.allowed.empty() && choice.kind != Kind::None) {
    if (to.strict()) {
      to.out.key(field);
      write_allowed(to, choice.kind == Kind::Required);
    } else {
      to.losses.approximate("tool_choice.allowed_tools");
      to.out.member(field, choice.kind == Kind::Required ? "required" : "auto");
    }
  } else if (choice.kind != Kind::NotGiven) {
    to.out.member(field, choice.kind == Kind::None       ? "none"
                         : choice.kind == Kind::Required ? "required"
                                                         : "auto");
  }
  if (!choice.parallel || to.functions) return {};
  if (std::ranges::find(to.quirks.refuses, "parallel_tool_calls") != to.quirks.refuses.end())
    return to.losses.hint("parallel_tool_calls");
  to.out.member("parallel_tool_calls", *choice.parallel);
  return {};
}

}  // namespace sluice::dialect::chat
