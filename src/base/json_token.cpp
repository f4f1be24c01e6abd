#include "base/json_token.h"

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

int hex_digit(char letter) {
  if (is_digit(letter)) return letter - '0';
  const char lower = static_cast<char>(letter | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// One escape: how long it is in the source and what it means.
struct Escape {
  std::size_t length = 0;  // 0: malformed.
  char32_t meaning = 0;
};

// The four digits behind \u, or -1.
std::int32_t code_unit(std::string_view text, std::size_t at) {
  if (text.size() - at < kUnicodeEscape || text[at] != '\\' || text[at + 1] != 'u') return -1;
  std::int32_t unit = 0;
  for (std::size_t i = at + 2; i < at + kUnicodeEscape; ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) return -1;
    unit = unit << 4 | digit;
  }
  return unit;
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
  switch (text[at + 1]) {
    case '"':
      return {2, '"'};
    case '\\':
      return {2, '\\'};
    case '/':
      return {2, '/'};
    case 'b':
      return {2, '\b'};
    case 'f':
      return {2, '\f'};
    case 'n':
      return {2, '\n'};
    case 'r':
      return {2, '\r'};
    case 't':
      return {2, '\t'};
    case 'u':
      return unicode_escape(text, at);
    default:
      return {};
  }
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

std::size_t find_backslash(std::string_view text, std::size_t from) {
  if (from >= text.size()) return std::string_view::npos;
  const void* found = std::memchr(text.data() + from, '\\', text.size() - from);
  if (!found) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
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
  auto at = find_backslash(text, 0);
  while (at != std::string_view::npos) {
    const auto escape = escape_at(text, at);
    if (escape.length == 0) return at;
    at += escape.length;
    // Escapes come in crowds: look at the next byte before asking memchr.
    if (at >= text.size() || text[at] != '\\') at = find_backslash(text, at);
  }
  return std::nullopt;
}

char* unescape(std::string_view contents, char* out) {
  std::size_t from = 0;
  for (;;) {
    const auto at = find_backslash(contents, from);
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
