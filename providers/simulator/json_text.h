// Writing JSON as text: the fixed parts of an answer are long, its values few.
#pragma once

#include "base/json_writer.h"

#include <concepts>
#include <string>
#include <string_view>

namespace sluice::providers::simulator {

void append_compact(std::string& out,
                    std::string_view json);  // Without the space between its tokens.
void append_number(std::string& out, long long number);

using json::append_escaped;

inline void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

// Texts as they are and numbers in decimal, one after the other.
template <class Piece>
void append_piece(std::string& out, const Piece& piece) {
  if constexpr (std::integral<Piece>) {
    append_number(out, static_cast<long long>(piece));
  } else {
    out += std::string_view(piece);
  }
}

template <class... Pieces>
void append(std::string& out, const Pieces&... pieces) {
  (append_piece(out, pieces), ...);
}

}  // namespace sluice::providers::simulator
