#include "dialect/conversation_text.h"
#include "dialect/openai_chat_read.h"
#include "dialect/openai_chat_thoughts.h"
#include "dialect/openai_fields.h"
#include "dialect/openai_functions.h"

#include <algorithm>
#include <array>

namespace sluice::dialect::chat {
namespace {

using json::Kind;
using json::Value;

bool among(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// What is read of a message before it becomes a turn, or joins the turn before it.
struct Message {
  explicit Message(Arena& arena) : parts(arena), extras(arena) {}

  Role role = Role::User;
  std::string_view name;
  ArenaList<Part> parts;
  ArenaList<Extra> extras;
};

class Messages {
 public:
  explicit Messages(Arena& arena) : arena_(arena), turns_(arena), open_(arena) {}

  Result<void> add(const Value& value);
  std::span<const Turn> all() {
    close();
    return turns_.all();
  }

 private:
  Result<void> read_assistant(const Value& value, Message& message);
  Result<void> read_result(const Value& value, bool deprecated, Message& message);
  Result<void> read_call(const Value& value, Message& message);
  void read_function_call(const Value& value, Message& message);
  void read_others(const Value& value, Message& message);
  const ToolCall* find_call(std::string_view id) const;
  void join(const Message& message);
  void close();

  Arena& arena_;
  ArenaList<Turn> turns_;
  Message open_;
  bool is_open_ = false;
  std::span<const Part> calls_;  // Of the assistant's last turn.
  std::uint64_t functions_ = 0;
};

// A turn of the same speaker goes on, but for those that instruct.
void Messages::join(const Message& message) {
  const bool instructs = message.role == Role::System || message.role == Role::Developer;
  const bool goes_on = is_open_ && !instructs && open_.role == message.role &&
                       open_.name == message.name && open_.extras.empty() && message.extras.empty();
  if (goes_on) {
    for (const Part& part : message.parts.all()) open_.parts.add(part);
  } else {
    close();
    open_ = message;
    is_open_ = true;
  }
  if (message.role == Role::Assistant) calls_ = open_.parts.all();
}

void Messages::close() {
  if (is_open_) turns_.add({open_.role, open_.name, open_.parts.all(), open_.extras.all()});
  is_open_ = false;
}

const ToolCall* Messages::find_call(std::string_view id) const {
  constexpr std::size_t kMostLookedAt = 512;  // One turn has no more calls that mean anything.
  for (const Part& part : calls_.first(std::min(calls_.size(), kMostLookedAt))) {
    const auto* call = std::get_if<ToolCall>(&part.what);
    if (call && call->id == id) return call;
  }
  return nullptr;
}

Result<void> Messages::read_call(const Value& value, Message& message) {
  TRY_VOID(read_object(value, "messages.tool_calls"));
  ToolCall call;
  ArenaList<Extra> extras(arena_);
  for (const auto member : value.members()) {
    const std::string_view name = name_of(member, arena_);
    if (is_null(member.value) || name == "type") continue;
    if (name == "id") {
      TRY(call.id, read_text(member.value, "messages.tool_calls.id", arena_));
    } else if (name == "function" || name == "custom") {
      const bool custom = name == "custom";
      if (custom) call.kind = ToolKind::Custom;
      call.name = text_or_nothing(member.value.find("name"), arena_);
      const auto said = member.value.find(custom ? "input" : "arguments");
      // Some clients send the object itself.
      call.arguments =
          said && said->kind() == Kind::Object ? said->raw() : text_or_nothing(said, arena_);
    } else if (name == "extra_content" && read_extra_content(member.value, arena_).given()) {
      call.signature = read_extra_content(member.value, arena_);
    } else {
      extras.add({Dialect::Chat, name, member.value.raw(), Importance::Hint});
    }
  }
  if (call.name.empty()) return wrong_field("messages.tool_calls.function.name", "a string");
  message.parts.add({.what = call, .extras = extras.all()});
  return {};
}

void Messages::read_function_call(const Value& value, Message& message) {
  ToolCall call{.id = arena_.join(kFunctionCallId, arena_.number(functions_++))};
  call.name = text_or_nothing(value.find("name"), arena_);
  call.arguments = text_or_nothing(value.find("arguments"), arena_);
  message.parts.add({.what = call});
}

Result<void> Messages::read_assistant(const Value& value, Message& message) {
  TRY_VOID(read_chat_thoughts(value, arena_, message.parts, message.extras));
  // Beside calls an empty text is as good as none.
  if (const auto content = value.find("content"); is_given(content) && *content != "")
    TRY_VOID(read_chat_content(*content, "messages.content", arena_, message.parts));
  if (const auto refusal = value.find("refusal"); is_given(refusal)) {
    TRY(const std::string_view text, read_text(*refusal, "messages.refusal", arena_));
    message.parts.add({.what = Refusal{text}});
  }
  if (const auto calls = value.find("tool_calls"); is_given(calls)) {
    if (calls->kind() != Kind::Array) return wrong_field("messages.tool_calls", "an array");
    for (const Value call : calls->elements()) TRY_VOID(read_call(call, message));
  }
  if (const auto call = value.find("function_call"); is_given(call))
    read_function_call(*call, message);
  return {};
}

Result<void> Messages::read_result(const Value& value, bool deprecated, Message& message) {
  ToolResult result{.name = message.name};
  if (deprecated) {
    result.call_id =
        arena_.join(kFunctionCallId, arena_.number(functions_ == 0 ? 0 : functions_ - 1));
  } else {
    const auto id = value.find("tool_call_id");
    if (!is_given(id)) return wrong_field("messages.tool_call_id", "a string");
    TRY(result.call_id, read_text(*id, "messages.tool_call_id", arena_));
    if (const ToolCall* call = find_call(result.call_id)) {
      result.name = call->name;
      result.kind = call->kind;
    }
  }
  ArenaList<Part> parts(arena_);
  if (const auto content = value.find("content"); is_given(content))
    TRY_VOID(read_chat_content(*content, "messages.content", arena_, parts));
  result.parts = parts.all();
  message.parts.add({.what = result});
  return {};
}

// The members that none of the readers knows.
void Messages::read_others(const Value& value, Message& message) {
  constexpr std::array<std::string_view, 4> kAll = {"role", "content", "tool_call_id", "name"};
  constexpr std::array<std::string_view, 7> kAssistants = {
      "refusal",   "tool_calls",        "function_call",   "reasoning_content",
      "reasoning", "reasoning_details", "thinking_blocks",
  };
  const bool assistant = message.role == Role::Assistant;
  for (const auto member : value.members()) {
    const std::string_view name = name_of(member, arena_);
    if (is_null(member.value) || among(kAll, name)) continue;
    if (assistant && among(kAssistants, name)) continue;
    if (assistant && name == "extra_content" && read_extra_content(member.value, arena_).given())
      continue;
    message.extras.add({Dialect::Chat, name, member.value.raw(), Importance::Hint});
  }
}

Result<void> Messages::add(const Value& value) {
  TRY_VOID(read_object(value, "messages"));
  const auto role = value.find("role");
  if (!role) return wrong_field("messages.role", "a string");
  Message message(arena_);
  if (const auto name = value.find("name"); is_given(name)) {
    TRY(message.name, read_text(*name, "messages.name", arena_));
  }
  if (*role == "assistant") {
    message.role = Role::Assistant;
    TRY_VOID(read_assistant(value, message));
  } else if (*role == "tool" || *role == "function") {
    message.role = Role::Tool;
    TRY_VOID(read_result(value, *role == "function", message));
    message.name = {};
  } else {
    if (*role == "system")
      message.role = Role::System;
    else if (*role == "developer")
      message.role = Role::Developer;
    else if (*role != "user")
      return wrong_field("messages.role", "a role that is known");
    const auto content = value.find("content");
    if (!is_given(content)) return wrong_field("messages.content", "a string or an array of parts");
    TRY_VOID(read_chat_content(*content, "messages.content", arena_, message.parts));
  }
  read_others(value, message);
  join(message);
  return {};
}

}  // namespace

Result<std::span<const Turn>> read_chat_messages(const Value& messages, Arena& arena) {
  if (messages.kind() == Kind::String) {  // Some providers take a single question so.
    TRY(const std::string_view text, read_text(messages, "messages", arena));
    const Turn turn{.parts = arena.array_of(Part{.what = Text{text}})};
    return arena.array_of(turn);
  }
  if (messages.kind() != Kind::Array) return wrong_field("messages", "an array");
  Messages all(arena);
  for (const Value message : messages.elements()) TRY_VOID(all.add(message));
  return all.all();
}

}  // namespace sluice::dialect::chat
