// The structural index of one document, shared by the reader and its values.
#pragma once

#include "sluice/error.h"

#include "base/json.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::json {

// Positions count the entries of `starts`: every bracket, comma and colon and the first byte of
// every scalar. Of a string only the opening quote is there.
struct Index {
  std::string_view text;
  const std::uint32_t* starts = nullptr;  // Offsets in the text; starts[count] is the text's size.
  std::uint32_t* closes = nullptr;  // For an opening bracket: the position of its closing one.
  std::uint32_t count = 0;

  char at(std::uint32_t position) const { return text[starts[position]]; }

  bool opens(std::uint32_t position) const {
    const char letter = at(position);
    return letter == '{' || letter == '[';
  }

  // The position behind the value.
  std::uint32_t behind(std::uint32_t position) const {
    return (opens(position) ? closes[position] : position) + 1;
  }

  // A scalar's source. It reaches to the next entry but for the white space before that.
  std::string_view token(std::uint32_t position) const {
    const auto begin = starts[position];
    auto end = starts[position + 1];
    while (end > begin + 1 && is_space(text[end - 1])) --end;
    return text.substr(begin, end - begin);
  }

  // What stands between the quotes of the string, escapes as they are.
  std::string_view contents(std::uint32_t position) const {
    const auto quoted = token(position);
    return quoted.size() < 2 ? std::string_view() : quoted.substr(1, quoted.size() - 2);
  }

  static bool is_space(char letter) {
    return letter == ' ' || letter == '\n' || letter == '\r' || letter == '\t';
  }
};

std::unexpected<Failure> invalid_json(std::string_view what, std::size_t offset);

// Checks the grammar and fills in `closes`. `open` is scratch space that is kept between calls.
Result<void> walk(Index& index, const Limits& limits, std::vector<std::uint32_t>& open);

}  // namespace sluice::json
