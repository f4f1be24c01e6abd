#include "base/json_writer.h"

#include "base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

namespace sluice::json {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool needs_escape(char letter) {
  return static_cast<unsigned char>(letter) < 0x20 || letter == '"' || letter == '\\';
}

// The letter an escape has of its own, or 0.
char short_escape(char letter) {
  switch (letter) {
    case '"':
    case '\\':
      return letter;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

template <class Append>
void escape_letter(char letter, Append append) {
  if (const char named = short_escape(letter)) {
    const char escape[] = {'\\', named};
    return append(std::string_view(escape, sizeof escape));
  }
  constexpr char kDigits[] = "0123456789abcdef";
  const auto code = static_cast<unsigned char>(letter);
  const char escape[] = {'\\', 'u', '0', '0', kDigits[code >> 4], kDigits[code & 0xF]};
  append(std::string_view(escape, sizeof escape));
}

// Calls append() with the pieces of the escaped text. `text` is valid UTF-8.
template <class Append>
void escape_valid(std::string_view text, Append append) {
  std::size_t from = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!needs_escape(text[at])) continue;
    append(text.substr(from, at - from));
    escape_letter(text[at], append);
    from = at + 1;
  }
  append(text.substr(from));
}

template <class Append>
void escape(std::string_view text, Append append) {
  if (text::is_utf8(text)) return escape_valid(text, append);
  std::size_t at = 0;
  while (at < text.size()) {
    const auto length = text::utf8_sequence(text, at);
    if (length == 0) {
      append(kReplacement);
    } else {
      escape_valid(text.substr(at, length), append);
    }
    at += std::max<std::size_t>(length, 1);
  }
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  escape(text, [&out](std::string_view piece) { out.append(piece); });
}

std::string_view quoted(std::string_view text, Arena& arena) {
  return Writer(arena).value(text).text();
}

Writer& Writer::key(std::string_view name) {
  separate();
  append_string(name);
  append(":");
  follows_value_ = false;
  return *this;
}

Writer& Writer::value(std::string_view text) {
  separate();
  append_string(text);
  follows_value_ = true;
  return *this;
}

Writer& Writer::value(double number) {
  if (!std::isfinite(number)) return null();
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return raw({digits, static_cast<std::size_t>(end - digits)});
}

Writer& Writer::signed_number(std::int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return raw({digits, static_cast<std::size_t>(end - digits)});
}

Writer& Writer::unsigned_number(std::uint64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return raw({digits, static_cast<std::size_t>(end - digits)});
}

Writer& Writer::raw(std::string_view json) {
  separate();
  append(json);
  follows_value_ = true;
  return *this;
}

std::string_view Writer::text() const {
  return out_ ? std::string_view(*out_) : std::string_view(begin_, size_);
}

Writer& Writer::open(char bracket) {
  separate();
  append({&bracket, 1});
  follows_value_ = false;
  return *this;
}

Writer& Writer::close(char bracket) {
  append({&bracket, 1});
  follows_value_ = true;
  return *this;
}

void Writer::separate() {
  if (follows_value_) append(",");
}

void Writer::append_string(std::string_view contents) {
  append("\"");
  escape(contents, [this](std::string_view piece) { append(piece); });
  append("\"");
}

void Writer::append(std::string_view piece) {
  if (out_) {
    out_->append(piece);
    return;
  }
  if (piece.empty()) return;
  if (!begin_ || piece.size() > capacity_ - size_) grow(piece.size());
  std::memcpy(begin_ + size_, piece.data(), piece.size());
  size_ += piece.size();
}

void Writer::grow(std::size_t more) {
  capacity_ = std::max<std::size_t>(64, 2 * (size_ + more));
  char* larger = arena_->array<char>(capacity_).data();
  if (begin_) std::memcpy(larger, begin_, size_);
  begin_ = larger;
}

}  // namespace sluice::json
