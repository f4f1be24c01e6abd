// How many tokens a text is.
#pragma once

#include "ledger/tokens_encoding.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sluice::ledger {

// Exact, with the names of special tokens as the ordinary text they are. What is not UTF-8 counts
// as the U+FFFD that a decoder would put there. The first use of an encoding makes its tables
// (about 60 ms for o200k, 20 ms for cl100k; they stay); time then grows with the length of the
// text. Any thread may call this.
std::uint64_t count_tokens(Encoding encoding, std::string_view text);
std::vector<Token> encode(Encoding encoding, std::string_view text);

// Makes the tables of an encoding now, on this thread.
void prepare_tokens(Encoding encoding);

// The encoding of a model of OpenAI's, however it is dated or fine-tuned; nothing when it is not
// known to be public.
std::optional<Encoding> encoding_of(std::string_view model);

struct TokenCount {
  std::uint64_t tokens = 0;
  bool exact = false;
};

// What `vendor`'s `model` makes of a text: exact for models of a known encoding, else an estimate.
// `vendor` is a provider's kind ("openai", "azure", "anthropic" …); models that are sold under
// several vendors' names are told by their own.
TokenCount count_tokens(std::string_view vendor, std::string_view model, std::string_view text);

// What a chat of OpenAI's costs beyond the tokens of its roles, names and contents.
struct ChatOverhead {
  static constexpr std::uint64_t kPerMessage = 3;
  static constexpr std::uint64_t kPerName = 1;
  static constexpr std::uint64_t kForTheAnswer = 3;
};
constexpr std::uint64_t chat_overhead(std::size_t messages, std::size_t names) {
  return messages * ChatOverhead::kPerMessage + names * ChatOverhead::kPerName +
         ChatOverhead::kForTheAnswer;
}

}  // namespace sluice::ledger
