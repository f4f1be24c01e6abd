// `server:` and `admin:` of the file.
#pragma once

#include "sluice/drop_policy.h"

#include "config/listen_address.h"
#include "config/network.h"
#include "config/quantity.h"
#include "config/secret.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

enum class TlsVersion : std::uint8_t { Tls12, Tls13 };

struct ServerTlsSettings {
  std::string certificate;  // Paths; they are read by whoever opens the port.
  std::string private_key;
  std::string client_ca;  // Empty: clients show no certificate.
  TlsVersion min_version = TlsVersion::Tls12;
};

struct ServerLimits {
  std::uint64_t request_body = 32ULL << 20;
  std::uint64_t upload = 512ULL << 20;
  std::uint64_t header_bytes = 64ULL << 10;
  std::uint64_t event = 16ULL << 20;
  std::uint64_t connections = 20'000;
  std::uint64_t requests_in_flight = 10'000;
};

struct ServerTimeouts {
  Milliseconds header{10'000};
  Milliseconds body{30'000};
  Milliseconds idle{75'000};
  Milliseconds write{60'000};
  Milliseconds request{600'000};
  Milliseconds drain_delay{0};
  Milliseconds drain{30'000};
};

enum class HalfClose : std::uint8_t { Abort, Allow };

// What happens to request fields that a target lacks.
struct DropSettings {
  // Kept together, so that what views the texts outlives every copy.
  struct Named {
    std::vector<std::string> texts;
    std::vector<std::string_view> views;
  };

  DropPolicy::Which which = DropPolicy::Which::Hints;
  std::shared_ptr<const Named> named;  // Of Named alone.

  // Lives as long as one of the copies of this.
  DropPolicy policy() const {
    return {.which = which, .names = named ? named->views : std::span<const std::string_view>()};
  }
};

struct HeaderSettings {
  std::vector<std::string> forward;  // Lower case.
};

struct CorsSettings {
  std::vector<std::string> origins;  // scheme://host[:port], or one "*".
};

inline constexpr std::uint64_t kAlways = std::numeric_limits<std::uint64_t>::max();

struct ServerSettings {
  std::vector<ListenAddress> listen{
      {.kind = ListenAddress::Kind::IPv4, .host = "127.0.0.1", .port = 8080}};
  std::uint32_t workers = 0;  // 0: one per core.
  std::optional<ServerTlsSettings> tls;
  ServerLimits limits;
  ServerTimeouts timeouts;
  HalfClose half_close = HalfClose::Abort;
  bool direct_models = true;
  DropSettings drop;
  std::uint64_t strict_json = 16ULL << 10;  // kAlways: whatever the size.
  HeaderSettings headers;
  std::vector<Network> trusted_proxies;
  bool proxy_protocol = false;
  CorsSettings cors;
};

enum class AdminRole : std::uint8_t { Admin, Viewer };

struct AdminToken {
  std::string name;
  Secret secret;
  AdminRole role = AdminRole::Viewer;
};

struct AdminSettings {
  ListenAddress listen{.kind = ListenAddress::Kind::IPv4, .host = "127.0.0.1", .port = 9901};
  std::vector<AdminToken> tokens;
};

}  // namespace sluice::config
