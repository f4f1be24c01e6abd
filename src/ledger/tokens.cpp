#include "ledger/tokens.h"

#include "ledger/bpe_encoder.h"
#include "ledger/tokens_splitter.h"
#include "ledger/tokens_utf8.h"

#include <string>

namespace sluice::ledger {
namespace {

// Never changes once it is made, and is made only when somebody counts.
const Vocabulary& vocabulary(Encoding encoding) {
  if (encoding == Encoding::Cl100k) {
    static const Vocabulary cl100k(inflate_ranks(Encoding::Cl100k), ranks_size(Encoding::Cl100k));
    return cl100k;
  }
  static const Vocabulary o200k(inflate_ranks(Encoding::O200k), ranks_size(Encoding::O200k));
  return o200k;
}

template <class Take>
void encode_pieces(Encoding encoding, std::string_view text, Take take) {
  std::string kept;
  TextSplitter splitter(encoding, well_formed(text, kept));
  PieceEncoder encoder(vocabulary(encoding));
  for (auto piece = splitter.next(); !piece.empty(); piece = splitter.next()) {
    take(encoder.encode(piece));
  }
}

}  // namespace

std::uint64_t count_tokens(Encoding encoding, std::string_view text) {
  std::uint64_t count = 0;
  encode_pieces(encoding, text, [&](std::span<const Token> tokens) { count += tokens.size(); });
  return count;
}

std::vector<Token> encode(Encoding encoding, std::string_view text) {
  std::vector<Token> all;
  encode_pieces(encoding, text, [&](std::span<const Token> tokens) {
    all.insert(all.end(), tokens.begin(), tokens.end());
  });
  return all;
}

void prepare_tokens(Encoding encoding) {
  vocabulary(encoding);
}

}  // namespace sluice::ledger
