// The ranks of the encodings as they lie in the program: compressed.
#pragma once

#include "ledger/tokens_encoding.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace sluice::ledger {

struct RanksSize {
  std::size_t tokens = 0;
  std::size_t bytes = 0;    // Of all tokens together.
  std::uint32_t crc32 = 0;  // Of the compressed ranks.
};

RanksSize ranks_size(Encoding encoding);

// Laid out as ranks/take.py says.
std::string inflate_ranks(Encoding encoding);

}  // namespace sluice::ledger
