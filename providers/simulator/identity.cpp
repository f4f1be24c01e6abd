#include "providers/simulator/identity.h"

#include <array>
#include <cstddef>
#include <cstring>

namespace sluice::providers::simulator {

std::uint64_t mixed(std::uint64_t number) {
  number += 0x9E3779B97F4A7C15;
  number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9;
  number = (number ^ (number >> 27)) * 0x94D049BB133111EB;
  return number ^ (number >> 31);
}

std::uint64_t hash_of(std::string_view text, std::uint64_t seed) {
  auto hash = mixed(seed ^ text.size());
  while (!text.empty()) {
    std::uint64_t word = 0;
    const auto taken = text.substr(0, sizeof word);
    std::memcpy(&word, taken.data(), taken.size());
    hash = mixed(hash ^ word);
    text.remove_prefix(taken.size());
  }
  return hash;
}

void Identity::append_id(std::string& out, std::string_view prefix, std::uint64_t index) const {
  static constexpr std::string_view kLetters =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  constexpr int kWords = 3;
  constexpr int kLettersPerWord = 8;

  out += prefix;
  auto state = hash_of(prefix, hash + index);
  for (int word = 0; word < kWords; ++word) {
    state = mixed(state);
    auto rest = state;
    for (int letter = 0; letter < kLettersPerWord; ++letter, rest /= kLetters.size()) {
      out += kLetters[rest % kLetters.size()];
    }
  }
}

std::string Identity::id(std::string_view prefix, std::uint64_t index) const {
  std::string result;
  append_id(result, prefix, index);
  return result;
}

}  // namespace sluice::providers::simulator
