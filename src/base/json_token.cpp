#include "base/json_token.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace sluice::json {
namespace {

constexpr std::size_t kUnicodeEscape = 6;  // \uXXXX

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

const char* skip_digits(const char* at, const char* end) {
  while (at != end && is_digit(*at)) ++at;
  return at;
}

// What a backslash and this letter mean; 0: nothing by themselves.
constexpr auto kMeanings = [] {
  std::array<char, 256> meanings{};
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
  for (std::size_t i = 0; i < kLetters.size(); ++i) {
    meanings[static_cast<unsigned char>(kLetters[i])] = kMeant[i];
  }
  return meanings;
}();

// The values of hexadecimal digits; -1: it is none.
constexpr auto kHexDigits = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::int8_t i = 0; i < 10; ++i) values['0' + i] = i;
  for (std::int8_t i = 0; i < 6; ++i) values['a' + i] = values['A' + i] = i + 10;
  return values;
}();

// One escape: how long it is in the source and what it means.
struct Escape {
  std::size_t length = 0;  // 0: malformed.
  char32_t meaning = 0;
};

// The four digits behind \u, or -1.
std::int32_t code_unit(std::string_view text, std::size_t at) {
  if (text.size() - at < kUnicodeEscape || text[at] != '\\' || text[at + 1] != 'u') return -1;
  const auto digit = [&](std::size_t i) {
    return std::int32_t{kHexDigits[static_cast<unsigned char>(text[at + i])]};
  };
  // A -1 makes the whole negative.
  return digit(2) << 12 | digit(3) << 8 | digit(4) << 4 | digit(5);
}

Escape unicode_escape(std::string_view text, std::size_t at) {
  const auto unit = code_unit(text, at);
  if (unit < 0) return {};
  if (unit < 0xD800 || unit > 0xDFFF) return {kUnicodeEscape, static_cast<char32_t>(unit)};
  if (unit >= 0xDC00) return {};
  const auto low = code_unit(text, at + kUnicodeEscape);
  if (low < 0xDC00 || low > 0xDFFF) return {};
  const auto meaning = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
  return {2 * kUnicodeEscape, static_cast<char32_t>(meaning)};
}

Escape escape_at(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size()) return {};
  const char letter = text[at + 1];
  const char meaning = kMeanings[static_cast<unsigned char>(letter)];
  if (meaning != 0) return {2, static_cast<char32_t>(meaning)};
  return letter == 'u' ? unicode_escape(text, at) : Escape{};
}

char* append_utf8(char* out, char32_t point) {
  const auto put = [&out](char32_t byte) { *out++ = static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
    return out;
  }
  if (point < 0x800) {
    put(0xC0 | point >> 6);
  } else {
    if (point < 0x10000) {
      put(0xE0 | point >> 12);
    } else {
      put(0xF0 | point >> 18);
      put(0x80 | (point >> 12 & 0x3F));
    }
    put(0x80 | (point >> 6 & 0x3F));
  }
  put(0x80 | (point & 0x3F));
  return out;
}

}  // namespace

bool is_number(std::string_view token) {
  const char* at = token.data();
  const char* const end = at + token.size();
  if (at != end && *at == '-') ++at;
  if (at == end || !is_digit(*at)) return false;
  at = *at == '0' ? at + 1 : skip_digits(at, end);
  if (at != end && *at == '.') {
    const char* fraction = ++at;
    at = skip_digits(at, end);
    if (at == fraction) return false;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    if (++at != end && (*at == '+' || *at == '-')) ++at;
    const char* exponent = at;
    at = skip_digits(at, end);
    if (at == exponent) return false;
  }
  return at == end;
}

bool is_plain_scalar(std::string_view token) {
  return is_number(token) || token == "true" || token == "false" || token == "null";
}

std::optional<std::size_t> find_bad_escape(std::string_view text) {
  auto at = text.find('\\');
  while (at != std::string_view::npos) {
    const auto escape = escape_at(text, at);
    if (escape.length == 0) return at;
    at += escape.length;
    at = text.find('\\', at);
  }
  return std::nullopt;
}

char* unescape(std::string_view contents, char* out) {
  std::size_t from = 0;
  for (;;) {
    const auto at = contents.find('\\', from);
    const auto plain = contents.substr(from, at - from);
    if (!plain.empty()) std::memcpy(out, plain.data(), plain.size());
    out += plain.size();
    if (at == std::string_view::npos) return out;
    const auto escape = escape_at(contents, at);
    if (escape.length == 0) return nullptr;
    out = append_utf8(out, escape.meaning);
    from = at + escape.length;
  }
}

}  // namespace sluice::json
