// The messages of a request to Ollama's chat: one text each, and images beside it.
#pragma once

#include "base/json_writer.h"
#include "dialect/arena_list.h"
#include "dialect/conversation_dialect.h"

#include <span>
#include <string_view>

namespace sluice::dialect {

class OllamaMessages {
 public:
  OllamaMessages(std::span<const Turn> turns, Losses& losses, Arena& arena, json::Writer& to)
      : turns_(turns), losses_(losses), arena_(arena), to_(to) {}

  // "messages"
  Result<void> write();

 private:
  // What parts come to: what is said in one text, and shown beside it.
  struct Said {
    explicit Said(Arena& arena) : texts(arena), images(arena), thoughts(arena) {}
    ArenaList<Part> texts;
    ArenaList<std::string_view> images;  // In base64.
    ArenaList<Part> thoughts;
  };

  Result<void> write(const Turn& turn);
  Result<void> write_result(const ToolResult& result, const Part& part);
  Result<void> gather(const Part& part, Said& said);
  Result<void> gather(const Media& media, Said& said);
  Result<void> gather(const Thinking& thinking, Said& said);
  Result<void> write_calls(const Turn& turn);
  void write_said(const Said& said, std::string_view joint);
  std::string_view name_of(const ToolResult& result) const;

  std::span<const Turn> turns_;
  Losses& losses_;
  Arena& arena_;
  json::Writer& to_;
};

}  // namespace sluice::dialect
