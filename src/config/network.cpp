#include "config/network.h"

#include "base/text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace sluice::config {
namespace {

using Wrong = std::unexpected<std::string>;

constexpr IpBytes kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
constexpr std::size_t kMappedBytes = 12;

bool is_ipv4(const IpBytes& address) {
  return std::memcmp(address.data(), kMappedPrefix.data(), kMappedBytes) == 0;
}

IpBytes masked(IpBytes address, unsigned bits) {
  for (unsigned i = 0; i < address.size(); ++i) {
    const unsigned kept = std::clamp(static_cast<int>(bits) - static_cast<int>(8 * i), 0, 8);
    address[i] &= static_cast<unsigned char>(0xff00U >> kept);
  }
  return address;
}

}  // namespace

bool Network::contains(const IpBytes& other) const {
  return is_ipv4(address) == is_ipv4(other) && masked(other, bits) == address;
}

std::string Network::text() const {
  std::array<char, INET6_ADDRSTRLEN> spelled{};
  const bool v4 = is_ipv4(address);
  ::inet_ntop(v4 ? AF_INET : AF_INET6, address.data() + (v4 ? kMappedBytes : 0), spelled.data(),
              spelled.size());
  return std::string(spelled.data()) + "/" + std::to_string(v4 ? bits - 96 : bits);
}

std::expected<Network, std::string> parse_network(std::string_view text) {
  Network network;
  const auto slash = text.find('/');
  const std::string address(text.substr(0, slash));
  unsigned width = 128;
  if (::inet_pton(AF_INET6, address.c_str(), network.address.data()) != 1) {
    network.address = kMappedPrefix;
    width = 32;
    if (::inet_pton(AF_INET, address.c_str(), network.address.data() + kMappedBytes) != 1) {
      return Wrong("");
    }
  }

  std::uint64_t bits = width;
  if (slash != std::string_view::npos) {
    const auto written = text::parse_uint(text.substr(slash + 1));
    if (!written || *written > width) {
      return Wrong("expected 0 to " + std::to_string(width) + " bits behind the slash");
    }
    bits = *written;
  }
  network.bits = static_cast<std::uint8_t>(bits + 128 - width);
  const Network wanted{masked(network.address, network.bits), network.bits};
  if (wanted != network) {
    return Wrong("the address has bits behind its prefix; did you mean \"" + wanted.text() + "\"?");
  }
  return network;
}

}  // namespace sluice::config
