#include "telemetry/line_pieces.h"

#include "base/json_writer.h"

#include <array>
#include <bit>
#include <string>

namespace sluice::telemetry {
namespace {

using Sixteen = signed char __attribute__((vector_size(16)));
constexpr std::uint64_t kPlain = 0x7878787878787878U;

// The bytes that JSON does not take as they are: no ASCII (below zero), controls, a quote, a
// backslash.
Sixteen odd_bytes(Sixteen bytes) {
  return (bytes < ' ') | (bytes == '"') | (bytes == '\\');
}

template <class Word>
Word copy_word(char* to, const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  std::memcpy(to, &word, sizeof word);
  return word;
}

// As two words, the second of which may overlap the first.
template <class Word>
Sixteen copy_two(char* to, std::string_view text) {
  const auto last = text.size() - sizeof(Word);
  const std::uint64_t first_word = copy_word<Word>(to, text.data());
  const std::uint64_t last_word = copy_word<Word>(to + last, text.data() + last);
  if constexpr (sizeof(Word) == sizeof(std::uint64_t)) {
    return std::bit_cast<Sixteen>(std::array{first_word, last_word});
  }
  return std::bit_cast<Sixteen>(std::array{first_word | last_word << 32U, kPlain});
}

Sixteen copy_three(char* to, std::string_view text) {
  std::uint64_t word = kPlain;
  for (const char letter : text) {
    *to++ = letter;
    word = word << 8U | static_cast<unsigned char>(letter);
  }
  return std::bit_cast<Sixteen>(std::array{word, kPlain});
}

Sixteen copy_long(char* to, std::string_view text) {
  constexpr std::size_t kStep = sizeof(Sixteen);
  const auto last = text.size() - kStep;
  auto odd = odd_bytes(copy_word<Sixteen>(to, text.data()));
  for (std::size_t at = kStep; at < last; at += kStep) {
    odd |= odd_bytes(copy_word<Sixteen>(to + at, text.data() + at));
  }
  return odd | odd_bytes(copy_word<Sixteen>(to + last, text.data() + last));
}

[[gnu::noinline]] char* put_escaped(char* at, std::string_view text) {
  std::string escaped;
  json::append_escaped(escaped, text);
  escaped += '"';
  return at + escaped.copy(at, escaped.size());
}

}  // namespace

bool copy_plain(char* to, std::string_view text) {
  const auto odd = text.size() >= 16  ? copy_long(to, text)
                   : text.size() >= 8 ? odd_bytes(copy_two<std::uint64_t>(to, text))
                   : text.size() >= 4 ? odd_bytes(copy_two<std::uint32_t>(to, text))
                                      : odd_bytes(copy_three(to, text));
  return __builtin_reduce_or(odd) == 0;
}

char* put_string(char* at, std::string_view text) {
  if (!copy_plain(at, text)) return put_escaped(at, text);
  at += text.size();
  *at = '"';
  return at + 1;
}

}  // namespace sluice::telemetry
