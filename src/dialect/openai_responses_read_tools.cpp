#include "dialect/openai_responses_parts.h"

namespace sluice::dialect::responses {
namespace {

using json::Kind;
using json::Value;

std::string path(std::string_view list, std::size_t index, std::string_view field) {
  return std::string(list) + "[" + std::to_string(index) + "]" + std::string(field);
}

Result<void> read_function(const Value& value, std::size_t index, Arena& arena, Tool& tool) {
  constexpr std::string_view keys[] = {"type", "name", "description", "parameters", "strict"};
  TRY(const auto fields, json::pick(value, keys));
  const auto& [type, name, description, parameters, strict] = fields;
  if (!given(name)) return wrong(path("tools", index, ".name"), "given");
  TRY(tool.name, read_text(*name, path("tools", index, ".name"), arena));
  if (given(description)) {
    TRY(tool.description, read_text(*description, path("tools", index, ".description"), arena));
  }
  if (given(parameters)) {
    if (parameters->kind() != Kind::Object)
      return wrong(path("tools", index, ".parameters"), "a JSON Schema");
    tool.parameters = parameters->raw();
  }
  if (given(strict)) {
    tool.strict = strict->boolean();
    if (!tool.strict) return wrong(path("tools", index, ".strict"), "true or false");
  }
  ArenaList<Extra> extras(arena);
  add_extras(value, keys, {}, arena, extras);
  tool.extras = extras.all();
  return {};
}

Result<Tool> read_tool(const Value& value, std::size_t index, Arena& arena) {
  const auto type = value.find("type");
  if (!given(type)) return wrong(path("tools", index, ".type"), "given");
  Tool tool{.of = Dialect::Responses};
  TRY(tool.type, read_text(*type, path("tools", index, ".type"), arena));
  if (tool.type == "function") {
    TRY_VOID(read_function(value, index, arena, tool));
    return tool;
  }
  tool.json = value.raw();
  tool.kind = ToolKind::BuiltIn;
  tool.name = tool.type;  // What a tool_choice calls it.
  if (tool.type == "custom") {
    tool.kind = ToolKind::Custom;
    const auto name = value.find("name");
    if (!given(name)) return wrong(path("tools", index, ".name"), "given");
    TRY(tool.name, read_text(*name, path("tools", index, ".name"), arena));
    if (const auto description = value.find("description"); given(description)) {
      TRY(tool.description, read_text(*description, path("tools", index, ".description"), arena));
    }
  } else if (tool.type == "mcp") {
    if (const auto label = value.find("server_label"); given(label)) {
      TRY(tool.name, read_text(*label, path("tools", index, ".server_label"), arena));
    }
  }
  return tool;
}

// The name of what is chosen: of a function, of a server, or the type of a built-in tool.
Result<std::string_view> chosen_name(const Value& chosen, std::string_view type, Arena& arena) {
  if (type == "mcp") {
    if (const auto label = chosen.find("server_label"); given(label))
      return read_text(*label, "tool_choice.server_label", arena);
  }
  const auto name = chosen.find("name");
  if (given(name)) return read_text(*name, "tool_choice.name", arena);
  if (type == "function" || type == "custom") return wrong("tool_choice.name", "given");
  return type;
}

Result<void> read_allowed(const Value& choice, Arena& arena, ToolChoice& into) {
  const auto mode = choice.find("mode");
  const bool required = mode && *mode == "required";
  into.kind = required ? ToolChoice::Kind::Required : ToolChoice::Kind::Auto;
  ArenaList<std::string_view> names(arena);
  const auto tools = choice.find("tools");
  if (!tools || tools->kind() != Kind::Array) return wrong("tool_choice.tools", "an array");
  for (const Value tool : tools->elements()) {
    const auto type = tool.find("type");
    if (!given(type)) return wrong("tool_choice.tools.type", "given");
    TRY(const auto kind, read_text(*type, "tool_choice.tools.type", arena));
    TRY(const auto name, chosen_name(tool, kind, arena));
    names.add(name);
  }
  into.allowed = names.all();
  return {};
}

}  // namespace

Result<void> read_tools(const Value& tools, Arena& arena, Conversation& conversation) {
  if (tools.kind() != Kind::Array) return wrong("tools", "an array");
  ArenaList<Tool> list(arena);
  for (const Value value : tools.elements()) {
    TRY(const Tool tool, read_tool(value, list.size(), arena));
    list.add(tool);
  }
  conversation.tools = list.all();
  return {};
}

Result<void> read_tool_choice(const Value& choice, Arena& arena, Conversation& conversation,
                              ArenaList<Extra>& extras) {
  ToolChoice& into = conversation.tool_choice;
  if (choice.kind() == Kind::String) {
    if (choice == "auto") {
      into.kind = ToolChoice::Kind::Auto;
    } else if (choice == "none") {
      into.kind = ToolChoice::Kind::None;
    } else if (choice == "required") {
      into.kind = ToolChoice::Kind::Required;
    } else {
      return wrong("tool_choice", "auto, none, required or an object");
    }
    return {};
  }
  const auto type = choice.find("type");
  if (!given(type)) return wrong("tool_choice", "auto, none, required or an object with a type");
  TRY(const auto kind, read_text(*type, "tool_choice.type", arena));
  if (kind == "allowed_tools") return read_allowed(choice, arena, into);
  into.kind = ToolChoice::Kind::Named;
  TRY(into.name, chosen_name(choice, kind, arena));
  // One tool of a server can be named only here.
  if (kind == "mcp")
    extras.add({Dialect::Responses, "tool_choice", choice.raw(), Importance::Meaning});
  return {};
}

}  // namespace sluice::dialect::responses
