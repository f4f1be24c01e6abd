// The content blocks of Anthropic's Messages, in requests.
#pragma once

#include "sluice/conversation.h"
#include "sluice/error.h"

#include "base/json.h"
#include "dialect/arena_list.h"

#include <span>
#include <string>
#include <string_view>

namespace sluice::dialect {

std::unexpected<Failure> wrong_field(std::string_view path, std::string_view expected);

// "cache_control": {"type": "ephemeral", "ttl": "5m"}
CacheMark read_cache_mark(const json::Value& value, Arena& arena);

// What it means to leave out a block that only this dialect has. Of what the provider's own tools
// did in former turns, the answers tell what mattered.
Importance block_importance(std::string_view type);

// Appends the parts of "content": a string, or an array of blocks. `turns` are those before it, in
// which the calls stand that results answer.
Result<void> read_blocks(const json::Value& content, const std::string& path,
                         std::span<const Turn> turns, Arena& arena, ArenaList<Part>& parts);

Citation read_anthropic_citation(const json::Value& value, Arena& arena);

}  // namespace sluice::dialect
