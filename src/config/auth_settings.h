// `auth:` of the file.
#pragma once

#include "sluice/principal.h"

#include "config/network.h"
#include "config/secret.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

// Everything that Sluice can read; raw paths must be granted by name.
constexpr PermissionSet readable_permissions() {
  PermissionSet all;
  for (const auto each : {Permission::Chat, Permission::Embeddings, Permission::Images,
                          Permission::Audio, Permission::Files}) {
    all.add(each);
  }
  return all;
}

struct ClientKey {
  std::string name;
  Secret secret;
  std::string user;                         // Empty: none.
  std::vector<std::string> models = {"*"};  // Names, or beginnings with one trailing star.
  PermissionSet may = readable_permissions();
};

// Is `name` one of the patterns, or begins like one that ends in a star?
bool matches_any(std::span<const std::string> patterns, std::string_view name);

struct IpRules {
  std::vector<Network> allow;  // Empty is nobody; absent in the file is everybody.
  std::vector<Network> deny;   // Goes before allow.

  IpRules();
  bool admits(const IpBytes& address) const;
};

struct AuthSettings {
  bool required = true;
  std::vector<ClientKey> keys;
  IpRules ip;
};

}  // namespace sluice::config
