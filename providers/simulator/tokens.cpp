#include "providers/simulator/tokens.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sluice::providers::simulator {
namespace {

constexpr std::size_t kLongestPiece = 16;

enum Kind : std::uint8_t { Space, Word, Other };

constexpr std::array<Kind, 256> kKinds = [] {
  std::array<Kind, 256> kinds{};
  for (std::size_t byte = 0; byte < kinds.size(); ++byte) {
    bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    bool word = letter || (byte >= '0' && byte <= '9') || byte == '_' || byte >= 0x80;
    bool space = byte == ' ' || (byte >= '\t' && byte <= '\r');
    kinds[byte] = word ? Word : space ? Space : Other;
  }
  return kinds;
}();

Kind kind_at(std::string_view text, std::size_t at) {
  return kKinds[static_cast<unsigned char>(text[at])];
}

bool continues_character(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

}  // namespace

std::size_t piece_end(std::string_view text, std::size_t start) {
  auto limit = std::min(text.size(), start + kLongestPiece);
  auto at = start;
  while (at < limit && kind_at(text, at) == Space) ++at;
  if (at == limit) return at;
  if (kind_at(text, at) == Other) return at + 1;
  while (at < limit && kind_at(text, at) == Word) ++at;
  auto whole = at;
  while (whole > start && continues_character(text, whole)) --whole;
  return whole > start ? whole : at;
}

std::size_t count_pieces(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) at = piece_end(text, at);
  return count;
}

}  // namespace sluice::providers::simulator
