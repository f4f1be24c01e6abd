// The parts of reading a chat completion's request.
#pragma once

#include "sluice/conversation.h"
#include "sluice/error.h"

#include "base/json.h"
#include "dialect/arena_list.h"

namespace sluice::dialect::chat {

// Fails when a field stands twice that must not.
Result<void> refuse_doubled(const json::Value& body);
// One field of the request's top level.
Result<void> read_chat_member(std::string_view name, const json::Value& value, Arena& arena,
                              Conversation& conversation, ArenaList<Extra>& extras);

Result<std::span<const Turn>> read_chat_messages(const json::Value& messages, Arena& arena);
// "content": a string or an array of parts.
Result<void> read_chat_content(const json::Value& content, std::string_view field, Arena& arena,
                               ArenaList<Part>& parts);
// What an assistant's message echoes of its thoughts.
Result<void> read_chat_thoughts(const json::Value& message, Arena& arena, ArenaList<Part>& parts,
                                ArenaList<Extra>& extras);

Result<std::span<const Tool>> read_chat_tools(const json::Value& tools, Arena& arena);
// The deprecated "functions".
Result<std::span<const Tool>> read_chat_functions(const json::Value& functions, Arena& arena);
Result<void> read_chat_tool_choice(const json::Value& choice, Arena& arena, ToolChoice& read);

CacheMark read_cache_control(const json::Value& value, Arena& arena);

// The fields that completions have as well: true when `name` is one of them.
Result<bool> read_sampling(std::string_view name, const json::Value& value, Arena& arena,
                           Conversation& conversation);

}  // namespace sluice::dialect::chat
