#include "config/url.h"

#include "base/text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>

namespace sluice::config {
namespace {

using Wrong = std::unexpected<std::string>;

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 && host.front() != '.' && host.front() != '-' &&
         std::ranges::all_of(
             host, [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_ipv6_address(const std::string& text) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Segments of RFC 3986 without empty ones, "." and "..".
bool is_path(std::string_view path) {
  constexpr std::string_view kMarks = "-._~!$&'()*+,;=:@";
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    if (segment.empty() || segment == "." || segment == "..") return false;
    for (std::size_t i = 0; i < segment.size(); ++i) {
      if (is_alphanumeric(segment[i]) || kMarks.contains(segment[i])) continue;
      if (segment[i] != '%' || i + 2 >= segment.size()) return false;
      if (!is_hex(segment[i + 1]) || !is_hex(segment[i + 2])) return false;
      i += 2;
    }
    path.remove_prefix(segment.size());
  }
  return true;
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  const auto number = text::parse_uint(digits);
  if (!number || *number == 0 || *number > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

}  // namespace

std::string Url::authority() const {
  std::string out = is_ipv6() ? "[" + host + "]" : host;
  if (port != (https ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

std::string Url::text() const {
  return (https ? "https://" : "http://") + authority() + path;
}

std::expected<Url, std::string> parse_url(std::string_view text) {
  Url url;
  if (text.starts_with("https://")) {
    url.https = true;
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return Wrong("expected a URL that begins with http:// or https://");
  }
  if (text.find_first_of("?#") != std::string_view::npos) {
    return Wrong("a URL here has no query (?) and no fragment (#)");
  }

  const auto slash = std::min(text.find('/'), text.size());
  auto authority = text.substr(0, slash);
  auto path = text.substr(slash);
  if (authority.contains('@')) {
    return Wrong("a URL here names no user and no password; a credential belongs into `keys`");
  }

  url.port = url.https ? 443 : 80;
  if (authority.starts_with('[')) {
    const auto bracket = authority.find(']');
    if (bracket == std::string_view::npos) return Wrong("the IPv6 address lacks its \"]\"");
    url.host = authority.substr(1, bracket - 1);
    if (!is_ipv6_address(url.host)) return Wrong("expected an IPv6 address between [ and ]");
    authority.remove_prefix(bracket + 1);
  } else {
    const auto host = authority.substr(0, authority.find(':'));
    if (!is_host_name(host)) return Wrong("expected a host of letters, digits, dots, - and _");
    url.host = host;
    authority.remove_prefix(host.size());
  }
  std::ranges::transform(url.host, url.host.begin(), text::lower);
  if (!authority.empty()) {
    const auto port = authority.front() == ':' ? parse_port(authority.substr(1)) : std::nullopt;
    if (!port) return Wrong("expected a port from 1 to 65535 behind the host");
    url.port = *port;
  }

  while (path.ends_with('/')) path.remove_suffix(1);
  if (!is_path(path)) return Wrong("the path holds characters or segments that a URL cannot have");
  url.path = path;
  return url;
}

}  // namespace sluice::config
