// What requests say and answers repeat.
#include "dialect/conversation_text.h"
#include "dialect/openai_responses_parts.h"

#include <algorithm>

namespace sluice::dialect::responses {
namespace {

void write_function(json::Writer& writer, const Tool& tool) {
  const bool own = tool.of == Dialect::Responses;
  writer.begin_object().member("type", "function").member("name", tool.name);
  if (!tool.description.empty()) writer.member("description", tool.description);
  writer.key("parameters");
  if (!tool.parameters.empty()) {
    writer.raw(tool.parameters);
  } else if (own) {
    writer.null();
  } else {
    writer.raw(kEmptySchema);
  }
  // Here alone a function is strict unless it says no, and a schema that was not made for that is
  // changed: what may be left out must then be given.
  if (tool.strict || !own) writer.member("strict", tool.strict.value_or(false));
  for (const Extra& extra : tool.extras) {
    if (extra.of == Dialect::Responses) writer.key(extra.name).raw(extra.json);
  }
  writer.end_object();
}

void write_chosen(json::Writer& writer, const Conversation& conversation, std::string_view name) {
  const Tool* tool = find_tool(conversation.tools, name);
  writer.begin_object();
  if (tool && tool->kind == ToolKind::BuiltIn) {
    writer.member("type", tool->type);
    if (tool->type == "mcp") writer.member("server_label", name);
  } else {
    writer.member("type", tool && tool->kind == ToolKind::Custom ? "custom" : "function");
    writer.member("name", name);
  }
  writer.end_object();
}

void write_allowed(json::Writer& writer, const Conversation& conversation) {
  const ToolChoice& choice = conversation.tool_choice;
  const bool required = choice.kind == ToolChoice::Kind::Required;
  writer.begin_object().member("type", "allowed_tools");
  writer.member("mode", required ? "required" : "auto").key("tools").begin_array();
  for (const std::string_view name : choice.allowed) write_chosen(writer, conversation, name);
  writer.end_array().end_object();
}

}  // namespace

const Extra* own_extra(std::span<const Extra> extras, std::string_view name) {
  const auto found = std::ranges::find_if(extras, [&](const Extra& extra) {
    return extra.of == Dialect::Responses && extra.name == name;
  });
  return found == extras.end() ? nullptr : &*found;
}

std::optional<std::string_view> instructions_of(const Conversation& conversation) {
  if (conversation.turns.empty()) return std::nullopt;
  const Turn& first = conversation.turns.front();
  if (first.role != Role::System || first.parts.size() != 1 || !first.parts[0].extras.empty())
    return std::nullopt;
  const auto* text = std::get_if<Text>(&first.parts[0].what);
  if (!text) return std::nullopt;
  return text->text;
}

void write_tool(json::Writer& writer, const Tool& tool) {
  if (tool.kind == ToolKind::Function) {
    write_function(writer, tool);
  } else if (tool.of == Dialect::Responses) {
    writer.raw(tool.json);
  } else {
    writer.begin_object().member("type", "custom").member("name", tool.name);
    if (!tool.description.empty()) writer.member("description", tool.description);
    writer.end_object();
  }
}

void write_tool_choice(json::Writer& writer, const Conversation& conversation) {
  const ToolChoice& choice = conversation.tool_choice;
  if (const Extra* own = own_extra(conversation.extras, "tool_choice")) {
    writer.raw(own->json);
    return;
  }
  switch (choice.kind) {
    case ToolChoice::Kind::NotGiven:
    case ToolChoice::Kind::Auto:
    case ToolChoice::Kind::Required:
      if (!choice.allowed.empty()) return write_allowed(writer, conversation);
      writer.value(choice.kind == ToolChoice::Kind::Required ? "required" : "auto");
      break;
    case ToolChoice::Kind::None:
      writer.value("none");
      break;
    case ToolChoice::Kind::Named:
      write_chosen(writer, conversation, choice.name);
      break;
  }
}

void write_text_format(json::Writer& writer, const Conversation& conversation) {
  const OutputFormat& format = conversation.format;
  writer.begin_object();
  switch (format.kind) {
    case OutputFormat::Kind::NotGiven:
    case OutputFormat::Kind::Text:
      writer.member("type", "text");
      break;
    case OutputFormat::Kind::JsonObject:
      writer.member("type", "json_object");
      break;
    case OutputFormat::Kind::JsonSchema:
      writer.member("type", "json_schema");
      writer.member("name", format.name.empty() ? "answer" : format.name);
      if (!format.description.empty()) writer.member("description", format.description);
      writer.key("schema").raw(format.schema.empty() ? kEmptySchema : format.schema);
      if (format.strict) writer.member("strict", *format.strict);
      break;
  }
  writer.end_object();
}

}  // namespace sluice::dialect::responses
