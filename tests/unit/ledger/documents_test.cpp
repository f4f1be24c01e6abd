#include "unit/ledger/documents.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace sluice::ledger {
namespace {

std::string character(char32_t number) {
  if (number >= 0xD800 && number < 0xE000) number = 0xFFFD;
  const auto tail = [&](unsigned shift) {
    return static_cast<char>(0x80U | (number >> shift & 0x3FU));
  };
  if (number < 0x80) return {static_cast<char>(number)};
  if (number < 0x800) return {static_cast<char>(0xC0U | number >> 6U), tail(0)};
  if (number < 0x10000) return {static_cast<char>(0xE0U | number >> 12U), tail(6), tail(0)};
  return {static_cast<char>(0xF0U | number >> 18U), tail(12), tail(6), tail(0)};
}

std::string unescaped(std::string_view line) {
  std::string text;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] != '\\') {
      text += line[at];
    } else if (const char name = line[++at]; name == 'x') {
      text += static_cast<char>(std::stoi(std::string(line.substr(at + 1, 2)), nullptr, 16));
      at += 2;
    } else {
      text += name == 'n' ? '\n' : name == 'r' ? '\r' : name == 't' ? '\t' : name;
    }
  }
  return text;
}

template <class Make>
std::string repeated(std::size_t count, Make make) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += make();
  return text;
}

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::array<std::string_view, 14> kSpaces{
    " ", " ", " ", " ", " ", " ", "\t", "\t", "\n", "\n", "\r", "\u00A0", "\u3000", "\u2028"};
constexpr std::array<std::string_view, 32> kCased{
    "a", "A", "b", "B", "z", "Z", "ß", "É", "é", "ǅ", "ʰ", "字", "\u0301", "'", "’", "s",
    "S", "t", "T", "ſ", "d", "D", "l", "L", "m", "M", "r", "R",  "e",      "E", "v", "V"};
constexpr std::array<char32_t, 6> kPlanes{0x80, 0x800, 0x3000, 0x10000, 0x20000, 0x110000};

std::string special_part(unsigned kind, Random& random) {
  switch (kind) {
    case 10:
      return repeated(1 + random.below(8), [&] {
        const auto plane = random.one_of(kPlanes);
        return character(random.below(plane));
      });
    case 11:
      return repeated(1 + random.below(12),
                      [&] { return std::string(1, static_cast<char>('0' + random.below(10))); });
    case 12:
      return repeated(1 + random.below(200),
                      [&] { return std::string(1, random.one_of(kBase64)); });
    case 13:
      return repeated(1 + random.below(60), [&] { return random.one_of(kSpaces); });
    case 14:
      return repeated(1 + random.below(6),
                      [&] { return std::string(1, static_cast<char>(random.below(256))); });
    default:
      return repeated(1 + random.below(20), [&] { return random.one_of(kCased); });
  }
}

}  // namespace

Documents::Documents(std::string_view fragments) {
  for (std::size_t at = 0; at < fragments.size();) {
    const auto end = fragments.find('\n', at);
    fragments_.push_back(unescaped(fragments.substr(at, end - at)));
    at = end + 1;
  }
}

std::string Documents::make(std::string_view kind, const std::string& argument) const {
  if (kind == "file") return read_file(argument);
  const auto number = static_cast<std::uint32_t>(std::stoul(argument));
  if (kind == "mix") return mix(number);
  if (kind == "block") return block(number);
  return repeated(1500, [&] { return fragments_.at(number); });
}

std::string Documents::mix(std::uint32_t seed) const {
  Random random(seed);
  return repeated(20 + random.below(200), [&] {
    std::string part;
    if (const auto kind = random.below(16); kind < 9) {
      part = random.one_of(fragments_);
    } else if (kind == 9) {
      const auto& one = random.one_of(fragments_);
      part = repeated(1 + random.below(40), [&] { return one; });
    } else {
      part = special_part(kind, random);
    }
    return random.below(3) == 0 ? part + ' ' : part;
  });
}

std::string Documents::block(char32_t first) {
  std::string text;
  for (char32_t number = first; number < first + 4096; ++number) {
    const auto one = character(number);
    for (const std::string_view part : {"x", "Ab", "C1", " ", " "}) text.append(part).append(one);
    text.append(one).append("1\n");
  }
  return text;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace sluice::ledger
