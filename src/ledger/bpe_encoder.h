// Byte-pair encoding of one piece of text, in time that grows with its length and no faster.
//
// What is encoded is what repeatedly joining the two neighbours of the lowest rank would give. Any
// row of tokens in which each may stand beside the next is that encoding, and there is only one.
// So the encoder walks forward with the longest token that may follow; where none may, it goes
// back, shortens the token before, and never tries again to stop at the place it came from.
#pragma once

#include "ledger/bpe_vocabulary.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sluice::ledger {

class PieceEncoder {
 public:
  explicit PieceEncoder(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  // The tokens of `piece`, not empty; until the next call.
  std::span<const Token> encode(std::string_view piece);
  std::size_t count(std::string_view piece) { return encode(piece).size(); }

  // How many tokens were considered since the beginning.
  std::uint64_t considered() const { return considered_; }

 private:
  bool is_dead_end(std::size_t at) const { return (dead_ends_[at / 64] >> (at % 64) & 1U) != 0; }
  bool may_adjoin(Token left, Token right);
  // The first of `candidate` and its shorter ones that may follow; kNoToken when none may.
  Token fitting(std::size_t from, Token candidate);

  const Vocabulary& vocabulary_;
  std::vector<Token> tokens_;
  std::vector<std::uint64_t> dead_ends_;
  // What was answered for pairs of tokens, each of which has one place: a pair and its answer. Text
  // that asks much of the encoder, rows of dashes above all, asks the same again and again.
  std::vector<std::uint64_t> answers_;
  std::uint64_t considered_ = 0;
};

}  // namespace sluice::ledger
