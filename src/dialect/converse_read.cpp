#include "dialect/arena_list.h"
#include "dialect/converse.h"
#include "dialect/converse_blocks.h"
#include "dialect/converse_words.h"

#include <array>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

constexpr Dialect kOwn = Dialect::Converse;

bool given(const std::optional<Value>& value) {
  return value && value->kind() != Kind::Null;
}

// Libraries disagree on which of two wins.
constexpr std::string_view kOnce[] = {"messages",        "system",
                                      "inferenceConfig", "toolConfig",
                                      "outputConfig",    "additionalModelRequestFields",
                                      "serviceTier",     "guardrailConfig"};

class Reading {
 public:
  Reading(Arena& arena, Conversation& to) : arena_(arena), to_(to), turns_(arena), extras_(arena) {}

  Result<void> read(const Value& body) {
    TRY_VOID(json::refuse_duplicates(body, kOnce));
    // What stands before the turns comes first among them.
    if (const auto system = body.find("system"); given(system)) {
      ArenaList<Part> parts(arena_);
      TRY_VOID(read_converse_blocks(*system, "system", {}, arena_, parts));
      if (!parts.empty()) turns_.add({.role = Role::System, .parts = parts.all()});
    }
    for (const auto [key, value] : body.members()) {
      if (value.kind() != Kind::Null) TRY_VOID(field(key.string(arena_).value_or(""), value));
    }
    to_.turns = turns_.all();
    to_.extras = extras_.all();
    return {};
  }

 private:
  Result<void> field(std::string_view name, const Value& value) {
    struct Row {
      std::string_view name;
      Result<void> (Reading::*read)(const Value&);
    };
    static constexpr std::array kRows = {
        Row{"inferenceConfig", &Reading::inference},
        Row{"toolConfig", &Reading::tool_config},
        Row{"additionalModelRequestFields", &Reading::model_fields},
        Row{"outputConfig", &Reading::output_config},
        Row{"serviceTier", &Reading::service_tier},
    };
    if (name == "messages") return messages(value);
    if (name == "system") return {};
    for (const Row& row : kRows) {
      if (row.name != name) continue;
      // The model's own fields may be any JSON value.
      if (value.kind() != Kind::Object && name != "additionalModelRequestFields")
        return converse_wrong(name, "an object");
      return (this->*row.read)(value);
    }
    const bool meant = name == "guardrailConfig" || name == "promptVariables";
    extras_.add({kOwn, name, value.raw(), meant ? Importance::Meaning : Importance::Hint});
    return {};
  }

  // A member of an object that we know otherwise: "inferenceConfig.…".
  void nested_extra(std::string_view object, std::string_view name, const Value& value) {
    extras_.add({kOwn, arena_.join(object, ".", name), value.raw()});
  }

  Result<std::string_view> string(std::string_view path, const Value& value) {
    const auto text = value.string(arena_);
    if (!text) return converse_wrong(path, "a string");
    return *text;
  }

  static Result<void> number(std::string_view path, const Value& value, JsonText& to) {
    if (value.kind() != Kind::Number) return converse_wrong(path, "a number");
    to = value.raw();
    return {};
  }

  // ---- Turns

  Result<void> messages(const Value& messages) {
    if (messages.kind() != Kind::Array) return converse_wrong("messages", "an array");
    ArenaList<Part> parts(arena_);
    Role open = Role::User;
    std::size_t index = 0;
    for (const Value message : messages.elements()) {
      const std::string path = "messages[" + std::to_string(index++) + "]";
      TRY(const Role role, role_of(message, path));
      if (role != open) close(open, parts);
      open = role;
      const auto content = message.find("content");
      if (!given(content)) return converse_wrong(path + ".content", "an array of blocks");
      TRY_VOID(read_converse_blocks(*content, path + ".content", turns_.all(), arena_, parts));
    }
    close(open, parts);
    return {};
  }

  void close(Role role, ArenaList<Part>& parts) {
    if (!parts.empty()) turns_.add({.role = role, .parts = parts.all()});
    parts = ArenaList<Part>(arena_);
  }

  static Result<Role> role_of(const Value& message, const std::string& path) {
    if (message.kind() != Kind::Object) return converse_wrong(path, "an object");
    const auto role = message.find("role");
    if (role && *role == "user") return Role::User;
    if (role && *role == "assistant") return Role::Assistant;
    return converse_wrong(path + ".role", "\"user\" or \"assistant\"");
  }

  // ---- Tools

