// The stream of a chat completion: chunks, each with one delta of one choice.
#pragma once

#include "dialect/conversation_dialect.h"
#include "dialect/openai_chat_words.h"

#include <optional>
#include <string>
#include <vector>

namespace sluice::dialect::chat {

class StreamEncoder final : public Encoder {
 public:
  explicit StreamEncoder(const Shape& shape);

  std::string_view content_type() const override { return "text/event-stream"; }
  void say(std::span<const Event> events, std::string& out) override;
  void end(std::string& out) override;

 private:
  struct Choice {
    std::uint32_t number = 0;
    Said said;
    bool thought_open = false;  // A text of thoughts that is not yet sealed.
    bool summary = false;
    bool stopped = false;
    std::uint32_t thoughts = 0;    // That were ended.
    std::int64_t letters = 0;      // Of the text so far.
    std::int64_t block_begin = 0;  // Where its last block began, in letters.
    FinishReason reason = FinishReason::Stop;
    std::string stop_sequence = {};
    std::string annotations = {};  // Elements of an array.
  };
  // A function call whose arguments are those of a custom tool: kept until they are complete.
  struct Held {
    std::uint32_t choice = 0;
    std::uint32_t index = 0;
    std::string head = {};  // Its delta up to the input.
    std::string arguments;
  };

  void say(const Event& event, const Event* next, std::string& out);
  void started(const ReplyStarted& said);
  void extra(const Extra& extra);
  void text(const TextDelta& delta, const Event* next, std::string& out);
  void reasoning(const ReasoningDelta& delta, std::string& out);
  void sealed(const ReasoningSealed& sealed, std::string& out);
  void call(const ToolCallDelta& delta, std::string& out);
  void begin_call(const ToolCallDelta& delta, bool custom, std::string& out) const;
  void cite(const CitationMade& made, std::string& out);
  void tell_citations(Choice& choice, std::string& out);
  void stop(const ReplyStopped& stopped, std::string& out);

  Choice& choice(std::uint32_t number, std::string& out);
  void open(std::uint32_t number, std::string& out);
  void close(std::string& out, std::string_view logprobs = "null");
  void finish(Choice& choice, std::string& out);
  void release(std::string& out);
  void tail(std::string& out);
  void make_head();
  bool is_of_custom_tool(std::string_view name) const;

  Shape shape_;
  bool functions_ = false;
  std::string id_;
  std::string model_;
  std::string tier_;         // JSON, as long as the chunks go.
  std::string fingerprint_;  // Likewise.
  std::int64_t created_ = 0;
  std::string head_;    // What every chunk begins with; empty: to be made.
  std::string extras_;  // Members that the next chunk says.
  std::vector<Choice> choices_;
  std::optional<Held> held_;
  std::optional<Usage> usage_;
};

}  // namespace sluice::dialect::chat
