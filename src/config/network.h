// A network of IP addresses: 10.0.0.0/8, 2001:db8::/32 or one address.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace sluice::config {

// 16 bytes as the socket calls have them; IPv4 as ::ffff:a.b.c.d.
using IpBytes = std::array<unsigned char, 16>;

struct Network {
  IpBytes address{};
  std::uint8_t bits = 0;  // Of the 128: an IPv4 network's own plus 96.

  // A network of IPv6 never contains an address of IPv4, though ::/0 could be read so.
  bool contains(const IpBytes& other) const;
  std::string text() const;

  bool operator==(const Network&) const = default;
};

std::expected<Network, std::string> parse_network(std::string_view text);

}  // namespace sluice::config
