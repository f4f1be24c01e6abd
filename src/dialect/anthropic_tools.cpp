#include "dialect/anthropic_tools.h"

#include "dialect/anthropic_turns.h"
#include "dialect/arena_list.h"
#include "dialect/conversation_text.h"
#include "dialect/structured_schema.h"

#include <algorithm>

namespace sluice::dialect {
namespace {

constexpr Dialect kOwn = Dialect::Messages;
using Choice = ToolChoice::Kind;

class ToolWriter {
 public:
  ToolWriter(const Conversation& from, const ClaudeModel& model, Losses& losses, Arena& arena,
             json::Writer& to)
      : from_(from), model_(model), losses_(losses), arena_(arena), to_(to), sayable_(arena) {}

  Result<void> write() {
    if (!from_.tool_choice.allowed.empty()) losses_.approximate("tool_choice.allowed_tools");
    for (const Tool& tool : from_.tools) {
      if (is_foreign(tool)) {
        TRY_VOID(lose(tool));
      } else if (is_allowed(tool)) {
        sayable_.add(tool);
      }
    }
    if (sayable_.empty()) return {};
    to_.key("tools").begin_array();
    for (const Tool& tool : sayable_.all()) TRY_VOID(write(tool));
    to_.end_array();
    write_choice();
    return {};
  }

 private:
  static bool is_foreign(const Tool& tool) {
    return tool.kind == ToolKind::BuiltIn && tool.of != kOwn;
  }

  bool is_allowed(const Tool& tool) const {
    const auto& allowed = from_.tool_choice.allowed;
    return allowed.empty() || std::ranges::find(allowed, tool.name) != allowed.end();
  }

  // What another provider runs itself nobody runs here.
  Result<void> lose(const Tool& tool) {
    const std::string_view name = tool.type.empty() ? tool.name : tool.type;
    const bool named = from_.tool_choice.kind == Choice::Named &&
                       (from_.tool_choice.name == tool.name || from_.tool_choice.name == tool.type);
    const bool only_one = from_.tool_choice.kind == Choice::Required && from_.tools.size() == 1;
    const Importance importance = named || only_one ? Importance::Meaning : Importance::Hint;
    return losses_.lose(importance, arena_.join("tools.", name));
  }

  Result<void> write(const Tool& tool) {
    if (tool.kind == ToolKind::BuiltIn) {
      to_.raw(tool.json);
      return {};
    }
    const bool custom = tool.kind == ToolKind::Custom;
    if (custom) losses_.approximate("tools.custom");
    to_.begin_object().member("name", tool.name);
    if (!tool.description.empty()) to_.member("description", tool.description);
    to_.key("input_schema")
        .raw(custom ? kCustomToolSchema : object_schema(tool.parameters, arena_));
    if (tool.strict) {
      if (model_.takes_schemas()) {
        to_.member("strict", *tool.strict);
      } else if (*tool.strict) {
        TRY_VOID(losses_.hint("tools.strict"));
      }
    }
    write_cache_mark(tool.cache, to_);
    TRY_VOID(losses_.extras(tool.extras, kOwn));
    for (const Extra& extra : tool.extras) {
      if (extra.of == kOwn) to_.key(extra.name).raw(extra.json);
    }
    to_.end_object();
    return {};
  }

  void write_choice() {
    const ToolChoice& choice = from_.tool_choice;
    const bool alone = choice.parallel && !*choice.parallel;
    if (choice.kind == Choice::NotGiven && !alone) return;
    to_.key("tool_choice").begin_object();
    switch (choice.kind) {
      case Choice::None:
        to_.member("type", "none").end_object();
        return;
      case Choice::Required:
        to_.member("type", "any");
        break;
      case Choice::Named:
        to_.member("type", "tool").member("name", choice.name);
        break;
      default:
        to_.member("type", "auto");
    }
    if (choice.parallel) to_.member("disable_parallel_tool_use", alone);
    to_.end_object();
  }

  const Conversation& from_;
  const ClaudeModel& model_;
  Losses& losses_;
  Arena& arena_;
  json::Writer& to_;
  ArenaList<Tool> sayable_;
};

}  // namespace

Result<void> write_tools(const Conversation& conversation, const ClaudeModel& model, Losses& losses,
                         Arena& arena, json::Writer& to) {
  return ToolWriter(conversation, model, losses, arena, to).write();
}

}  // namespace sluice::dialect
