// The documents of expect.mjs, made again byte for byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::ledger {

class Documents {
 public:
  // `fragments`: the file fragments.txt, a fragment per line.
  explicit Documents(std::string_view fragments);

  // Of a line's first two words.
  std::string make(std::string_view kind, const std::string& argument) const;

 private:
  std::string mix(std::uint32_t seed) const;
  static std::string block(char32_t first);

  std::vector<std::string> fragments_;
};

std::string read_file(const std::string& path);

// The same numbers here and in expect.mjs.
class Random {
 public:
  explicit Random(std::uint32_t seed) : state_(seed ^ 0x9E3779B9U) {}
  std::uint32_t below(std::size_t limit) {
    state_ = state_ * 1664525U + 1013904223U;
    return static_cast<std::uint32_t>((state_ >> 8U) % limit);
  }
  template <class List>
  const auto& one_of(const List& list) {
    return list[below(std::size(list))];
  }

 private:
  std::uint32_t state_;
};

template <class Numbers>
std::uint32_t hash_of(const Numbers& numbers) {
  std::uint32_t state = 0x811C9DC5U;
  for (const auto number : numbers) {
    const auto value = sizeof(number) == 1 ? static_cast<unsigned char>(number) : number;
    state = (state ^ static_cast<std::uint32_t>(value)) * 0x01000193U;
  }
  return state;
}

}  // namespace sluice::ledger
