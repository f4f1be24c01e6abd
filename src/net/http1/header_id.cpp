#include "net/http1/header_id.h"

#include "base/text.h"

#include <array>
#include <cstring>

namespace sluice::net::http1 {
namespace {

constexpr std::array<std::string_view, kHeaderIds> kNames = {"",
#define SLUICE_HTTP1_NAME(id, name) name,
                                                             SLUICE_HTTP1_HEADERS(SLUICE_HTTP1_NAME)
#undef SLUICE_HTTP1_NAME
};

constexpr std::size_t kBuckets = 512;

// Three letters and the length tell nearly all names apart; the rest share a bucket.
constexpr std::size_t bucket_of(std::string_view name) {
  auto letter = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(name[at]) | 0x20U);
  };
  const auto size = static_cast<std::uint32_t>(name.size());
  const std::uint32_t mixed = size + (letter(0) << 5U) + (letter(name.size() / 2) << 13U) +
                              (letter(name.size() - 1) << 21U);
  return (mixed * 0x9E3779B1U) >> 23U;
}

struct Index {
  std::array<std::uint8_t, kBuckets> first{};
  std::array<std::uint8_t, kHeaderIds> next{};
};

constexpr Index kIndex = [] {
  Index index;
  for (std::size_t id = 1; id < kHeaderIds; ++id) {
    auto& first = index.first[bucket_of(kNames[id])];
    index.next[id] = first;
    first = static_cast<std::uint8_t>(id);
  }
  return index;
}();

std::uint64_t load(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

// Setting bit 5 folds the case of letters. It would also turn control bytes into punctuation and
// digits, so a byte that has neither bit 5 nor bit 6 makes the word unequal.
bool equal_words(std::uint64_t text, std::uint64_t lower) {
  constexpr std::uint64_t kBit5 = 0x2020202020202020U;
  constexpr std::uint64_t kBit6 = 0x4040404040404040U;
  const bool printable = ((text | (text << 1U)) & kBit6) == kBit6;
  return printable && (text | kBit5) == lower;
}

// For names alone: they hold no byte that folding confuses with another but control bytes.
bool same_name(std::string_view text, std::string_view lower) {
  if (text.size() < sizeof(std::uint64_t)) return text::iequals(text, lower);
  std::size_t at = 0;
  for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
    if (!equal_words(load(text.data() + at), load(lower.data() + at))) return false;
  }
  const auto last = text.size() - sizeof(std::uint64_t);
  return equal_words(load(text.data() + last), load(lower.data() + last));
}

}  // namespace

HeaderId header_id(std::string_view name) {
  if (name.empty()) return HeaderId::Other;
  for (auto id = kIndex.first[bucket_of(name)]; id != 0; id = kIndex.next[id]) {
    if (kNames[id].size() == name.size() && same_name(name, kNames[id])) {
      return static_cast<HeaderId>(id);
    }
  }
  return HeaderId::Other;
}

std::string_view header_name(HeaderId id) {
  const auto at = static_cast<std::size_t>(id);
  return at < kNames.size() ? kNames[at] : std::string_view{};
}

}  // namespace sluice::net::http1
