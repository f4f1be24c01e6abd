// The pieces of Gemini's reader and writer: contents, settings, tools.
#pragma once

#include "dialect/arena_list.h"
#include "dialect/gemini_words.h"

#include <optional>
#include <string_view>

namespace sluice::dialect {

inline bool gemini_given(const json::Value& value) {
  return value.kind() != json::Kind::Null;
}

// Calls that wait for their results. Gemini's often have no ids: results answer them in order, by
// the function's name.
class GeminiCalls {
 public:
  explicit GeminiCalls(Arena& arena) : arena_(&arena), open_(arena) {}

  // A model's turn begins: whatever was not answered before never will be.
  void new_turn();
  // The id of this call: its own, or one made for it.
  std::string_view call(std::string_view id, std::string_view name);
  // The id of the call that this result answers.
  std::string_view answer(std::string_view id, std::string_view name);

 private:
  struct Open {
    std::string_view id;
    std::string_view name;
    bool answered = false;
  };
  Arena* arena_;
  ArenaList<Open> open_;
  std::size_t first_ = 0;  // Of open_, not answered.
  std::uint64_t made_ = 0;
};

// How the ids that Gemini's calls lack begin; they are not told to Gemini again.
inline constexpr std::string_view kGeminiMadeId = "call_of_gemini_";

// Appends the parts that one part of Gemini's is: a sealed text may be two.
Result<void> read_gemini_part(const json::Value& part, GeminiCalls& calls, Arena& arena,
                              ArenaList<Part>& parts);

Result<void> read_gemini(const json::Value& body, Arena& arena, Conversation& conversation);

// Of the body's members of these names. What only Gemini has is added to `extras`.
Result<void> read_gemini_config(const json::Value& config, Arena& arena, Conversation& conversation,
                                ArenaList<Extra>& extras);
Result<void> read_gemini_tools(const json::Value& tools, Arena& arena, Conversation& conversation);
Result<void> read_gemini_tool_config(const json::Value& config, Arena& arena,
                                     Conversation& conversation, ArenaList<Extra>& extras);

}  // namespace sluice::dialect
