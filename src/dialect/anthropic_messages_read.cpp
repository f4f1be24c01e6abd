#include "dialect/anthropic_blocks.h"
#include "dialect/anthropic_messages.h"
#include "dialect/arena_list.h"

#include <array>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

bool given(const std::optional<Value>& value) {
  return value && value->kind() != Kind::Null;
}

// Libraries disagree on which of two wins.
constexpr std::string_view kOnce[] = {
    "model",    "messages",      "system",         "max_tokens",   "stream",       "tools",
    "thinking", "tool_choice",   "stop_sequences", "temperature",  "top_p",        "top_k",
    "metadata", "output_config", "output_format",  "service_tier", "cache_control"};

class Reading {
 public:
  Reading(Arena& arena, Conversation& to) : arena_(arena), to_(to), turns_(arena), extras_(arena) {}

  Result<void> read(const Value& body) {
    TRY_VOID(json::refuse_duplicates(body, kOnce));
    // What stands before the turns comes first among them.
    if (const auto system = body.find("system"); given(system)) {
      ArenaList<Part> parts(arena_);
      TRY_VOID(read_blocks(*system, "system", {}, arena_, parts));
      if (!parts.empty()) turns_.add({.role = Role::System, .parts = parts.all()});
    }
    bool has_messages = false;
    for (const auto [key, value] : body.members()) {
      if (value.kind() == Kind::Null) continue;
      has_messages |= key == "messages";
      TRY_VOID(field(key.string(arena_).value_or(""), value));
    }
    if (!has_messages) return wrong_field("messages", "an array");
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
        Row{"messages", &Reading::messages},           Row{"tools", &Reading::tools},
        Row{"tool_choice", &Reading::tool_choice},     Row{"max_tokens", &Reading::max_tokens},
        Row{"stop_sequences", &Reading::stop},         Row{"thinking", &Reading::thinking},
        Row{"output_config", &Reading::output_config}, Row{"output_format", &Reading::format},
        Row{"metadata", &Reading::metadata},           Row{"service_tier", &Reading::service_tier},
        Row{"cache_control", &Reading::cache},
    };
    for (const Row& row : kRows) {
      if (row.name == name) return (this->*row.read)(value);
    }
    if (name == "temperature") return number(name, value, to_.temperature);
    if (name == "top_p") return number(name, value, to_.top_p);
    if (name == "top_k") return number(name, value, to_.top_k);
    if (name != "model" && name != "stream" && name != "system") extra(name, value);
    return {};
  }

  // Without these the answer is another one.
  static Importance importance(std::string_view name) {
    const bool meant = name == "container" || name == "mcp_servers" || name == "inference_geo";
    return meant ? Importance::Meaning : Importance::Hint;
  }

  void extra(std::string_view name, const Value& value) {
    extras_.add({Dialect::Messages, name, value.raw(), importance(name)});
  }

  // A member of an object that we know otherwise: "metadata.…".
  void nested_extra(std::string_view object, const Value& key, const Value& value) {
    if (value.kind() == Kind::Null) return;
    extras_.add({Dialect::Messages, arena_.join(object, ".", key.string(arena_).value_or("")),
                 value.raw()});
  }

  static Result<void> number(std::string_view name, const Value& value, JsonText& to) {
    if (value.kind() != Kind::Number) return wrong_field(name, "a number");
    to = value.raw();
    return {};
  }

  Result<std::string_view> string(std::string_view path, const Value& value) {
    const auto text = value.string(arena_);
    if (!text) return wrong_field(path, "a string");
    return *text;
  }

  Result<void> messages(const Value& messages) {
    if (messages.kind() != Kind::Array) return wrong_field("messages", "an array");
    ArenaList<Part> parts(arena_);
    Turn open;
    std::size_t index = 0;
    for (const Value message : messages.elements()) {
      const std::string path = "messages[" + std::to_string(index++) + "]";
      TRY(const Turn turn, head(message, path));
      const bool goes_on = !parts.empty() && turn.role == open.role && turn.role != Role::System &&
                           turn.extras.empty() && open.extras.empty();
      if (!goes_on) {
        close(open, parts);
        open = turn;
      }
      const auto content = message.find("content");
      if (!given(content)) return wrong_field(path + ".content", "a string or an array of blocks");
      TRY_VOID(read_blocks(*content, path + ".content", turns_.all(), arena_, parts));
    }
    close(open, parts);
    return {};
  }

  void close(Turn& turn, ArenaList<Part>& parts) {
    turn.parts = parts.all();
    if (!parts.empty()) turns_.add(turn);
    parts = ArenaList<Part>(arena_);
  }

  Result<Turn> head(const Value& message, const std::string& path) {
    if (message.kind() != Kind::Object) return wrong_field(path, "an object");
    Turn turn;
    ArenaList<Extra> extras(arena_);
    bool has_role = false;
    for (const auto [key, value] : message.members()) {
      if (key == "role") {
        has_role = true;
        if (value == "user") {
          turn.role = Role::User;
        } else if (value == "assistant") {
          turn.role = Role::Assistant;
        } else if (value == "system") {
          turn.role = Role::System;
        } else {
          return wrong_field(path + ".role", "\"user\", \"assistant\" or \"system\"");
        }
      } else if (!(key == "content") && value.kind() != Kind::Null) {
        extras.add({Dialect::Messages, key.string(arena_).value_or(""), value.raw()});
      }
    }
    if (!has_role) return wrong_field(path + ".role", "\"user\", \"assistant\" or \"system\"");
    turn.extras = extras.all();
    return turn;
  }

  Result<void> tools(const Value& tools) {
    if (tools.kind() != Kind::Array) return wrong_field("tools", "an array");
    ArenaList<Tool> list(arena_);
    for (const Value one : tools.elements()) {
      const std::string path = "tools[" + std::to_string(list.size()) + "]";
      if (one.kind() != Kind::Object) return wrong_field(path, "an object");
      TRY(const Tool tool, read_tool(one, path));
      list.add(tool);
    }
    to_.tools = list.all();
    return {};
  }

  Result<Tool> read_tool(const Value& value, const std::string& path) {
    Tool tool;
    ArenaList<Extra> extras(arena_);
    for (const auto [key, member] : value.members()) {
      if (member.kind() == Kind::Null) continue;
      if (key == "type") {
        TRY(tool.type, string(path + ".type", member));
      } else if (key == "name") {
        TRY(tool.name, string(path + ".name", member));
      } else if (key == "description") {
        TRY(tool.description, string(path + ".description", member));
      } else if (key == "input_schema") {
        tool.parameters = member.raw();
      } else if (key == "strict") {
        tool.strict = member.boolean();
      } else if (key == "cache_control") {
        tool.cache = read_cache_mark(member, arena_);
      } else {
        extras.add({Dialect::Messages, key.string(arena_).value_or(""), member.raw()});
      }
    }
    if (tool.type.empty() || tool.type == "custom" || tool.type == "function") {
      if (tool.name.empty()) return wrong_field(path + ".name", "a string");
      tool.type = {};
      tool.extras = extras.all();
    } else {
      tool.kind = ToolKind::BuiltIn;
      tool.of = Dialect::Messages;
      tool.json = value.raw();
    }
    return tool;
  }

  Result<void> tool_choice(const Value& choice) {
    using Choice = ToolChoice::Kind;
    const auto type = choice.find("type");
    if (!type) return wrong_field("tool_choice.type", "a string");
    if (*type == "auto") {
      to_.tool_choice.kind = Choice::Auto;
    } else if (*type == "any") {
      to_.tool_choice.kind = Choice::Required;
    } else if (*type == "none") {
      to_.tool_choice.kind = Choice::None;
    } else if (*type == "tool") {
      to_.tool_choice.kind = Choice::Named;
      const auto name = choice.find("name");
      if (!name) return wrong_field("tool_choice.name", "a string");
      TRY(to_.tool_choice.name, string("tool_choice.name", *name));
    } else {
      return wrong_field("tool_choice.type", "\"auto\", \"any\", \"tool\" or \"none\"");
    }
    if (const auto alone = choice.find("disable_parallel_tool_use"); given(alone)) {
      const auto disabled = alone->boolean();
      if (!disabled) return wrong_field("tool_choice.disable_parallel_tool_use", "true or false");
      to_.tool_choice.parallel = !*disabled;
    }
    return {};
  }

  Result<void> max_tokens(const Value& value) {
    to_.max_tokens = value.integer();
    if (!to_.max_tokens || *to_.max_tokens < 0)
      return wrong_field("max_tokens", "a whole number, 0 or more");
    return {};
  }

  Result<void> stop(const Value& value) {
    if (value.kind() != Kind::Array) return wrong_field("stop_sequences", "an array of strings");
    ArenaList<std::string_view> list(arena_);
    for (const Value one : value.elements()) {
      TRY(const std::string_view text, string("stop_sequences", one));
      list.add(text);
    }
    to_.stop = list.all();
    return {};
  }

  Result<void> thinking(const Value& value) {
    using Wish = Reasoning::Kind;
    const auto type = value.find("type");
    if (!type) return wrong_field("thinking.type", "a string");
    Reasoning& wish = to_.reasoning;
    wish.effort_alone = false;
    if (*type == "enabled") {
      wish.kind = Wish::Budget;
      const auto budget = value.find("budget_tokens");
      const auto tokens = budget ? budget->integer() : std::nullopt;
      if (!tokens) return wrong_field("thinking.budget_tokens", "a whole number");
      wish.budget = *tokens;
    } else if (*type == "adaptive") {
      wish.kind = Wish::Adaptive;
    } else if (*type == "disabled") {
      wish.kind = Wish::Off;
    } else {
      return wrong_field("thinking.type", "\"enabled\", \"adaptive\" or \"disabled\"");
    }
    for (const auto [key, member] : value.members()) {
      if (key == "type" || key == "budget_tokens") continue;
      if (key == "display" && (member == "summarized" || member == "omitted")) {
        wish.shown = member == "summarized";
      } else {
        nested_extra("thinking", key, member);
      }
    }
    return {};
  }

  Result<void> output_config(const Value& value) {
    if (value.kind() != Kind::Object) return wrong_field("output_config", "an object");
    for (const auto [key, member] : value.members()) {
      if (member.kind() == Kind::Null) continue;
      if (key == "format") {
        TRY_VOID(format(member));
      } else if (key == "effort") {
        TRY(to_.reasoning.effort, string("output_config.effort", member));
        if (to_.reasoning.kind != Reasoning::Kind::NotGiven) continue;
        to_.reasoning.kind = Reasoning::Kind::Effort;
        to_.reasoning.effort_alone = true;
      } else {
        nested_extra("output_config", key, member);
      }
    }
    return {};
  }

  Result<void> format(const Value& value) {
    const auto type = value.find("type");
    const auto schema = value.find("schema");
    if (!type || !(*type == "json_schema") || !schema || schema->kind() != Kind::Object) {
      return wrong_field("output_config.format", "{\"type\": \"json_schema\", \"schema\": {…}}");
    }
    to_.format.kind = OutputFormat::Kind::JsonSchema;
    to_.format.schema = schema->raw();
    if (const auto name = value.find("name")) to_.format.name = name->string(arena_).value_or("");
    return {};
  }

  Result<void> metadata(const Value& value) {
    if (value.kind() != Kind::Object) return wrong_field("metadata", "an object");
    for (const auto [key, member] : value.members()) {
      if (!(key == "user_id")) {
        nested_extra("metadata", key, member);
      } else if (member.kind() != Kind::Null) {
        TRY(to_.user, string("metadata.user_id", member));
      }
    }
    return {};
  }

  Result<void> service_tier(const Value& value) {
    TRY(to_.service_tier, string("service_tier", value));
    if (to_.service_tier == "standard_only") to_.service_tier = "default";
    return {};
  }

  Result<void> cache(const Value& value) {
    to_.cache = read_cache_mark(value, arena_);
    return {};
  }

  Arena& arena_;
  Conversation& to_;
  ArenaList<Turn> turns_;
  ArenaList<Extra> extras_;
};

}  // namespace

Result<void> read_messages(const json::Value& body, Arena& arena, Conversation& conversation) {
  if (body.kind() != Kind::Object) return wrong_field("The request body", "a JSON object");
  return Reading(arena, conversation).read(body);
}

}  // namespace sluice::dialect
