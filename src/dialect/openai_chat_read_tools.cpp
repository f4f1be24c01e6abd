#include "dialect/openai_chat_read.h"
#include "dialect/openai_fields.h"
#include "dialect/openai_functions.h"

namespace sluice::dialect::chat {
namespace {

using json::Kind;
using json::Value;

// "function": {"name", "description", "parameters", "strict"}; what else it holds is told under
// "function." + its name.
Result<void> read_function(const Value& function, std::string_view inside, Arena& arena, Tool& tool,
                           ArenaList<Extra>& extras) {
  TRY_VOID(read_object(function, "tools.function"));
  for (const auto member : function.members()) {
    const std::string_view name = name_of(member, arena);
    if (is_null(member.value)) continue;
    if (name == "name") {
      TRY(tool.name, read_text(member.value, "tools.function.name", arena));
    } else if (name == "description") {
      TRY(tool.description, read_text(member.value, "tools.function.description", arena));
    } else if (name == "parameters") {
      TRY(tool.parameters, read_object(member.value, "tools.function.parameters"));
    } else if (name == "strict") {
      TRY(tool.strict, read_bool(member.value, "tools.function.strict"));
    } else if (name == "cache_control") {
      tool.cache = read_cache_control(member.value, arena);
    } else {
      extras.add({Dialect::Chat, arena.join(inside, name), member.value.raw(), Importance::Hint});
    }
  }
  if (tool.name.empty()) return wrong_field("tools.function.name", "a string");
  return {};
}

void read_custom(const Value& custom, Arena& arena, Tool& tool) {
  tool.kind = ToolKind::Custom;
  tool.name = text_or_nothing(custom.find("name"), arena);
  tool.description = text_or_nothing(custom.find("description"), arena);
}

Result<Tool> read_tool(const Value& value, Arena& arena) {
  TRY_VOID(read_object(value, "tools"));
  Tool tool;
  const std::string_view type = text_or_nothing(value.find("type"), arena);
  const auto function = value.find("function");
  if (function && (type == "function" || type.empty())) {
    ArenaList<Extra> extras(arena);
    TRY_VOID(read_function(*function, "function.", arena, tool, extras));
    for (const auto member : value.members()) {
      const std::string_view name = name_of(member, arena);
      if (name == "type" || name == "function" || is_null(member.value)) continue;
      if (name == "cache_control") {
        tool.cache = read_cache_control(member.value, arena);
      } else {
        extras.add({Dialect::Chat, name, member.value.raw(), Importance::Hint});
      }
    }
    tool.extras = extras.all();
    return tool;
  }
  if (type.empty() || type == "function") return wrong_field("tools.type", "\"function\"");
  tool.of = Dialect::Chat;
  tool.type = type;
  tool.json = value.raw();
  if (const auto custom = value.find("custom"); custom && type == "custom") {
    read_custom(*custom, arena, tool);
    if (tool.name.empty()) return wrong_field("tools.custom.name", "a string");
  } else {
    tool.kind = ToolKind::BuiltIn;
    tool.name = text_or_nothing(value.find("name"), arena);
    if (tool.name.empty()) tool.name = type;
  }
  return tool;
}

// {"type": "function", "function": {"name": …}}, {"type": "custom", "custom": {…}}, {"name": …}
std::string_view chosen_name(const Value& choice, Arena& arena) {
  for (const std::string_view key : {"function", "custom"}) {
    if (const auto inner = choice.find(key)) return text_or_nothing(inner->find("name"), arena);
  }
  const std::string_view name = text_or_nothing(choice.find("name"), arena);
  return name.empty() ? text_or_nothing(choice.find("type"), arena) : name;
}

void read_allowed(const Value& allowed, Arena& arena, ToolChoice& read) {
  const auto mode = allowed.find("mode");
  read.kind = mode && *mode == "required" ? ToolChoice::Kind::Required : ToolChoice::Kind::Auto;
  ArenaList<std::string_view> names(arena);
  if (const auto tools = allowed.find("tools")) {
    for (const Value tool : tools->elements()) names.add(chosen_name(tool, arena));
  }
  read.allowed = names.all();
}

}  // namespace

Result<std::span<const Tool>> read_chat_tools(const Value& tools, Arena& arena) {
  if (tools.kind() != Kind::Array) return wrong_field("tools", "an array");
  ArenaList<Tool> read(arena);
  for (const Value value : tools.elements()) {
    TRY(const Tool tool, read_tool(value, arena));
    read.add(tool);
  }
  return read.all();
}

Result<std::span<const Tool>> read_chat_functions(const Value& functions, Arena& arena) {
  if (functions.kind() != Kind::Array) return wrong_field("functions", "an array");
  ArenaList<Tool> read(arena);
  for (const Value value : functions.elements()) {
    Tool tool;
    ArenaList<Extra> extras(arena);
    TRY_VOID(read_function(value, "function.", arena, tool, extras));
    tool.type = kDeprecatedFunction;
    tool.extras = extras.all();
    read.add(tool);
  }
  return read.all();
}

Result<void> read_chat_tool_choice(const Value& choice, Arena& arena, ToolChoice& read) {
  using Choice = ToolChoice::Kind;
  if (choice.kind() == Kind::Object) {
    const auto allowed = choice.find("allowed_tools");
    if (allowed) {
      read_allowed(*allowed, arena, read);
    } else {
      read.kind = Choice::Named;
      read.name = chosen_name(choice, arena);
      if (read.name.empty()) return wrong_field("tool_choice", "a mode or a tool with its name");
    }
    return {};
  }
  if (choice == "auto") {
    read.kind = Choice::Auto;
  } else if (choice == "none") {
    read.kind = Choice::None;
  } else if (choice == "required" || choice == "any") {  // Mistral's word is the latter.
    read.kind = Choice::Required;
  } else {
    return wrong_field("tool_choice", "none, auto, required or an object");
  }
  return {};
}

}  // namespace sluice::dialect::chat
