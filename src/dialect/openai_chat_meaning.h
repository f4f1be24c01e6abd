// What choices of chat completions say, in our own words: deltas of streams and whole messages.
#pragma once

#include "sluice/provider.h"

#include "base/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::dialect::chat {

// The members of a delta or message that are content.
enum DeltaField : std::uint8_t {
  Content,
  ReasoningContent,
  ReasoningText,
  ReasoningDetails,
  ThinkingBlocks,
  RefusalText,
  ToolCalls,
  FunctionCall,
  Audio,
  Images,
  Annotations,
  ExtraContent,
};
inline constexpr std::string_view kDeltaFields[] = {"content",         "reasoning_content",
                                                    "reasoning",       "reasoning_details",
                                                    "thinking_blocks", "refusal",
                                                    "tool_calls",      "function_call",
                                                    "audio",           "images",
                                                    "annotations",     "extra_content"};
using DeltaFields = std::array<std::optional<json::Value>, std::size(kDeltaFields)>;

FinishReason finish_reason(std::string_view word);

// Remembers of a stream what its next chunk does not say again.
class Teller {
 public:
  // The answer's "id", "model", "created"; only once.
  void start(const json::Value& root, Meaning& meaning);
  void delta(const DeltaFields& fields, std::uint32_t choice, bool whole, Meaning& meaning);
  // The rest of a choice: "logprobs", "finish_reason".
  void close(const json::Value& choice, std::uint32_t number, Meaning& meaning);
  // What else stands beside the choices. Sources are told with the last of them.
  void extras(const json::Value& root, bool with_sources, Meaning& meaning);

  bool started() const { return started_; }

 private:
  struct Call {
    std::uint32_t choice;
    std::int64_t native;  // Its index as told; -1: none.
    std::size_t id;       // Hashed.
    std::uint32_t index;  // Ours.
    bool named;
  };

  void thoughts(const DeltaFields& fields, std::uint32_t choice, Meaning& meaning);
  void block(const json::Value& block, std::uint32_t choice, Meaning& meaning);
  void content(const json::Value& content, std::uint32_t choice, Meaning& meaning);
  void part(const json::Value& part, std::uint32_t choice, Meaning& meaning);
  void calls(const json::Value& calls, std::uint32_t choice, bool whole, Meaning& meaning);
  void call(const json::Value& call, std::uint32_t choice, bool whole, Meaning& meaning);
  void function(const json::Value& call, std::uint32_t choice, Meaning& meaning);
  void begin(ToolCallDelta& delta, std::int64_t native, bool whole, Meaning& meaning);
  void annotations(const json::Value& annotations, std::uint32_t choice, Meaning& meaning);
  bool is_new(std::string_view name, std::string_view json);

  bool started_ = false;
  bool cited_ = false;
  std::uint64_t stopped_ = 0;  // A bit per choice; those above 63 are trusted to stop once.
  std::string id_;             // Of the answer, for calls that have none.
  std::vector<Call> calls_;
  std::vector<std::pair<std::size_t, std::size_t>> extras_;  // Name and value, hashed.
};

}  // namespace sluice::dialect::chat
