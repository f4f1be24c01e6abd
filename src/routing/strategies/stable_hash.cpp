#include "routing/strategies/stable_hash.h"

#include <bit>
#include <cstddef>

namespace sluice::routing {
namespace {

constexpr std::size_t kWord = 8;

// The lowest byte first, on every machine.
std::uint64_t word_of(std::string_view bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return word;
}

std::uint64_t absorbed(std::uint64_t state, std::uint64_t word) {
  word *= 0x9fb21c651e98df25;
  return std::rotl(state ^ word ^ (word >> 35), 27) * 0xd6e8feb86659fd93 + 0x2545f4914f6cdd1d;
}

}  // namespace

std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t state = mixed(text.size() + 0x5851f42d4c957f2d);
  while (text.size() >= kWord) {
    state = absorbed(state, word_of(text.substr(0, kWord)));
    text.remove_prefix(kWord);
  }
  if (!text.empty()) state = absorbed(state, word_of(text));
  return mixed(state);
}

}  // namespace sluice::routing
