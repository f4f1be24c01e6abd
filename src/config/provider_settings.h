// `providers:` of the file.
#pragma once

#include "sluice/catalogue.h"

#include "config/quantity.h"
#include "config/secret.h"
#include "config/server_settings.h"
#include "config/url.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

struct ProviderKey {
  Secret secret;
  std::uint32_t weight = 1;
};

struct ProviderKeys {
  bool from_caller = false;       // The caller's own credential goes on.
  std::vector<ProviderKey> list;  // None of them is empty.
  std::uint32_t absent = 0;       // How many stood in the file but were empty.

  // Keys are wanted and there is none: the provider cannot be asked.
  bool all_absent() const { return list.empty() && absent > 0; }
};

// A header that is added to every request; often a credential, so never shown.
struct FixedHeader {
  std::string name;  // Lower case.
  Secret value;
};

struct ProviderTimeouts {
  Milliseconds connect{3'000};
  Milliseconds first_token{60'000};
  Milliseconds between_tokens{60'000};
  Milliseconds total{600'000};  // Of one attempt.
};

struct ConnectionSettings {
  std::uint64_t max = 512;
  Milliseconds idle{90'000};
};

// What a provider grants, or what we grant a target. Absent: no limit of ours.
struct RateLimitSettings {
  std::optional<std::uint64_t> requests_per_minute;
  std::optional<std::uint64_t> tokens_per_minute;
  std::optional<std::uint64_t> concurrent;

  bool operator==(const RateLimitSettings&) const = default;
};

enum class Probe : std::uint8_t { None, Models, Tcp };
struct HealthSettings {
  Probe probe = Probe::None;
  Milliseconds every{30'000};
};

// When a target that fails rests, and how it comes back.
struct BreakerSettings {
  std::uint64_t consecutive = 5;
  double ratio = 0.5;
  std::uint64_t of_at_least = 20;
  Milliseconds window{10'000};
  Milliseconds rest{15'000};
  Milliseconds slow_start{30'000};

  bool operator==(const BreakerSettings&) const = default;
};

// What becomes of the provider's call when the caller leaves.
enum class CancelPolicy : std::uint8_t { Auto, Cancel, Drain };

struct ProviderTlsSettings {
  std::string ca;  // Paths. Empty: the system's.
  bool verify = true;
  std::string server_name;  // Empty: the host of base_url.
  std::string certificate;
  std::string private_key;
};

enum class StreamUsage : std::uint8_t { Auto, Option, Always, None };

struct Tag {
  std::string name;
  std::string value;
};

// What a provider calls a model of ours.
struct Deployment {
  std::string name;
  std::string deployment;
};

struct EntraSettings {
  std::string tenant;
  std::string client_id;
  Secret client_secret;
};

// Whose credentials Amazon's machines lend.
enum class AwsRole : std::uint8_t { Instance, Container };

struct ProviderSettings {
  std::string name;
  std::string type;
  // Of the catalogue that the snapshot keeps. Null only in settings that were not loaded.
  const ProviderKind* kind = nullptr;
  Url base_url;  // Empty only for a simulator.
  ProviderKeys keys;
  std::vector<FixedHeader> headers;
  ProviderTimeouts timeouts;
  ConnectionSettings connections;
  ProviderTlsSettings tls;
  std::optional<Url> proxy;
  StreamUsage stream_usage = StreamUsage::Auto;
  RateLimitSettings limits;
  HealthSettings health;
  BreakerSettings breaker;
  CancelPolicy cancel = CancelPolicy::Auto;
  std::vector<Tag> tags;
  std::optional<DropSettings> drop;  // Absent: that of the server.
  // Of Azure.
  std::optional<std::string> api_version;  // Always there once it was loaded.
  std::optional<std::vector<Deployment>> deployments;
  std::optional<EntraSettings> entra;
  // Of Bedrock. A region, and one way to credentials: keys, these, a profile or a role.
  std::optional<std::string> region;
  std::optional<Secret> access_key;
  std::optional<Secret> secret_key;
  std::optional<Secret> session_token;  // Never empty.
  std::optional<std::string> profile;
  std::optional<AwsRole> role;
  // Of Vertex AI. Project, location, and one of the others or keys.
  std::optional<std::string> project;
  std::optional<std::string> location;
  std::optional<std::string> credentials;  // A path.
  std::optional<Secret> access_token;

  bool is(Api api) const { return kind && kind->api == api; }
  // A credential is wanted and there is none: the provider cannot be asked.
  bool lacks_credential() const;
  // What the provider calls a model.
  std::string_view deployment_of(std::string_view model) const;
};

}  // namespace sluice::config