  Result<void> tool_config(const Value& config) {
    for (const auto [key, value] : config.members()) {
      if (value.kind() == Kind::Null) continue;
      if (key == "tools") {
        TRY_VOID(tools(value));
      } else if (key == "toolChoice") {
        TRY_VOID(tool_choice(value));
      } else {
        nested_extra("toolConfig", key.string(arena_).value_or(""), value);
      }
    }
    return {};
  }

  Result<void> tools(const Value& tools) {
    if (tools.kind() != Kind::Array) return converse_wrong("toolConfig.tools", "an array");
    ArenaList<Tool> list(arena_);
    std::size_t index = 0;
    for (const Value one : tools.elements()) {
      const std::string path = "toolConfig.tools[" + std::to_string(index++) + "]";
      if (one.kind() != Kind::Object) return converse_wrong(path, "an object");
      if (const auto specified = one.find("toolSpec"); given(specified)) {
        TRY(const Tool tool, read_tool(*specified, path + ".toolSpec"));
        list.add(tool);
      } else if (const auto point = one.find("cachePoint"); given(point)) {
        if (!list.empty()) list.last().cache = read_cache_point(*point, arena_);
      } else {
        list.add(built_in(one));
      }
    }
    to_.tools = list.all();
    return {};
  }

  Tool built_in(const Value& value) {
    Tool tool{.kind = ToolKind::BuiltIn, .of = kOwn, .type = "tool", .json = value.raw()};
    for (const auto [key, member] : value.members()) {
      tool.type = key.string(arena_).value_or("");
      if (const auto name = member.find("name")) tool.name = name->string(arena_).value_or("");
      break;
    }
    return tool;
  }

  Result<Tool> read_tool(const Value& value, const std::string& path) {
    Tool tool;
    ArenaList<Extra> extras(arena_);
    for (const auto [key, member] : value.members()) {
      if (member.kind() == Kind::Null) continue;
      if (key == "name") {
        TRY(tool.name, string(path + ".name", member));
      } else if (key == "description") {
        TRY(tool.description, string(path + ".description", member));
      } else if (key == "inputSchema") {
        if (const auto schema = member.find("json"); given(schema)) tool.parameters = schema->raw();
      } else if (key == "strict") {
        tool.strict = member.boolean();
      } else {
        extras.add({kOwn, key.string(arena_).value_or(""), member.raw()});
      }
    }
    if (tool.name.empty()) return converse_wrong(path + ".name", "a string");
    tool.extras = extras.all();
    return tool;
  }

  Result<void> tool_choice(const Value& choice) {
    using Choice = ToolChoice::Kind;
    if (given(choice.find("auto"))) {
      to_.tool_choice.kind = Choice::Auto;
    } else if (given(choice.find("any"))) {
      to_.tool_choice.kind = Choice::Required;
    } else if (const auto tool = choice.find("tool"); given(tool)) {
      const auto name = tool->find("name");
      if (!name) return converse_wrong("toolConfig.toolChoice.tool.name", "a string");
      to_.tool_choice.kind = Choice::Named;
      TRY(to_.tool_choice.name, string("toolConfig.toolChoice.tool.name", *name));
    } else {
      return converse_wrong("toolConfig.toolChoice", "\"auto\", \"any\" or \"tool\"");
    }
    return {};
  }

  // ---- How it is to be answered

  Result<void> inference(const Value& config) {
    for (const auto [key, value] : config.members()) {
      if (value.kind() == Kind::Null) continue;
      if (key == "maxTokens") {
        to_.max_tokens = value.integer();
        if (!to_.max_tokens || *to_.max_tokens < 0)
          return converse_wrong("inferenceConfig.maxTokens", "a whole number, 0 or more");
      } else if (key == "temperature") {
        TRY_VOID(number("inferenceConfig.temperature", value, to_.temperature));
      } else if (key == "topP") {
        TRY_VOID(number("inferenceConfig.topP", value, to_.top_p));
      } else if (key == "stopSequences") {
        TRY_VOID(stop(value));
      } else {
        nested_extra("inferenceConfig", key.string(arena_).value_or(""), value);
      }
    }
    return {};
  }

  Result<void> stop(const Value& value) {
    constexpr std::string_view kPath = "inferenceConfig.stopSequences";
    if (value.kind() != Kind::Array) return converse_wrong(kPath, "an array of strings");
    ArenaList<std::string_view> list(arena_);
    for (const Value one : value.elements()) {
      TRY(const std::string_view text, string(kPath, one));
      list.add(text);
    }
    to_.stop = list.all();
    return {};
  }

