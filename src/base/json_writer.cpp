#include "base/json_writer.h"

#include "base/text.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

namespace sluice::json {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// The next eight, or what is left and blanks.
std::uint64_t first_letters(std::string_view text) {
  std::uint64_t letters = 0x2020202020202020;
  if (text.size() >= sizeof letters) {
    std::memcpy(&letters, text.data(), sizeof letters);
  } else {
    std::memcpy(&letters, text.data(), text.size());
  }
  return letters;
}

// Marks bytes that JSON wants escaped in their highest bits. The lowest mark is always right; above
// it there may be false ones.
std::uint64_t escapes_among(std::uint64_t letters) {
  constexpr std::uint64_t kEach = 0x0101010101010101;
  const auto below = [letters](std::uint64_t each, std::uint64_t limit) {
    return (each - kEach * limit) & ~letters & ~each & (kEach << 7);
  };
  return below(letters, 0x20) | below(letters ^ (kEach * '"'), 1) |
         below(letters ^ (kEach * '\\'), 1);
}

char* escape_letter(char letter, char* out) {
  // What stands behind the backslash for each control character: 'u' wants its code, too.
  constexpr char kControls[] = "uuuuuuuubtnufruuuuuuuuuuuuuuuuuu";
  constexpr char kDigits[] = "0123456789abcdef";
  const auto code = static_cast<unsigned char>(letter);
  const char named = code < 0x20 ? kControls[code] : letter;
  *out++ = '\\';
  *out++ = named;
  if (named != 'u') return out;
  for (const char digit : {'0', '0', kDigits[code >> 4], kDigits[code & 0xF]}) *out++ = digit;
  return out;
}

// Calls append() with the pieces of the escaped text. `text` is valid UTF-8.
template <class Append>
void escape_valid(std::string_view text, Append append) {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  constexpr std::size_t kLongest = kWord + 6;  // A word up to its last letter, then an escape.
  char piece[512];
  char* out = piece;
  while (!text.empty()) {
    const auto letters = first_letters(text);
    std::memcpy(out, &letters, kWord);
    if (const auto escapes = escapes_among(letters)) {
      const auto plain = static_cast<std::size_t>(std::countr_zero(escapes)) / 8;
      out = escape_letter(text[plain], out + plain);
      text.remove_prefix(plain + 1);
    } else {
      const auto plain = std::min(text.size(), kWord);
      out += plain;
      text.remove_prefix(plain);
    }
    if (out + kLongest > piece + sizeof piece) {
      append(std::string_view(piece, out));
      out = piece;
    }
  }
  append(std::string_view(piece, out));
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
  if (!out_) reserve(contents.size() + 2);
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
  reserve(piece.size());
  std::memcpy(begin_ + size_, piece.data(), piece.size());
  size_ += piece.size();
}

void Writer::reserve(std::size_t more) {
  if (begin_ && more <= capacity_ - size_) return;
  capacity_ = std::max<std::size_t>(64, 2 * (size_ + more));
  char* larger = arena_->array<char>(capacity_).data();
  if (begin_) std::memcpy(larger, begin_, size_);
  begin_ = larger;
}

}  // namespace sluice::json
