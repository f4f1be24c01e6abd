// What a conversation says of tools, written in Anthropic's words.
#pragma once

#include "sluice/conversation.h"

#include "base/json_writer.h"
#include "dialect/claude_model.h"
#include "dialect/losses.h"

namespace sluice::dialect {

// The members "tools" and "tool_choice".
Result<void> write_tools(const Conversation& conversation, const ClaudeModel& model, Losses& losses,
                         Arena& arena, json::Writer& to);

}  // namespace sluice::dialect
