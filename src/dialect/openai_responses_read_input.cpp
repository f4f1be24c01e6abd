// The items of a request: messages, calls and their results, thoughts, and what only OpenAI has.
#include "dialect/conversation_text.h"
#include "dialect/openai_responses_parts.h"
#include "dialect/seals.h"

#include <algorithm>

namespace sluice::dialect::responses {
namespace {

using json::Kind;
using json::Value;

// Ran at the provider and left their mark in the text that follows: nobody else misses them.
constexpr std::string_view kTraces[] = {"web_search_call", "file_search_call",
                                        "code_interpreter_call", "mcp_list_tools", "x_search_call"};

class InputReader {
 public:
  explicit InputReader(Arena& arena) : arena_(arena), turns_(arena), parts_(arena), calls_(arena) {}

  Result<void> instructions(const Value& value) {
    TRY(const auto text, read_text(value, "instructions", arena_));
    begin(Role::System);
    parts_.add({.what = Text{text}});
    return {};
  }

  Result<void> input(const Value& value) {
    if (value.kind() == Kind::String) {
      TRY(const auto text, read_text(value, "input", arena_));
      begin(Role::User);
      parts_.add({.what = Text{text}});
      return {};
    }
    if (value.kind() != Kind::Array) return wrong("input", "a string or an array of items");
    for (const Value each : value.elements()) {
      TRY_VOID(item(each));
      ++index_;
    }
    return {};
  }

  std::span<const Turn> finish() {
    end_turn();
    return turns_.all();
  }

 private:
  struct Called {
    std::string_view id;
    std::string_view name;
  };

  std::string path(std::string_view field) const {
    return "input[" + std::to_string(index_) + "]" + std::string(field);
  }
  // An item's member that is a text; empty when it is not given.
  Result<std::string_view> text_of(const std::optional<Value>& value, std::string_view field) {
    if (!given(value)) return std::string_view();
    return read_text(*value, path(field), arena_);
  }

  void begin(Role role) {
    const bool own_turn = role == Role::System || role == Role::Developer;
    if (begun_ && role == role_ && !own_turn) return;
    end_turn();
    role_ = role;
    begun_ = true;
  }

  void end_turn() {
    if (!parts_.empty()) turns_.add({.role = role_, .parts = parts_.all()});
    parts_ = ArenaList<Part>(arena_);
    begun_ = false;
  }

  Result<void> item(const Value& value) {
    if (value.kind() != Kind::Object) return wrong(path(""), "an object");
    const auto named = value.find("type");
    TRY(std::string_view type, text_of(named, ".type"));
    if (type.empty() && value.find("role")) type = "message";
    if (type == "message") return message(value);
    if (type == "function_call" || type == "custom_tool_call") return call(value, type);
    call_seal_ = {};
    if (type == "function_call_output" || type == "custom_tool_call_output")
      return result(value, type);
    if (type == "reasoning") return reasoning(value);
    if (type.empty()) return wrong(path(".type"), "given");
    const bool answer = type.ends_with("_output") || type.ends_with("_response");
    begin(answer ? Role::Tool : Role::Assistant);
    const bool trace = std::ranges::find(kTraces, type) != std::end(kTraces);
    parts_.add({.what = Foreign{.of = Dialect::Responses,
                                .type = type,
                                .json = value.raw(),
                                .importance = trace ? Importance::Hint : Importance::Meaning}});
    return {};
  }

  // Items are complete unless they say otherwise.
  static void add_status(const std::optional<Value>& status, std::string_view name,
                         ArenaList<Extra>& extras) {
    if (!given(status) || *status == "completed") return;
    extras.add({.of = Dialect::Responses, .name = name, .json = status->raw()});
  }

  Result<void> message(const Value& value) {
    constexpr std::string_view keys[] = {"type", "role", "content", "status"};
    TRY(const auto fields, json::pick(value, keys));
    const auto& [type, role, content, status] = fields;
    if (!role) return wrong(path(".role"), "user, assistant, system or developer");
    if (*role == "user") {
      begin(Role::User);
    } else if (*role == "assistant") {
      begin(Role::Assistant);
    } else if (*role == "system") {
      begin(Role::System);
    } else if (*role == "developer") {
      begin(Role::Developer);
    } else {
      return wrong(path(".role"), "user, assistant, system or developer");
    }
    if (!given(content)) return wrong(path(".content"), "given");
    const std::size_t first = parts_.size();
    TRY_VOID(read_content(*content, path(".content"), arena_, parts_));
    if (parts_.size() == first) return {};
    ArenaList<Extra> extras(arena_);
    add_extras(value, keys, kOfMessage, arena_, extras);
    add_status(status, "message.status", extras);
    if (extras.empty()) return {};
    Part& opening = parts_.all()[first];
    for (const Extra& extra : opening.extras) extras.add(extra);
    opening.extras = extras.all();
    return {};
  }

