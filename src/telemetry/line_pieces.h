// The pieces that a line is put together from. Each puts one at `at` and returns its end; there
// must be room for it, and for a byte more.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sluice::telemetry {

template <std::size_t N>
char* put(char* at, const char (&literal)[N]) {
  std::memcpy(at, literal, N - 1);
  return at + N - 1;
}

// 000102…99, and one byte more.
inline constexpr auto kDigitPairs = [] {
  std::array<char, 201> pairs{};
  for (std::size_t i = 0; i < 200; ++i) {
    pairs[i] = static_cast<char>('0' + (i % 2 == 0 ? i / 20 : i / 2 % 10));
  }
  return pairs;
}();

// Both digits of what is below 100.
inline char* put_pair(char* at, std::uint64_t number) {
  std::memcpy(at, &kDigitPairs[2 * number], 2);
  return at + 2;
}

// What is below 100, without branches: nobody could foresee them.
inline char* put_short(char* at, std::uint64_t number) {
  const std::size_t zeros = number < 10 ? 1 : 0;
  std::memcpy(at, &kDigitPairs[2 * number + zeros], 2);
  return at + 2 - zeros;
}

inline char* put_number(char* at, std::uint64_t number) {
  if (number < 100) return put_short(at, number);
  if (number < 10'000) return put_pair(put_short(at, number / 100), number % 100);
  at = put_number(at, number / 10'000);
  return put_pair(put_pair(at, number / 100 % 100), number % 100);
}

// .012
inline char* put_thousandths(char* at, std::uint64_t number) {
  at[0] = '.';
  at[1] = static_cast<char>('0' + number / 100);
  return put_pair(at + 2, number % 100);
}

inline char* put_milliseconds(char* at, std::uint32_t microseconds) {
  at = put_number(at, microseconds / 1000);
  const auto rest = microseconds % 1000;
  return rest == 0 ? at : put_thousandths(at, rest);
}

// Copies the text while it looks at it: whether JSON takes it as it is.
bool copy_plain(char* to, std::string_view text);
// What follows the opening quote of a JSON string: the text and the closing one.
char* put_string(char* at, std::string_view text);

}  // namespace sluice::telemetry
