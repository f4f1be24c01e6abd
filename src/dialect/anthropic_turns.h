// The turns of a conversation, written as Anthropic's "system" and "messages".
#pragma once

#include "sluice/conversation.h"

#include "base/json_writer.h"
#include "dialect/claude_model.h"
#include "dialect/losses.h"

#include <string_view>

namespace sluice::dialect {

void write_cache_mark(const CacheMark& mark, json::Writer& to);

// The member "system" (none, when nobody says anything there), with these words behind it.
Result<void> write_system(const Conversation& conversation, std::string_view more, Losses& losses,
                          Arena& arena, json::Writer& to);
// The member "messages".
Result<void> write_turns(const Conversation& conversation, const ClaudeModel& model, Losses& losses,
                         Arena& arena, json::Writer& to);

}  // namespace sluice::dialect
