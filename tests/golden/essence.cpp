#include "golden/essence.h"

#include "dialect/conversation_text.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace sluice::golden {
namespace {

Json json_of(std::string_view text) {
  Json parsed = Json::parse(text, nullptr, false);
  return parsed.is_discarded() ? Json(std::string(text)) : parsed;
}

std::string text_of(std::span<const Part> parts) {
  Arena arena;
  return std::string(dialect::joined_text(parts, "", arena));
}

// Some providers take only these letters, and few of them.
std::string plain_id(std::string_view id) {
  std::string plain(id.substr(0, 40));
  for (char& byte : plain) {
    if (std::isalnum(static_cast<unsigned char>(byte)) == 0 && byte != '-') byte = '_';
  }
  return plain;
}

// Some models are only asked with closed objects.
Json opened(Json schema) {
  if (schema.is_object() && schema.value("additionalProperties", Json()) == false)
    schema.erase("additionalProperties");
  if (schema.is_structured()) {
    for (Json& inner : schema) inner = opened(inner);
  }
  return schema;
}

class Flow {
 public:
  explicit Flow(Json& essence) : essence_(essence) {}

  void take(const Turn& turn) {
    if (turn.role == Role::System || turn.role == Role::Developer) {
      essence_["system"] = essence_["system"].get<std::string>() + text_of(turn.parts);
      return;
    }
    role_ = turn.role == Role::Assistant ? "assistant" : "user";
    for (const Part& part : turn.parts) std::visit([this](const auto& it) { take(it); }, part.what);
  }

 private:
  void take(const Text& text) {
    if (text.text.empty()) return;
    essence_["pieces"].push_back(std::string(text.text));
    Json& flow = essence_["flow"];
    if (!flow.empty() && flow.back()[0] == role_ && flow.back()[1] == "text") {
      flow.back()[2] = flow.back()[2].get<std::string>() + std::string(text.text);
    } else {
      flow.push_back({role_, "text", std::string(text.text)});
    }
  }
  void take(const Media& media) {
    // A document that is text may be told as text.
    if (media.source == MediaSource::PlainText) return take(Text{media.data});
    essence_["flow"].push_back(
        {role_, "media", static_cast<int>(media.kind), std::string(media.data)});
  }
  void take(const ToolCall& call) {
    if (call.kind == ToolKind::BuiltIn) return;
    Json arguments = json_of(call.arguments.empty() ? "{}" : call.arguments);
    if (call.kind == ToolKind::Custom) arguments = {{"input", arguments}};
    essence_["flow"].push_back(
        {role_, "call", plain_id(call.id), std::string(call.name), arguments});
  }
  void take(const ToolResult& result) {
    std::string text = text_of(result.parts);
    if (text.empty()) text = std::string(result.json);
    // Some must be told that there was nothing.
    if (text == "(empty)" || text == R"({"output":""})") text.clear();
    essence_["flow"].push_back({role_, "result", plain_id(result.call_id), json_of(text)});
  }
  void take(const Thinking&) {}  // Told to its maker only: the answers' tests see to that.
  void take(const Refusal& refusal) { take(Text{refusal.text}); }
  void take(const Foreign&) {}  // Of one dialect by definition.

  Json& essence_;
  std::string role_;
};

Json tools_of(std::span<const Tool> tools) {
  Json told = Json::array();
  for (const Tool& tool : tools) {
    if (tool.kind == ToolKind::BuiltIn) continue;
    told.push_back({{"name", std::string(tool.name)},
                    {"description", std::string(tool.description)},
                    {"parameters", tool.kind == ToolKind::Custom || tool.parameters.empty()
                                       ? Json()
                                       : opened(json_of(tool.parameters))}});
  }
  return told;
}

void collect(const Json& body, std::string& strings) {
  if (body.is_string()) strings += body.get<std::string>() + "\n";
  for (const auto& [name, value] : body.items()) {
    if (body.is_object()) strings += name + "\n";
    if (body.is_structured()) collect(value, strings);
  }
}

}  // namespace

Json essence_of(const Conversation& conversation) {
  Json essence = {{"system", ""}, {"flow", Json::array()}, {"pieces", Json::array()}};
  Flow flow(essence);
  for (const Turn& turn : conversation.turns) flow.take(turn);
  essence["tools"] = tools_of(conversation.tools);
  const auto kind = conversation.tool_choice.kind;
  // Auto is what is done when nothing is said.
  const bool plain = kind == ToolChoice::Kind::NotGiven || kind == ToolChoice::Kind::Auto;
  essence["tool_choice"] = {plain ? 0 : static_cast<int>(kind),
                            std::string(conversation.tool_choice.name)};
  essence["stop"] = Json::array();
  for (const auto text : conversation.stop) essence["stop"].push_back(std::string(text));
  essence["max_tokens"] = conversation.max_tokens ? Json(*conversation.max_tokens) : Json();
  const auto number = [](JsonText text) { return text.empty() ? Json() : json_of(text); };
  essence["temperature"] = number(conversation.temperature);
  essence["top_p"] = number(conversation.top_p);
  const auto& format = conversation.format;
  const bool schema = format.kind == OutputFormat::Kind::JsonSchema;
  essence["format"] = {format.kind == OutputFormat::Kind::NotGiven
                           ? static_cast<int>(OutputFormat::Kind::Text)
                           : static_cast<int>(format.kind),
                       schema ? opened(number(format.schema)) : Json()};
  return essence;
}

bool excused(std::string_view member, std::span<const std::string> losses) {
  using Names = std::vector<std::string_view>;
  static const std::vector<std::pair<std::string_view, Names>> kNames = {
      {"system", {"system", "developer", "messages", "instructions", "input", "format"}},
      {"flow", {"messages", "input", "contents", "content", "tool_calls", "system", "file_id"}},
      {"tools", {"tools", "parameters", "functions"}},
      {"tool_choice",
       {"tools", "tool_choice", "tool_config", "toolConfig", "function_call", "toolChoice"}},
      {"stop", {"stop"}},
      {"max_tokens", {"max", "thinking", "reasoning"}},
      {"temperature", {"temperature"}},
      {"top_p", {"top_p", "topP"}},
      {"format", {"response_format", "format", "response", "output", "text"}}};
  for (const auto& row : kNames) {
    if (row.first != member) continue;
    return std::ranges::any_of(losses, [&](const std::string& loss) {
      return std::ranges::any_of(
          row.second, [&](std::string_view name) { return loss.find(name) != std::string::npos; });
    });
  }
  return false;
}

std::vector<std::string> missing_in(const Json& body, const Json& essence) {
  std::string strings;
  collect(body, strings);
  std::vector<std::string> missing;
  const auto need = [&](const Json& text) {
    const std::string wanted = text.get<std::string>();
    if (strings.find(wanted) == std::string::npos) missing.push_back(wanted);
  };
  for (const Json& step : essence["flow"]) {
    if (step[1] == "call") need(step[3]);
  }
  for (const Json& piece : essence["pieces"]) need(piece);
  for (const Json& tool : essence["tools"]) {
    need(tool["name"]);
    need(tool["description"]);
  }
  for (const Json& text : essence["stop"]) need(text);
  return missing;
}

}  // namespace sluice::golden
