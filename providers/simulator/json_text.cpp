#include "providers/simulator/json_text.h"

#include <array>
#include <charconv>
#include <cstddef>

namespace sluice::providers::simulator {
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
