// The encodings of OpenAI that are counted exactly.
#pragma once

#include <cstdint>

namespace sluice::ledger {

enum class Encoding : std::uint8_t { Cl100k, O200k };

// A token is named by its rank: 0 to 255 are the single bytes, and of two possible joins the one
// with the lower rank is made first.
using Token = std::uint32_t;

}  // namespace sluice::ledger
