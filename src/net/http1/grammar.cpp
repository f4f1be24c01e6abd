#include "net/http1/grammar.h"

#include "base/text.h"
#include "net/http1/scan.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace sluice::net::http1 {
namespace {

constexpr bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}
constexpr bool is_letter(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

constexpr auto kTokenBytes = [] {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const char byte = static_cast<char>(i);
    table[i] = is_digit(byte) || is_letter(byte) ||
               std::string_view("!#$%&'*+-.^_`|~").find(byte) != std::string_view::npos;
  }
  return table;
}();

bool valid_port(std::string_view port) {
  return !port.empty() && port.size() <= 5 && std::ranges::all_of(port, is_digit);
}

}  // namespace

bool is_token_byte(char byte) {
  return kTokenBytes[static_cast<unsigned char>(byte)];
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_byte);
}

bool valid_field_value(std::string_view value) {
  const char* end = value.data() + value.size();
  return scan::find<scan::ControlByte>(value.data(), end) == end;
}

bool valid_target(std::string_view target) {
  if (!target.starts_with('/')) return false;
  const char* end = target.data() + target.size();
  return scan::find<scan::TargetEnd>(target.data(), end) == end;
}

bool valid_host(std::string_view host) {
  std::size_t name_end = 0;
  if (host.starts_with('[')) {
    const auto is_address_byte = [](char byte) {
      return is_digit(byte) || byte == ':' || byte == '.' ||
             (text::lower(byte) >= 'a' && text::lower(byte) <= 'f');
    };
    const auto bracket = host.find(']');
    if (bracket == std::string_view::npos || bracket < 3) return false;
    if (!std::ranges::all_of(host.substr(1, bracket - 1), is_address_byte)) return false;
    name_end = bracket + 1;
  } else {
    const auto is_name_byte = [](char byte) {
      return is_letter(byte) || is_digit(byte) || byte == '.' || byte == '-' || byte == '_' ||
             byte == '~';
    };
    while (name_end < host.size() && is_name_byte(host[name_end])) ++name_end;
    if (name_end == 0) return false;
  }
  const auto port = host.substr(name_end);
  return port.empty() || (port.front() == ':' && valid_port(port.substr(1)));
}

std::string_view trim(std::string_view text) {
  const auto is_blank = [](char byte) { return byte == ' ' || byte == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view next_element(std::string_view& list) {
  const auto comma = list.find(',');
  const auto element = trim(list.substr(0, comma));
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  return element;
}

}  // namespace sluice::net::http1
