#include "config/listen_address.h"

#include "base/text.h"
#include "config/paths.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <array>
#include <optional>

namespace sluice::config {
namespace {

using Wrong = std::unexpected<std::string>;

// The system's own spelling, so that equal addresses are equal texts.
std::optional<std::string> numeric(int family, const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> spelled{};
  if (::inet_pton(family, host.c_str(), bytes.data()) != 1) return std::nullopt;
  if (!::inet_ntop(family, bytes.data(), spelled.data(), spelled.size())) return std::nullopt;
  return std::string(spelled.data());
}

}  // namespace

bool ListenAddress::is_local() const {
  switch (kind) {
    case Kind::IPv4:
      return host.starts_with("127.");
    case Kind::IPv6:
      return host == "::1";
    case Kind::Unix:
      return true;
  }
  return false;
}

std::string ListenAddress::text() const {
  if (kind == Kind::Unix) return "unix:" + path;
  const auto shown = kind == Kind::IPv6 ? "[" + host + "]" : host;
  return shown + ":" + std::to_string(port);
}

std::expected<ListenAddress, std::string> parse_listen_address(std::string_view text,
                                                               std::string_view folder) {
  ListenAddress address;
  if (text.starts_with("unix:")) {
    address.kind = ListenAddress::Kind::Unix;
    address.path = absolute_path(text.substr(5), folder);
    if (text.size() == 5) return Wrong("expected a path behind unix:");
    if (address.path.size() >= sizeof(sockaddr_un::sun_path)) {
      return Wrong("the path of a unix socket has at most 107 bytes");
    }
    return address;
  }

  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return Wrong("expected HOST:PORT, [IPV6]:PORT or unix:PATH");
  const auto port = text::parse_uint(text.substr(colon + 1));
  if (!port || *port > 65535) return Wrong("expected a port from 0 to 65535 behind the last colon");
  address.port = static_cast<std::uint16_t>(*port);

  const auto host = text.substr(0, colon);
  if (host.empty() || host == "*") {
    return Wrong("expected an address before the port; 0.0.0.0 or [::] for all of this machine");
  }
  std::optional<std::string> spelled;
  if (host.starts_with('[') && host.ends_with(']')) {
    address.kind = ListenAddress::Kind::IPv6;
    spelled = numeric(AF_INET6, std::string(host.substr(1, host.size() - 2)));
  } else {
    spelled = numeric(AF_INET, host == "localhost" ? "127.0.0.1" : std::string(host));
  }
  if (!spelled)
    return Wrong(
        "expected an IPv4 address, localhost or an IPv6 address in brackets before the port");
  address.host = *std::move(spelled);
  return address;
}

}  // namespace sluice::config
