// The content blocks of an answer in Anthropic's words: as frames, or gathered as the array's
// elements.
#pragma once

#include "sluice/conversation.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::dialect {

// JSON as it came, but on one line: the data of an event.
std::string one_line(std::string_view json);

class AnswerWriter {
 public:
  enum class Kind : std::uint8_t { None, Text, Thinking, Call };

  explicit AnswerWriter(bool stream) : stream_(stream) {}

  Kind open() const { return open_; }
  void begin_text(std::string& out);
  void text(std::string_view text, std::string& out);
  void citation(const Citation& citation, std::string& out);
  void begin_thinking(std::string& out);
  void thought(std::string_view text, std::string& out);
  void seal(const Sealed& seal, std::string& out);  // Ends the block.
  void redacted(const Sealed& seal, std::string& out);
  void begin_call(std::string_view id, std::string_view name, std::string& out);
  void arguments(std::string_view piece, std::string& out);
  void media(const Media& media, std::string& out);
  // A whole block as it came.
  void foreign(std::string_view json, std::string& out);
  void end_block(std::string& out);

  // Those that ended, of a whole answer, with commas between them.
  const std::string& blocks() const { return blocks_; }

 private:
  void begin_frame(std::string& out, std::string_view event) const;
  void end_frame(std::string& out) const;
  void begin(Kind kind, std::string_view empty_block, std::string& out);
  void delta(std::string_view type, std::string_view key, std::string_view text, std::string& out);
  void whole_block(std::string_view json, std::string& out);
  std::string gathered_block() const;

  bool stream_;
  Kind open_ = Kind::None;
  std::uint32_t index_ = 0;
  std::string blocks_;
  // Of the open block of a whole answer.
  std::string text_;
  std::string citations_;
  std::string signature_;
  std::string id_;
  std::string name_;
};

}  // namespace sluice::dialect
