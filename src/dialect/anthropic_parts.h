// The parts of a turn, written as Anthropic's content blocks.
#pragma once

#include "sluice/conversation.h"

#include "base/json_writer.h"
#include "dialect/losses.h"

#include <string_view>

namespace sluice::dialect {

// The API refuses texts of white space.
bool says_something(std::string_view text);

class BlockWriter {
 public:
  BlockWriter(Losses& losses, Arena& arena, json::Writer& to)
      : losses_(losses), arena_(arena), to_(to) {}

  // Appends the block to the array that is open, or nothing.
  Result<void> write(const Part& part);
  void text(std::string_view text);
  // Is there a block for this part?
  static bool is_written(const Part& part);

 private:
  Result<void> write(const Text& text, const Part& part);
  Result<void> write(const Media& media, const Part& part);
  Result<void> write(const ToolCall& call, const Part& part);
  Result<void> write(const ToolResult& result, const Part& part);
  Result<void> write(const Thinking& thinking, const Part& part);
  Result<void> write(const Refusal& refusal, const Part& part);
  Result<void> write(const Foreign& block, const Part& part);

  Result<void> write_source(const Media& media);
  void write_citations(const Text& text);
  // The end of the block: its cache mark and what only this dialect knows.
  Result<void> finish(const Part& part);
  std::string_view call_id(std::string_view id, std::size_t& unnamed);

  Losses& losses_;
  Arena& arena_;
  json::Writer& to_;
  std::size_t unnamed_calls_ = 0;
  std::size_t unnamed_results_ = 0;
};

}  // namespace sluice::dialect
