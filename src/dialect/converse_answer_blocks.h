// The content blocks of Converse's answers, told as events.
#pragma once

#include "sluice/provider.h"

#include "base/json.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::dialect {

// Follows the blocks of one answer. What the provider's own tools do is gathered until it is whole.
class ConverseAnswerBlocks {
 public:
  void start(std::uint32_t index, const json::Value& start, Meaning& meaning);
  void delta(std::uint32_t index, const json::Value& delta, Meaning& meaning);
  void stop(std::uint32_t index, Meaning& meaning);
  // Of an answer that is no stream.
  void whole(const json::Value& block, Meaning& meaning);
  // No block follows.
  void end(Meaning& meaning);

 private:
  enum class Kind : std::uint8_t { Text, Thinking, Call, OwnCall, OwnResult, Image };
  struct Block {
    std::uint32_t index = 0;
    Kind kind = Kind::Text;
    std::uint32_t call = 0;  // Of a call: which one of the answer.
    bool told = false;       // Of a call: some of its arguments.
    std::string head;        // Of the provider's own: as it began. Of an image: its format.
    std::string gathered;    // Of a thought: its signature. Of the provider's own: the rest.
    std::vector<std::string> citations;  // Of a text: told when it is whole.
  };

  Block* find(std::uint32_t index);
  Block& open(std::uint32_t index, Kind kind, Meaning& meaning);
  void start_call(Block& block, const json::Value& call, Meaning& meaning);
  void thought(std::uint32_t index, const json::Value& delta, Meaning& meaning);
  static void tell_citations(const Block& block, Meaning& meaning);
  static void tell_own(const Block& block, Meaning& meaning);
  void redacted(std::string_view base64, Meaning& meaning);
  void tell_seal(Meaning& meaning);
  static void media(const json::Value& image, MediaKind kind, Meaning& meaning);

  std::vector<Block> open_;
  std::uint32_t calls_ = 0;
  std::string seal_;  // Heard, and perhaps the next call's.
};

}  // namespace sluice::dialect
