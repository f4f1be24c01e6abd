// The grammar of JSON's smallest parts: numbers, literals, strings.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace sluice::json {

// -? (0 | [1-9][0-9]*) (\.[0-9]+)? ([eE][+-]?[0-9]+)?   of any length and magnitude
bool is_number(std::string_view token);

// A number, true, false or null.
bool is_plain_scalar(std::string_view token);

// Where the first backslash stands that begins no valid escape (a surrogate without its other half
// is none); nothing when all are well. `text` may be a string's contents or a whole document:
// outside strings a backslash is an error anyway.
std::optional<std::size_t> find_bad_escape(std::string_view text);

// Writes what the escapes mean and returns the end; null when one is malformed. `out` has room for
// contents.size() bytes: no escape is shorter than what it means.
char* unescape(std::string_view contents, char* out);

}  // namespace sluice::json
