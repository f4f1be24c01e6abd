// The content blocks of an answer in Converse's words: as messages of a stream, or gathered as the
// array's elements.
#pragma once

#include "sluice/conversation.h"

#include "base/json_writer.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::dialect {

class ConverseAnswerWriter {
 public:
  enum class Kind : std::uint8_t { None, Text, Thinking, Call };

  explicit ConverseAnswerWriter(bool stream) : stream_(stream) {}

  Kind open() const { return open_; }
  void begin(Kind kind) { open_ = kind; }
  void text(std::string_view text, std::string& out);
  void citation(const Citation& citation, std::string& out);
  void thought(std::string_view text, std::string& out);
  void seal(const Sealed& seal, std::string& out);  // Ends the block.
  void redacted(const Sealed& seal, std::string& out);
  void begin_call(std::string_view id, std::string_view name, std::string& out);
  void arguments(std::string_view piece, std::string& out);
  void image(const Media& media, std::string& out);
  // What the provider's own tools did: a whole block as it came.
  void foreign(std::string_view json, std::string& out);
  void end_block(std::string& out);

  // Those that ended, of a whole answer, with commas between them.
  const std::string& blocks() const { return blocks_; }

  // One message of a stream.
  static void append(std::string& out, std::string_view event, std::string_view payload);

 private:
  json::Writer begin_event(std::string_view member);
  void send(json::Writer& event, std::string_view name, std::string& out);
  json::Writer begin_whole();
  std::string gathered_block() const;

  bool stream_;
  Kind open_ = Kind::None;
  std::uint32_t index_ = 0;
  std::string blocks_;
  std::string payload_;  // Of the message that is written.
  // Of the open block of a whole answer.
  std::string text_;
  std::string citations_;
  std::string signature_;
  std::string id_;
  std::string name_;
};

}  // namespace sluice::dialect
