// Cuts text into the pieces that are encoded by themselves, as the encodings' regular expressions
// do.
//
//   o200k: [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+CONTRACTION?
//         |
//         [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*CONTRACTION?
//         | \p{N}{1,3} | ?[^\s\p{L}\p{N}]+[\r\n/]* | \s*[\r\n]+ | \s+(?!\S) | \s+
//   cl100k: CONTRACTION | [^\r\n\p{L}\p{N}]?\p{L}+
//         | \p{N}{1,3} | ?[^\s\p{L}\p{N}]+[\r\n]*  | \s*[\r\n]+ | \s+(?!\S) | \s+
//   CONTRACTION: (?i:'s|'t|'re|'ve|'m|'ll|'d)
//
// The first alternative that matches wins, each as long as it can be.
#pragma once

#include "ledger/tokens_classes.h"
#include "ledger/tokens_encoding.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::ledger {

class TextSplitter {
 public:
  // `text`: UTF-8. What is not is cut somewhere all the same.
  TextSplitter(Encoding encoding, std::string_view text) : encoding_(encoding), text_(text) {}

  // The next piece, empty at the end. The pieces, joined, are the text.
  std::string_view next();

  // How many characters were looked at since the beginning, some of them more than once.
  std::uint64_t looked_at() const { return looked_at_; }

 private:
  struct Character {
    CharacterClass kind;
    std::uint8_t length;  // In bytes; 0 at the end of the text.
  };
  using Classes = unsigned;  // A bit for each.

  Character character(std::size_t at);
  std::size_t skip(std::size_t at, Classes classes);
  std::size_t contraction(std::size_t at) const;
  // Each gives the end of what it matches at `at`, or 0.
  std::size_t word(std::size_t at, Character first);
  std::size_t mixed_case(std::size_t at);
  std::size_t upper_case(std::size_t at);
  std::size_t letters(std::size_t at);
  std::size_t numbers(std::size_t at);
  std::size_t symbols(std::size_t at, Character first);
  std::size_t spaces(std::size_t at);

  Encoding encoding_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::uint64_t looked_at_ = 0;
};

}  // namespace sluice::ledger
