#include "ledger/tokens_splitter.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace sluice::ledger {
namespace {

using enum CharacterClass;

template <class... Kinds>
constexpr unsigned classes(Kinds... kinds) {
  return ((1U << static_cast<unsigned>(kinds)) | ...);
}

constexpr bool in(CharacterClass kind, unsigned classes) {
  return (classes >> static_cast<unsigned>(kind) & 1U) != 0;
}

constexpr auto kLetters = classes(Upper, Lower, Letter);
constexpr auto kUpperSide = classes(Upper, Letter, Mark);
constexpr auto kLowerSide = classes(Lower, Letter, Mark);
constexpr auto kSymbols = classes(Other, Mark);
constexpr auto kSpaces = classes(Space, Newline);
constexpr auto kNoLeaders = classes(Upper, Lower, Letter, Number, Newline);

constexpr auto kAscii = [] {
  std::array<CharacterClass, 128> table{};
  for (char32_t character = 0; character < 128; ++character) table[character] = class_of(character);
  return table;
}();

}  // namespace

std::string_view TextSplitter::next() {
  if (at_ == text_.size()) return {};
  const auto begin = at_;
  const auto first = character(at_);
  std::size_t end = 0;
  if (encoding_ == Encoding::Cl100k) end = contraction(at_);
  if (end == 0) end = word(at_, first);
  if (end == 0 && first.kind == Number) end = numbers(at_);
  if (end == 0) end = symbols(at_, first);
  if (end == 0) end = spaces(at_);
  at_ = end;
  return text_.substr(begin, end - begin);
}

TextSplitter::Character TextSplitter::character(std::size_t at) {
  ++looked_at_;
  if (at >= text_.size()) return {Other, 0};
  const auto lead = static_cast<unsigned char>(text_[at]);
  if (lead < 0x80) return {kAscii[lead], 1};
  const auto rest = text_.size() - at;
  const auto bits = [&](std::size_t ahead) -> char32_t {
    return static_cast<unsigned char>(text_[at + ahead]) & 0x3FU;
  };
  if (lead >= 0xC0 && lead < 0xE0 && rest >= 2) {
    return {class_of((lead & 0x1FU) << 6U | bits(1)), 2};
  }
  if (lead >= 0xE0 && lead < 0xF0 && rest >= 3) {
    return {class_of((lead & 0xFU) << 12U | bits(1) << 6U | bits(2)), 3};
  }
  if (lead >= 0xF0 && rest >= 4) {
    const auto number = (lead & 7U) << 18U | bits(1) << 12U | bits(2) << 6U | bits(3);
    return {class_of(std::min<char32_t>(number, 0x10FFFF)), 4};
  }
  return {Other, 1};
}

// The end of the characters of these classes that begin at `at`.
std::size_t TextSplitter::skip(std::size_t at, Classes classes) {
  while (true) {
    const auto [kind, length] = character(at);
    if (length == 0 || !in(kind, classes)) return at;
    at += length;
  }
}

std::size_t TextSplitter::contraction(std::size_t at) const {
  if (text_.size() - at < 2 || text_[at] != '\'') return 0;
  const char one = text::lower(text_[at + 1]);
  if (one == 's' || one == 't' || one == 'm' || one == 'd') return at + 2;
  if (text_.size() - at < 3) return 0;
  // The long s is an s when case does not count.
  if (text_.substr(at + 1, 2) == "ſ") return at + 3;
  const char two = text::lower(text_[at + 2]);
  if ((two == 'e' && (one == 'r' || one == 'v')) || (two == 'l' && one == 'l')) return at + 3;
  return 0;
}

std::size_t TextSplitter::word(std::size_t at, Character first) {
  const bool leads = !in(first.kind, kNoLeaders);
  const auto behind = at + first.length;
  std::size_t end = 0;
  if (encoding_ == Encoding::Cl100k) return letters(leads ? behind : at);

  if (leads) end = mixed_case(behind);
  if (end == 0) end = mixed_case(at);
  if (end == 0 && leads) end = upper_case(behind);
  if (end == 0) end = upper_case(at);
  if (end == 0) return 0;
  return std::max(end, contraction(end));
}

// [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+
std::size_t TextSplitter::mixed_case(std::size_t at) {
  // Without a lower case letter behind them, the first class gives back until its last character is
  // one of the second class.
  std::size_t last_of_both = 0;
  while (true) {
    const auto [kind, length] = character(at);
    if (length != 0 && kind == Lower) return skip(at + length, kLowerSide);
    if (length == 0 || !in(kind, kUpperSide)) return last_of_both;
    at += length;
    if (kind != Upper) last_of_both = at;
  }
}

// [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*
std::size_t TextSplitter::upper_case(std::size_t at) {
  const auto end = skip(at, kUpperSide);
  return end == at ? 0 : skip(end, kLowerSide);
}

std::size_t TextSplitter::letters(std::size_t at) {
  const auto end = skip(at, kLetters);
  return end == at ? 0 : end;
}

// \p{N}{1,3}, the first of which is known to be one.
std::size_t TextSplitter::numbers(std::size_t at) {
  for (int count = 0; count < 3; ++count) {
    const auto [kind, length] = character(at);
    if (length == 0 || kind != Number) break;
    at += length;
  }
  return at;
}

//  ?[^\s\p{L}\p{N}]+[\r\n/]*
std::size_t TextSplitter::symbols(std::size_t at, Character first) {
  const auto begin = text_[at] == ' ' ? at + first.length : at;
  auto end = skip(begin, kSymbols);
  if (end == begin) return 0;
  const std::string_view tail = encoding_ == Encoding::O200k ? "\r\n/" : "\r\n";
  while (end < text_.size() && tail.contains(text_[end])) ++end;
  return end;
}

// \s*[\r\n]+|\s+(?!\S)|\s+
std::size_t TextSplitter::spaces(std::size_t at) {
  std::size_t last = at;
  std::size_t behind_newline = 0;
  std::size_t end = at;
  while (true) {
    const auto [kind, length] = character(end);
    if (length == 0 || !in(kind, kSpaces)) break;
    last = end;
    end += length;
    if (kind == Newline) behind_newline = end;
  }
  if (behind_newline != 0) return behind_newline;
  // One space stays for the word behind, unless it is the only one.
  return end == text_.size() || last == at ? end : last;
}

}  // namespace sluice::ledger
