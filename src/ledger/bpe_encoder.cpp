#include "ledger/bpe_encoder.h"

namespace sluice::ledger {
namespace {

// For pieces of this many bytes answers are remembered, so many of them.
constexpr std::size_t kLongPiece = 256;
constexpr std::size_t kAnswers = 16'384;

}  // namespace

std::span<const Token> PieceEncoder::encode(std::string_view piece) {
  tokens_.clear();
  ++considered_;
  // A token as a whole is itself, and most pieces are one.
  if (const Token whole = vocabulary_.find(piece); whole != kNoToken) {
    tokens_.push_back(whole);
    return tokens_;
  }

  if (piece.size() >= kLongPiece) answers_.resize(kAnswers);
  dead_ends_.assign(piece.size() / 64 + 1, 0);
  std::size_t at = 0;
  Token candidate = vocabulary_.longest(piece);
  while (true) {
    const Token next = fitting(at, candidate);
    if (next == kNoToken) {
      // Never with no token behind: the encoding itself could be followed from the beginning.
      dead_ends_[at / 64] |= std::uint64_t{1} << (at % 64);
      candidate = tokens_.back();
      tokens_.pop_back();
      at -= vocabulary_.length(candidate);
      continue;
    }
    tokens_.push_back(next);
    at += vocabulary_.length(next);
    if (at == piece.size()) return tokens_;
    candidate = vocabulary_.longest(piece.substr(at));
  }
}

Token PieceEncoder::fitting(std::size_t from, Token candidate) {
  for (; candidate != kNoToken; candidate = vocabulary_.shorter(candidate)) {
    ++considered_;
    if (is_dead_end(from + vocabulary_.length(candidate))) continue;
    if (tokens_.empty() || may_adjoin(tokens_.back(), candidate)) break;
  }
  return candidate;
}

bool PieceEncoder::may_adjoin(Token left, Token right) {
  if (answers_.empty()) return vocabulary_.may_adjoin(left, right);
  // The highest bit tells a pair from an unused place, the lowest is the answer.
  const auto pair = std::uint64_t{1} << 63U | std::uint64_t{left} << 32U | right << 1U;
  auto& place = answers_[(left * 127U + right) % kAnswers];
  if ((place & ~std::uint64_t{1}) != pair) {
    place = pair | (vocabulary_.may_adjoin(left, right) ? 1U : 0U);
  }
  return (place & 1U) != 0;
}

}  // namespace sluice::ledger
