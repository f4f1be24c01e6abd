// What many dialects do with the texts of a conversation.
#pragma once

#include "sluice/arena.h"
#include "sluice/conversation.h"

#include "dialect/losses.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sluice::dialect {

// The texts of these parts, with `joint` between them. A view of the only one; else in the arena.
std::string_view joined_text(std::span<const Part> parts, std::string_view joint, Arena& arena);

// "data:image/png;base64,iVBOR…"
struct DataUrl {
  std::string_view media_type;
  std::string_view base64;
};
// Nothing: it is another URL, or data that is not in base64.
std::optional<DataUrl> read_data_url(std::string_view url);
std::string_view data_url(std::string_view media_type, std::string_view base64, Arena& arena);

// Tells the loss of what dialects that only chat have no field for: who asks, what to keep or
// cache, several answers, odds, sound and pictures in the answer.
Result<void> lose_what_plain_chats_lack(const Conversation& asked, Losses& losses);

// How many tokens of thought an effort ("none" … "max") is worth, and back.
std::int64_t budget_of_effort(std::string_view effort);
std::string_view effort_of_budget(std::int64_t budget);

// Is a JSON object, as far as its first and last letters tell.
bool looks_like_object(std::string_view json);

// The arguments of a call as the JSON object that most dialects want: those of custom tools as
// {"input": text}, none as {}, and what is no object (a model's mistake) as {"arguments": text}.
JsonText arguments_object(const ToolCall& call, Losses& losses, Arena& arena);

// The free text of a custom tool's arguments {"input": text}; nothing when they are not that.
std::optional<std::string_view> custom_input(JsonText arguments, Arena& arena);

// The declared tool of that name; null: none.
const Tool* find_tool(std::span<const Tool> tools, std::string_view name);

// Of custom tools, for dialects that have only functions.
inline constexpr JsonText kCustomToolSchema =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})";
inline constexpr JsonText kEmptySchema = R"({"type":"object","properties":{}})";

}  // namespace sluice::dialect