  Result<void> output_config(const Value& config) {
    for (const auto [key, value] : config.members()) {
      if (value.kind() == Kind::Null) continue;
      if (key == "textFormat") {
        TRY_VOID(text_format(value));
      } else {
        nested_extra("outputConfig", key.string(arena_).value_or(""), value);
      }
    }
    return {};
  }

  Result<void> text_format(const Value& format) {
    constexpr std::string_view kPath = "outputConfig.textFormat.structure.jsonSchema";
    const auto structure = format.find("structure");
    const auto described = structure ? structure->find("jsonSchema") : std::nullopt;
    const auto schema = described ? described->find("schema") : std::nullopt;
    if (!schema) return converse_wrong(kPath, "an object with a schema");
    to_.format.kind = OutputFormat::Kind::JsonSchema;
    // The schema is a text that holds JSON.
    TRY(to_.format.schema, string(kPath, *schema));
    if (const auto name = described->find("name"))
      to_.format.name = name->string(arena_).value_or("");
    if (const auto words = described->find("description"))
      to_.format.description = words->string(arena_).value_or("");
    return {};
  }

  Result<void> service_tier(const Value& tier) {
    const auto type = tier.find("type");
    if (!type) return converse_wrong("serviceTier.type", "a string");
    TRY(to_.service_tier, string("serviceTier.type", *type));
    return {};
  }

  // ---- What each model has for itself

  Result<void> model_fields(const Value& fields) {
    if (fields.kind() != Kind::Object)
      extras_.add({kOwn, "additionalModelRequestFields", fields.raw()});
    for (const auto [key, value] : fields.members()) {
      const std::string_view name = key.string(arena_).value_or("");
      if (!model_field(name, value)) nested_extra("additionalModelRequestFields", name, value);
    }
    return {};
  }

  // Whether it was understood.
  bool model_field(std::string_view name, const Value& value) {
    if (name == "top_k" && value.kind() == Kind::Number) {
      to_.top_k = value.raw();
      return true;
    }
    if (name == "thinking") return thinking(value);
    if (name == "reasoning_effort") return effort(value);
    if (name == "output_config" && only_member(value, "effort")) {
      to_.reasoning.effort_alone = to_.reasoning.kind == Reasoning::Kind::NotGiven;
      return effort(*value.find("effort"));
    }
    if (name == "reasoningConfig") return nova_reasoning(value);
    if (name == "inferenceConfig" && only_member(value, "topK")) {
      to_.top_k = value.find("topK")->raw();
      return true;
    }
    return false;
  }

  static bool only_member(const Value& object, std::string_view name) {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& member : object.members()) ++count;
    return count == 1 && object.find(name).has_value();
  }

  bool effort(const Value& value) {
    const auto told = value.string(arena_);
    if (!told) return false;
    Reasoning& wish = to_.reasoning;
    wish.effort = *told;
    if (wish.kind == Reasoning::Kind::NotGiven) {
      wish.kind = Reasoning::Kind::Effort;
    }
    return true;
  }

  bool thinking(const Value& value) {
    const auto type = value.find("type");
    const auto budget = value.find("budget_tokens");
    const auto tokens = budget ? budget->integer() : std::nullopt;
    std::size_t members = 0;
    for ([[maybe_unused]] const auto& member : value.members()) ++members;
    if (!type || members > (budget ? 2U : 1U)) return false;
    Reasoning& wish = to_.reasoning;
    wish.effort_alone = false;
    if (*type == "enabled" && tokens) {
      wish.kind = Reasoning::Kind::Budget;
      wish.budget = *tokens;
    } else if (*type == "adaptive") {
      wish.kind = Reasoning::Kind::Adaptive;
    } else if (*type == "disabled") {
      wish.kind = Reasoning::Kind::Off;
    } else {
      return false;
    }
    return true;
  }

  bool nova_reasoning(const Value& value) {
    const auto type = value.find("type");
    if (type && *type == "disabled") {
      to_.reasoning.kind = Reasoning::Kind::Off;
      return true;
    }
    const auto most = value.find("maxReasoningEffort");
    return type && *type == "enabled" && most && effort(*most);
  }

  Arena& arena_;
  Conversation& to_;
  ArenaList<Turn> turns_;
  ArenaList<Extra> extras_;
};

}  // namespace

Result<void> read_converse(const json::Value& body, Arena& arena, Conversation& conversation) {
  if (body.kind() != Kind::Object) return converse_wrong("The request body", "a JSON object");
  return Reading(arena, conversation).read(body);
}

}  // namespace sluice::dialect
