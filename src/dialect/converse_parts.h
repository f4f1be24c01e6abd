// The parts of a turn, written as Converse's content blocks.
#pragma once

#include "dialect/converse_writing.h"

#include <string_view>

namespace sluice::dialect::converse {

// The API refuses texts of white space.
bool says_something(std::string_view text);

class BlockWriter {
 public:
  explicit BlockWriter(Writing& to) : to_(to), names_(to.arena) {}

  // Appends the block to the array that is open, and its cache mark; or nothing.
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

  Result<bool> can_take(const Media& media, std::string_view format);
  void write_source(const Media& media, std::string_view base64);
  Result<void> write_extras(const Part& part);
  std::string_view document_name(std::string_view told);
  std::string_view call_id(std::string_view id, std::size_t& unnamed);

  Writing& to_;
  ArenaList<std::string_view> names_;  // Of documents: each has its own.
  std::size_t unnamed_calls_ = 0;
  std::size_t unnamed_results_ = 0;
};

}  // namespace sluice::dialect::converse