  Result<void> call(const Value& value, std::string_view type) {
    const bool custom = type == "custom_tool_call";
    constexpr std::string_view keys[] = {"type",  "id",     "call_id",  "name",
                                         "input", "status", "arguments"};
    TRY(const auto fields, json::pick(value, keys));
    const auto& [type_field, id, call_id, name, free_text, status, arguments] = fields;
    ToolCall call{.kind = custom ? ToolKind::Custom : ToolKind::Function, .signature = call_seal_};
    call_seal_ = {};
    if (!given(name)) return wrong(path(".name"), "given");
    if (!given(call_id)) return wrong(path(".call_id"), "given");
    TRY(call.name, text_of(name, ".name"));
    TRY(call.id, text_of(call_id, ".call_id"));
    TRY(call.item_id, text_of(id, ".id"));
    TRY(call.arguments, text_of(custom ? free_text : arguments, custom ? ".input" : ".arguments"));
    if (!custom && call.arguments.empty()) call.arguments = "{}";
    ArenaList<Extra> extras(arena_);
    add_extras(value, keys, {}, arena_, extras);
    add_status(status, "status", extras);
    begin(Role::Assistant);
    parts_.add({.what = call, .extras = extras.all()});
    calls_.add({call.id, call.name});
    return {};
  }

  Result<void> result(const Value& value, std::string_view type) {
    constexpr std::string_view keys[] = {"type", "call_id", "output", "name", "status"};
    TRY(const auto fields, json::pick(value, keys));
    const auto& [type_field, call_id, output, name, status] = fields;
    const bool custom = type == "custom_tool_call_output";
    ToolResult result{.kind = custom ? ToolKind::Custom : ToolKind::Function};
    if (!given(call_id)) return wrong(path(".call_id"), "given");
    TRY(result.call_id, text_of(call_id, ".call_id"));
    TRY(result.name, text_of(name, ".name"));
    if (result.name.empty()) result.name = name_of_call(result.call_id);
    ArenaList<Part> parts(arena_);
    if (!given(output)) return wrong(path(".output"), "given");
    TRY_VOID(read_content(*output, path(".output"), arena_, parts));
    result.parts = parts.all();
    ArenaList<Extra> extras(arena_);
    add_extras(value, keys, {}, arena_, extras);
    add_status(status, "status", extras);
    begin(Role::Tool);
    parts_.add({.what = result, .extras = extras.all()});
    return {};
  }

  std::string_view name_of_call(std::string_view id) {
    const auto calls = calls_.all();
    for (std::size_t i = calls.size(); i-- > 0;) {
      if (calls[i].id == id) return calls[i].name;
    }
    return {};
  }

  Result<void> reasoning(const Value& value) {
    constexpr std::string_view keys[] = {"type",    "id",     "summary",
                                         "content", "status", "encrypted_content"};
    TRY(const auto fields, json::pick(value, keys));
    const auto& [type, id, summary, content, status, encrypted] = fields;
    TRY(const auto item_id, text_of(id, ".id"));
    TRY(const auto sealed, text_of(encrypted, ".encrypted_content"));
    if (sealed.starts_with(kCallSeal)) {
      call_seal_ = read_seal(sealed.substr(kCallSeal.size()), Dialect::Responses);
      return {};
    }
    begin(Role::Assistant);
    const std::size_t first = parts_.size();
    TRY_VOID(thoughts(content, item_id, ".content", Told::InFull));
    TRY_VOID(thoughts(summary, item_id, ".summary", Told::Summary));
    if (parts_.size() == first) {
      const bool redacted = !sealed.empty();
      parts_.add({.what = Thinking{.item_id = item_id, .redacted = redacted}});
    }
    Part& closing = parts_.last();
    if (!sealed.empty())
      std::get<Thinking>(closing.what).signature = read_seal(sealed, Dialect::Responses);
    ArenaList<Extra> extras(arena_);
    add_extras(value, keys, {}, arena_, extras);
    add_status(status, "status", extras);
    closing.extras = extras.all();
    return {};
  }

  enum class Told : bool { InFull, Summary };

  Result<void> thoughts(const std::optional<Value>& list, std::string_view item_id,
                        std::string_view field, Told told) {
    if (!given(list)) return {};
    if (list->kind() != Kind::Array) return wrong(path(field), "an array");
    for (const Value each : list->elements()) {
      TRY(const auto text, text_of(each.find("text"), field));
      parts_.add(
          {.what = Thinking{.text = text, .item_id = item_id, .summary = told == Told::Summary}});
    }
    return {};
  }

  Arena& arena_;
  ArenaList<Turn> turns_;
  ArenaList<Part> parts_;  // Of the turn that is being read.
  ArenaList<Called> calls_;
  Sealed call_seal_;  // Of the call that follows.
  Role role_ = Role::User;
  bool begun_ = false;
  std::size_t index_ = 0;
};

}  // namespace

Result<std::span<const Turn>> read_input(const std::optional<Value>& instructions,
                                         const std::optional<Value>& input, Arena& arena) {
  InputReader reader(arena);
  if (given(instructions)) TRY_VOID(reader.instructions(*instructions));
  if (given(input)) TRY_VOID(reader.input(*input));
  return reader.finish();
}

}  // namespace sluice::dialect::responses
