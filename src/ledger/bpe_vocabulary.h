// The tokens of an encoding: which bytes are one, and which may stand beside each other.
#pragma once

#include "ledger/bpe_ranks.h"
#include "ledger/tokens_encoding.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::ledger {

inline constexpr Token kNoToken = UINT32_MAX;

// Immutable; flat tables of 9.9 MB for o200k and 5.0 MB for cl100k.
class Vocabulary {
 public:
  // `ranks`: as inflate_ranks() gives them.
  Vocabulary(std::string_view ranks, RanksSize size);

  // The token of exactly these bytes, or kNoToken.
  Token find(std::string_view bytes) const;
  // The longest token that `text`, not empty, begins with.
  Token longest(std::string_view text) const;
  // The longest token that `token` begins with, save itself; kNoToken for a single byte.
  Token shorter(Token token) const { return shorter_[token]; }
  // Whether the encoding of the bytes of both, joined, is these two tokens.
  bool may_adjoin(Token left, Token right) const;

  std::string_view bytes(Token token) const {
    return std::string_view(bytes_).substr(starts_[token], length(token));
  }
  std::size_t length(Token token) const { return starts_[token + 1] - starts_[token]; }
  std::size_t size() const { return joins_.size(); }
  std::size_t longest_length() const { return longest_length_; }
  // Bytes that its tables take.
  std::size_t footprint() const;

 private:
  // What the encoding joined last to make a token; nothing for single bytes.
  struct Join {
    Token left = kNoToken;
    Token right = kNoToken;
    bool operator==(const Join&) const = default;
  };

  void join_all(std::string_view ranks);
  void sort();
  void index();
  Token joined(Token left, Token right) const;

  std::string bytes_;
  std::vector<std::uint32_t> starts_;
  std::vector<Join> joins_;
  std::vector<Token> shorter_;
  std::vector<Token> single_;                // By byte.
  std::vector<Token> sorted_;                // By their bytes, without the single bytes.
  std::vector<std::uint32_t> first_sorted_;  // By the first two bytes; one more at the end.
  // Open hash tables, by bytes and by join. A slot holds a token and above it bits of its hash;
  // 0 is an empty one, for token 0 is a single byte and in neither.
  std::vector<std::uint32_t> by_bytes_;
  std::vector<std::uint32_t> by_join_;
  std::size_t longest_length_ = 1;
};

}  // namespace sluice::ledger
