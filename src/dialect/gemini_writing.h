// The pieces of Gemini's writer.
#pragma once

#include "base/json_writer.h"
#include "dialect/conversation_dialect.h"
#include "dialect/gemini_words.h"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sluice::dialect {

struct GeminiDraft {
  const Conversation& conversation;
  const Wanted& wanted;
  Losses& losses;
  Arena& arena;
  json::Writer& out;
};

// The member "contents", and "systemInstruction" before it.
class GeminiContents {
 public:
  explicit GeminiContents(GeminiDraft& draft);
  Result<void> write();

 private:
  Result<void> write_system(std::size_t& next);
  Result<void> write_turn(const Turn& turn);
  Result<void> write_part(const Part& part);
  Result<void> write_media(const Media& media, const Part* part);
  Result<void> write_call(const ToolCall& call, const Part& part);
  Result<void> write_result(const ToolResult& result, const Part& part);
  void write_response(const ToolResult& result);
  Result<bool> write_response_parts(const ToolResult& result);
  Result<void> write_thinking(const Thinking& thinking, const Part& part);
  void write_text(std::string_view text, const Part* part);
  void write_extras(const Part& part);
  Result<void> lose_from(const Part& part);
  void open_content();
  void begin_part();
  Result<void> close_content();
  std::string_view name_of_call(std::string_view id);

  GeminiDraft& draft_;
  json::Writer& out_;
  const bool signs_calls_;  // A model that refuses calls without a signature.
  const bool media_in_results_;
  std::string_view role_;      // Of the content that the next part belongs to.
  bool open_ = false;          // It was begun.
  bool of_results_ = false;    // It holds results of tools.
  bool call_written_ = false;  // In this content.
  bool any_content_ = false;
  std::vector<Media> behind_;  // Media of results, for models that take them only behind those.
  std::optional<std::unordered_map<std::string_view, std::string_view>> names_;
};

// "tools" and "toolConfig".
Result<void> write_gemini_tools(GeminiDraft& draft);
// "generationConfig".
Result<void> write_gemini_config(GeminiDraft& draft);

// Gemini's own extras directly below `object`, as its members; with "" those of the body.
void write_gemini_extras(GeminiDraft& draft, std::string_view object);
bool has_gemini_extra(const Conversation& conversation, std::string_view object,
                      std::string_view name = {});

}  // namespace sluice::dialect
