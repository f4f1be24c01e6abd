#pragma once

#include "sluice/usage.h"

#include "base/json.h"

namespace sluice::dialect {

// Anthropic's count: what was read from the cache or written to it stands beside the input. Events
// tell it in parts, and later ones correct earlier ones.
class AnthropicUsage {
 public:
  void read(const json::Value& usage);
  Usage total() const;

 private:
  std::int64_t input_ = 0;
  std::int64_t cached_ = 0;
  std::int64_t written_ = 0;
  std::int64_t written_1h_ = 0;
  std::int64_t output_ = 0;
  std::int64_t thoughts_ = 0;
  std::int64_t searches_ = 0;
  // Of summaries that were made on the way: billed, but not in the sums.
  std::int64_t compaction_input_ = 0;
  std::int64_t compaction_output_ = 0;
};

}  // namespace sluice::dialect
