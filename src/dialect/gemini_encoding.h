// One candidate of an answer that is being written for Gemini's clients.
#pragma once

#include "sluice/reply.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::dialect {

class GeminiCandidateWriter {
 public:
  explicit GeminiCandidateWriter(std::uint32_t index) : index_(index) {}

  std::uint32_t index() const { return index_; }
  // There is something that was not written yet.
  bool has_news() const { return !parts_.empty() || !members_.empty(); }

  void text(std::string_view text);
  void thought(std::string_view text);
  void sealed(const ReasoningSealed& seal);
  void call(const ToolCallDelta& delta);
  void media(std::string_view media_type, std::string_view base64);
  void file(const Media& media);
  void foreign(const Foreign& block);
  void cite(const Citation& citation);
  void logprobs(const LogprobsDelta& delta);
  void member(std::string_view name, std::string_view json);
  void stopped(const ReplyStopped& stopped);
  // The calls that were begun are whole.
  void write_calls();

  // Appends the candidate, with how it ended at its end, and forgets what it said.
  void write(bool last, std::string& out);

 private:
  enum class Open : std::uint8_t { None, Text, Thought };
  struct Call {
    std::uint32_t index = 0;
    ToolKind kind = ToolKind::Function;
    std::string id = {};
    std::string name = {};
    std::string arguments = {};
    std::string signature = {};  // Already in Gemini's form.
  };
  struct Source {
    std::string url;
    std::string title;
  };
  struct Support {
    std::size_t source = 0;
    std::int64_t begin = -1;
    std::int64_t end = -1;
  };

  void begin_part();
  void close_text();
  void write_call(const Call& call);
  void write_grounding(std::string& out) const;

  std::uint32_t index_;
  std::string parts_;
  Open open_ = Open::None;
  bool thinking_ = false;  // The last block was one of thoughts.
  std::vector<Call> calls_;
  std::string members_;    // Of the candidate, each with a comma before it.
  bool grounded_ = false;  // By Gemini's own metadata.
  std::vector<Source> sources_;
  std::vector<Support> supports_;
  std::string spoken_;  // What citations point into.
  std::string_view finish_;
};

}  // namespace sluice::dialect
