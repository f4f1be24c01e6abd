// Where Sluice listens.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace sluice::config {

struct ListenAddress {
  enum class Kind : std::uint8_t { IPv4, IPv6, Unix };

  Kind kind = Kind::IPv4;
  std::string host{};      // Numeric, as the system writes it, without brackets.
  std::uint16_t port = 0;  // 0: the system picks one.
  std::string path{};      // Of a unix socket.

  // Only processes of this machine reach it.
  bool is_local() const;
  std::string text() const;

  bool operator==(const ListenAddress&) const = default;
};

// HOST:PORT, [IPV6]:PORT or unix:PATH; HOST is an IPv4 address or localhost. A relative PATH starts
// at `folder`.
std::expected<ListenAddress, std::string> parse_listen_address(std::string_view text,
                                                               std::string_view folder);

}  // namespace sluice::config
