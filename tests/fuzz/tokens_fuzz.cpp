// Counting tokens: pieces cover the text, tokens spell it, and joining by rank makes the same ones.
#include "ledger/bpe_encoder.h"
#include "ledger/tokens.h"
#include "ledger/tokens_estimate.h"
#include "ledger/tokens_splitter.h"
#include "ledger/tokens_utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::ledger {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

const Vocabulary& vocabulary(Encoding encoding) {
  static const Vocabulary vocabularies[] = {
      {inflate_ranks(Encoding::Cl100k), ranks_size(Encoding::Cl100k)},
      {inflate_ranks(Encoding::O200k), ranks_size(Encoding::O200k)}};
  return vocabularies[static_cast<std::size_t>(encoding)];
}

// The definition of the encoding, for short pieces.
std::size_t count_joined_by_rank(const Vocabulary& tokens, std::string_view piece) {
  std::vector<std::string> parts;
  for (const char byte : piece) parts.emplace_back(1, byte);
  while (true) {
    Token best = kNoToken;
    std::size_t at = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      const Token joined = tokens.find(parts[i] + parts[i + 1]);
      if (joined < best) best = joined, at = i;
    }
    if (best == kNoToken) return parts.size();
    parts[at] += parts[at + 1];
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
}

void check(Encoding encoding, std::string_view text) {
  const auto& tokens = vocabulary(encoding);
  TextSplitter splitter(encoding, text);
  PieceEncoder encoder(tokens);
  std::string pieces;
  for (auto piece = splitter.next(); !piece.empty(); piece = splitter.next()) {
    pieces += piece;
    std::string spelt;
    const auto found = encoder.encode(piece);
    for (const Token token : found) spelt += tokens.bytes(token);
    require(spelt == piece);
    if (piece.size() <= 128) require(found.size() == count_joined_by_rank(tokens, piece));
  }
  require(pieces == text);
  require(splitter.looked_at() <= 8 * text.size());
}

}  // namespace
}  // namespace sluice::ledger

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::ledger;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string kept;
  const auto plain = well_formed(text, kept);
  std::string kept_again;
  require(well_formed(plain, kept_again).data() == plain.data());

  for (const auto encoding : {Encoding::Cl100k, Encoding::O200k}) {
    check(encoding, text);
    check(encoding, plain);
    require(count_tokens(encoding, text) == encode(encoding, plain).size());
  }
  require((estimate_tokens(Tokenizer::Claude, text) == 0) == text.empty());
  return 0;
}
