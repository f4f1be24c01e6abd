// The address of an HTTP service, as providers and proxies are given.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace sluice::config {

struct Url {
  bool https = false;
  std::string host{};      // Lower case, [A-Za-z0-9._-] only; an IPv6 address without its brackets.
  std::uint16_t port = 0;  // The scheme's own when none is written.
  std::string path{};      // Empty or "/…" without a slash at the end.

  bool empty() const { return host.empty(); }
  bool is_ipv6() const { return host.find(':') != std::string::npos; }
  // As it goes into a Host header: the port only when it is not the scheme's own.
  std::string authority() const;
  std::string text() const;

  bool operator==(const Url&) const = default;
};

// The error says what is wrong and never repeats the text: it may hold a password.
std::expected<Url, std::string> parse_url(std::string_view text);

}  // namespace sluice::config
