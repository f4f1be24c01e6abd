// The content blocks of Anthropic's answers, told as events.
#pragma once

#include "sluice/provider.h"

#include "base/json.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::dialect {

// Follows the blocks of one answer. Those that only this dialect has are gathered until they are
// whole.
class AnswerBlocks {
 public:
  void start(std::uint32_t index, const json::Value& block, Meaning& meaning);
  void delta(std::uint32_t index, const json::Value& delta, Meaning& meaning);
  void stop(std::uint32_t index, Meaning& meaning);
  // No block follows.
  void end(Meaning& meaning) { tell_seal(meaning); }

 private:
  enum class Kind : std::uint8_t { Text, Thinking, Call, Foreign };
  struct Block {
    std::uint32_t index = 0;
    Kind kind = Kind::Foreign;
    std::uint32_t call = 0;  // Of a call: which one of the answer.
    bool told = false;       // Of a call: some of its arguments.
    std::string type;        // Of a foreign one.
    std::string json;        // Of a foreign one: as it began. Of a call: its input then.
    std::string gathered;    // Of a thought: its signature. Of a foreign one: its input.
    std::string content;     // Of a foreign one: what its deltas called so.
    std::vector<std::string> citations;  // Of a text: told when it is whole.
  };

  void tell_seal(Meaning& meaning);
  Block* find(std::uint32_t index);
  void start_thinking(Block& block, const json::Value& value, Meaning& meaning);
  void start_call(Block& block, const json::Value& value, Meaning& meaning);
  static void finish_text(const Block& block, Meaning& meaning);
  void finish_foreign(const Block& block, Meaning& meaning);

  std::vector<Block> open_;
  std::uint32_t calls_ = 0;
  std::string seal_;  // Heard, and perhaps the next call's.
};

}  // namespace sluice::dialect
