// The small words of RFC 9110 and 9112 that readers and writers share.
#pragma once

#include <string_view>

namespace sluice::net::http1 {

// token = 1*tchar. What a method, a field name or an element of Connection may be.
bool is_token_byte(char byte);
bool is_token(std::string_view text);

// What may be written into a head: nothing that could end a line or start another.
inline bool valid_field_name(std::string_view name) {
  return is_token(name);
}
bool valid_field_value(std::string_view value);  // Visible bytes, blanks, tabs and bytes >= 0x80.
// origin-form: a slash, then visible ASCII without '#'.
bool valid_target(std::string_view target);
// A name, an IPv4 address or an IPv6 address in brackets; a port may follow.
bool valid_host(std::string_view host);

// Without the optional white space (blanks and tabs) around it.
std::string_view trim(std::string_view text);
// Takes the next element off a comma-separated list; it may be empty.
std::string_view next_element(std::string_view& list);

}  // namespace sluice::net::http1
