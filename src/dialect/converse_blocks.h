// The content blocks of Converse, in requests.
#pragma once

#include "sluice/conversation.h"
#include "sluice/error.h"

#include "base/json.h"
#include "dialect/arena_list.h"

#include <span>
#include <string>

namespace sluice::dialect {

// Appends the parts of "content" or "system". `turns` are those before it, in which the calls stand
// that results answer.
Result<void> read_converse_blocks(const json::Value& content, const std::string& path,
                                  std::span<const Turn> turns, Arena& arena,
                                  ArenaList<Part>& parts);

// "cachePoint": {"type": "default", "ttl": "5m"}
CacheMark read_cache_point(const json::Value& value, Arena& arena);

}  // namespace sluice::dialect
