// `providers:` and `models:` of the file.
#pragma once

#include "config/quantity.h"
#include "config/secret.h"
#include "config/url.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice::config {

enum class ProviderType : std::uint8_t { OpenAi, OpenAiCompatible, Simulator };

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

struct ProviderSettings {
  std::string name;
  ProviderType type = ProviderType::OpenAiCompatible;
  Url base_url;  // Empty only for a simulator.
  ProviderKeys keys;
  std::vector<FixedHeader> headers;
  ProviderTimeouts timeouts;
  ConnectionSettings connections;
  ProviderTlsSettings tls;
  std::optional<Url> proxy;
  StreamUsage stream_usage = StreamUsage::Auto;
  std::vector<Tag> tags;
};

// `name: provider/model`; a name may end in one star, then * and $0 in the target are filled in.
struct ModelEntry {
  std::string name;
  std::string target;

  bool is_wildcard() const { return name.ends_with('*'); }
};

}  // namespace sluice::config
