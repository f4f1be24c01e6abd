// How the files of the Responses dialect share their work.
#pragma once

#include "sluice/arena.h"
#include "sluice/conversation.h"
#include "sluice/error.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "dialect/arena_list.h"
#include "dialect/conversation_dialect.h"
#include "dialect/losses.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice::dialect::responses {

// What a message has besides its parts (id, status, phase) stands in its first part's extras, under
// this prefix. Such a part begins a message of its own.
inline constexpr std::string_view kOfMessage = "message.";

// Stands before the seal of a call in a reasoning item of its own: calls have no place for one.
inline constexpr std::string_view kCallSeal = "call/";

// ---- Reading

std::unexpected<Failure> wrong(std::string field, std::string_view expected);
bool given(const std::optional<json::Value>& value);
// Every member that is not among the known ones, nulls left out.
void add_extras(const json::Value& object, std::span<const std::string_view> known,
                std::string_view prefix, Arena& arena, ArenaList<Extra>& extras);
Result<std::string_view> read_text(const json::Value& value, std::string_view field, Arena& arena);

// An annotation of a text, which says itself whose JSON it is.
Citation read_annotation(const json::Value& annotation, Arena& arena);
// What stands in a list of content: texts, media, refusals.
Result<void> read_content(const json::Value& content, std::string_view field, Arena& arena,
                          ArenaList<Part>& parts);
Result<std::span<const Turn>> read_input(const std::optional<json::Value>& instructions,
                                         const std::optional<json::Value>& input, Arena& arena);
Result<void> read_tools(const json::Value& tools, Arena& arena, Conversation& conversation);
Result<void> read_tool_choice(const json::Value& choice, Arena& arena, Conversation& conversation,
                              ArenaList<Extra>& extras);
Result<void> read_request(const json::Value& body, Arena& arena, Conversation& conversation);

// ---- Writing

const Extra* own_extra(std::span<const Extra> extras, std::string_view name);
// The text that goes into `instructions`: that of a first turn of the system's, when it is one.
std::optional<std::string_view> instructions_of(const Conversation& conversation);

// The values of these fields, as requests say them and answers repeat them.
void write_tool(json::Writer& writer, const Tool& tool);
void write_tool_choice(json::Writer& writer, const Conversation& conversation);
void write_text_format(json::Writer& writer, const Conversation& conversation);

Result<void> write_input(json::Writer& writer, const Conversation& conversation, Losses& losses,
                         Arena& arena);
Result<std::string_view> write_request(const Conversation& conversation, const Wanted& wanted,
                                       Losses& losses, Arena& arena);

// ---- Answers

// Starts with "resp_", "msg_", …; made of a request's id, which may be the caller's own.
std::string made_id(std::string_view prefix, std::string_view request_id);
ArenaPtr<Encoder> make_encoder(Arena& arena, const Shape& shape);

}  // namespace sluice::dialect::responses
