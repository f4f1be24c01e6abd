#include "providers/simulator/json_text.h"

#include <array>
#include <charconv>
#include <cstddef>

namespace sluice::providers::simulator {
namespace {

constexpr std::array<bool, 256> kNeedsEscape = [] {
  std::array<bool, 256> needs{};
  for (std::size_t byte = 0; byte < 0x20; ++byte) needs[byte] = true;
  needs['"'] = needs['\\'] = true;
  return needs;
}();

void append_escape(std::string& out, unsigned char letter) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  switch (letter) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      append(out, "\\u00", kHex.substr(letter >> 4, 1), kHex.substr(letter & 15, 1));
  }
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto letter = static_cast<unsigned char>(text[at]);
    if (!kNeedsEscape[letter]) continue;
    out += text.substr(done, at - done);
    append_escape(out, letter);
    done = at + 1;
  }
  out += text.substr(done);
}

void append_compact(std::string& out, std::string_view json) {
  bool quoted = false;
  bool escaped = false;
  for (const char letter : json) {
    const bool space = letter == ' ' || letter == '\n' || letter == '\r' || letter == '\t';
    if (space && !quoted) continue;
    out += letter;
    if (letter == '"' && !escaped) quoted = !quoted;
    escaped = letter == '\\' && !escaped;
  }
}

void append_number(std::string& out, long long number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace sluice::providers::simulator
