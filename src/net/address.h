// Network addresses as values: where to listen, where to connect, who is asking.
#pragma once

#include "sluice/error.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::net {

// An IPv6 address; IPv4 ones are kept as ::ffff:a.b.c.d, so that both spellings are equal.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  bool is_v4() const;
  std::string text() const;  // IPv4 in its own spelling.
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

std::optional<IpAddress> parse_ip(std::string_view text);  // Brackets and zones are refused.

class SocketAddress {
 public:
  SocketAddress() = default;  // Of no family: an unnamed peer.
  SocketAddress(const IpAddress& ip, std::uint16_t port);
  SocketAddress(const sockaddr* address, socklen_t size);
  static std::optional<SocketAddress> unix_path(std::string_view path);
  static SocketAddress bound_to(int fd);

  const sockaddr* data() const { return &storage_.any; }
  socklen_t size() const { return size_; }
  int family() const { return size_ == 0 ? AF_UNSPEC : storage_.any.sa_family; }
  bool is_unix() const { return family() == AF_UNIX; }

  std::optional<IpAddress> ip() const;
  std::uint16_t port() const;
  SocketAddress with_port(std::uint16_t port) const;
  std::string_view path() const;  // Of a unix socket.

  std::string text() const;  // "127.0.0.1:80", "[::1]:80", "unix:/run/x".
  friend bool operator==(const SocketAddress& left, const SocketAddress& right);

 private:
  union Storage {
    sockaddr_un local;
    sockaddr any;
    std::array<char, sizeof(sockaddr_un)> bytes;
  };
  Storage storage_{};
  socklen_t size_ = 0;
};

// "127.0.0.1:8080", "[::]:8080", "localhost:8080" or "unix:PATH".
Result<SocketAddress> parse_listen_address(std::string_view text);

}  // namespace sluice::net
