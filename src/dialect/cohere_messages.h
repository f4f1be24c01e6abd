// The messages of a request to Cohere's chat, and the documents that it may cite from.
#pragma once

#include "base/json_writer.h"
#include "dialect/arena_list.h"
#include "dialect/conversation_dialect.h"

#include <span>
#include <string_view>

namespace sluice::dialect {

// The model has thoughts of its own: it can be told to think, and what it thought.
bool cohere_thinks(const Wanted& wanted);

class CohereMessages {
 public:
  CohereMessages(const Wanted& wanted, Losses& losses, Arena& arena, json::Writer& to)
      : wanted_(wanted), losses_(losses), arena_(arena), to_(to), documents_(arena) {}

  // "messages" and "documents". `instruction` is the system's first word.
  Result<void> write(std::span<const Turn> turns, std::string_view instruction);

 private:
  Result<void> write_turn(const Turn& turn);
  Result<void> write_results(const Turn& turn);
  Result<void> write_result(const ToolResult& result, const Part& part);
  Result<void> write_said(const Turn& turn);
  Result<void> write_assistant(const Turn& turn);
  Result<void> write_content(const Turn& turn, bool thinks);
  Result<void> write_calls(const Turn& turn);
  Result<void> write_part(const Part& part, bool assistant);
  Result<void> write_media(const Media& media);
  Result<void> tell_losses(const Part& part);
  void write_text(std::string_view text);
  void write_documents();
  bool is_written(const Part& part, bool thinks) const;

  const Wanted& wanted_;
  Losses& losses_;
  Arena& arena_;
  json::Writer& to_;
  ArenaList<Media> documents_;
};

}  // namespace sluice::dialect
