// The classes of characters by which the encodings split text.
#pragma once

#include <cstdint>

namespace sluice::ledger {

enum class CharacterClass : std::uint8_t {
  Other,    // Punctuation, symbols, control characters, what is unassigned.
  Upper,    // \p{Lu}\p{Lt}
  Lower,    // \p{Ll}
  Letter,   // \p{Lm}\p{Lo}: of neither case.
  Mark,     // \p{M}
  Number,   // \p{N}
  Space,    // \s but for:
  Newline,  // \r\n
};

namespace tables {
#include "ledger/tokens_classes.inc"
}  // namespace tables

// `character`: at most U+10FFFF.
constexpr CharacterClass class_of(char32_t character) {
  const auto both = tables::kBlocks[tables::kBlockOf[character / 128]][character % 128 / 2];
  return static_cast<CharacterClass>(character % 2 == 0 ? both & 0xFU : both >> 4U);
}

}  // namespace sluice::ledger
