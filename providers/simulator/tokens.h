// Pieces of text, the simulator's tokens. No real tokenizer is imitated; the rule only has to be
// fast and the same everywhere:
//   piece = whitespace* ( word | one other character )      at most 16 bytes, never inside a UTF-8
//   sequence word  = ( ASCII letter | digit | "_" | non-ASCII character )+
#pragma once

#include <cstddef>
#include <string_view>

namespace sluice::providers::simulator {

// Where the piece that begins at `start` ends. `start` must be inside the text.
std::size_t piece_end(std::string_view text, std::size_t start);

std::size_t count_pieces(std::string_view text);

}  // namespace sluice::providers::simulator
