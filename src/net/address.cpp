#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <span>

namespace sluice::net {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::unexpected<Failure> refuse(std::string message) {
  return fail(ErrorKind::InvalidRequest, "invalid_request", std::move(message));
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

bool IpAddress::is_v4() const {
  return std::ranges::equal(std::span(bytes).first<12>(), kMapped);
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> text;
  const bool v4 = is_v4();
  ::inet_ntop(v4 ? AF_INET : AF_INET6, bytes.data() + (v4 ? kMapped.size() : 0), text.data(),
              text.size());
  return text.data();
}

std::optional<IpAddress> parse_ip(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size() || text.contains('\0')) return std::nullopt;
  std::ranges::copy(text, terminated.begin());

  IpAddress ip;
  if (::inet_pton(AF_INET6, terminated.data(), ip.bytes.data()) == 1) return ip;
  if (::inet_pton(AF_INET, terminated.data(), ip.bytes.data() + kMapped.size()) != 1) {
    return std::nullopt;
  }
  std::ranges::copy(kMapped, ip.bytes.begin());
  return ip;
}

SocketAddress::SocketAddress(const IpAddress& ip, std::uint16_t port) {
  if (ip.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, ip.bytes.data() + kMapped.size(), sizeof(v4.sin_addr));
    size_ = sizeof(v4);
    std::memcpy(storage_.bytes.data(), &v4, sizeof(v4));
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&v6.sin6_addr, ip.bytes.data(), sizeof(v6.sin6_addr));
    size_ = sizeof(v6);
    std::memcpy(storage_.bytes.data(), &v6, sizeof(v6));
  }
}

SocketAddress::SocketAddress(const sockaddr* address, socklen_t size)
    : size_(std::min<socklen_t>(size, sizeof(storage_))) {
  if (size_ > 0) std::memcpy(storage_.bytes.data(), address, size_);
}

std::optional<SocketAddress> SocketAddress::unix_path(std::string_view path) {
  sockaddr_un local{};
  if (path.empty() || path.size() >= sizeof(local.sun_path) || path.contains('\0')) {
    return std::nullopt;
  }
  local.sun_family = AF_UNIX;
  std::ranges::copy(path, local.sun_path);
  return SocketAddress(reinterpret_cast<const sockaddr*>(&local),
                       static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1));
}

SocketAddress SocketAddress::bound_to(int fd) {
  SocketAddress address;
  address.size_ = sizeof(address.storage_);
  if (::getsockname(fd, &address.storage_.any, &address.size_) != 0) return {};
  return address;
}

std::optional<IpAddress> SocketAddress::ip() const {
  IpAddress ip;
  if (family() == AF_INET) {
    std::ranges::copy(kMapped, ip.bytes.begin());
    std::memcpy(ip.bytes.data() + kMapped.size(),
                storage_.bytes.data() + offsetof(sockaddr_in, sin_addr), sizeof(in_addr));
  } else if (family() == AF_INET6) {
    std::memcpy(ip.bytes.data(), storage_.bytes.data() + offsetof(sockaddr_in6, sin6_addr),
                sizeof(in6_addr));
  } else {
    return std::nullopt;
  }
  return ip;
}

std::uint16_t SocketAddress::port() const {
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  if (family() != AF_INET && family() != AF_INET6) return 0;
  in_port_t port;
  std::memcpy(&port, storage_.bytes.data() + offsetof(sockaddr_in, sin_port), sizeof(port));
  return ntohs(port);
}

SocketAddress SocketAddress::with_port(std::uint16_t port) const {
  SocketAddress changed = *this;
  const in_port_t wire = htons(port);
  if (family() == AF_INET || family() == AF_INET6) {
    std::memcpy(changed.storage_.bytes.data() + offsetof(sockaddr_in, sin_port), &wire,
                sizeof(wire));
  }
  return changed;
}

std::string_view SocketAddress::path() const {
  constexpr std::size_t start = offsetof(sockaddr_un, sun_path);
  if (!is_unix() || size_ <= start) return {};
  const std::string_view room(storage_.bytes.data() + start, size_ - start);
  return room.substr(0, room.find('\0'));
}

std::string SocketAddress::text() const {
  if (is_unix()) return "unix:" + std::string(path());
  const auto address = ip();
  if (!address) return "unknown";
  std::string host = address->text();
  if (family() == AF_INET6 && !address->is_v4()) host = '[' + host + ']';
  return host + ':' + std::to_string(port());
}

bool operator==(const SocketAddress& left, const SocketAddress& right) {
  if (left.family() != right.family()) return false;
  if (left.is_unix()) return left.path() == right.path();
  return left.ip() == right.ip() && left.port() == right.port();
}

Result<SocketAddress> parse_listen_address(std::string_view text) {
  if (text.starts_with("unix:")) {
    const auto address = SocketAddress::unix_path(text.substr(5));
    if (!address) return refuse("a unix socket needs a path of at most 107 bytes");
    return *address;
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return refuse("\"" + std::string(text) + "\" has no port; write host:port or unix:PATH");
  }
  const auto port = whole_number<std::uint16_t>(text.substr(colon + 1));
  if (!port) return refuse("\"" + std::string(text) + "\" has no port between 0 and 65535");

  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  const auto ip = parse_ip(host);
  if (!ip || bracketed != host.contains(':')) {
    return refuse("\"" + std::string(text) +
                  "\" has no IP address; write 127.0.0.1:PORT or [::]:PORT");
  }
  return SocketAddress(*ip, *port);
}

}  // namespace sluice::net
