// `auth:` of the file.
#pragma once

#include "config/network.h"
#include "config/secret.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

enum class Operation : std::uint8_t { Chat, Embeddings, Images, Audio, Files, Raw };

class Operations {
 public:
  constexpr Operations() = default;
  constexpr bool contains(Operation operation) const { return bits_ & bit(operation); }
  constexpr void add(Operation operation) { bits_ |= bit(operation); }

  // Everything that Sluice can read; raw paths must be granted by name.
  static constexpr Operations readable() {
    Operations all;
    for (auto each : {Operation::Chat, Operation::Embeddings, Operation::Images, Operation::Audio,
                      Operation::Files}) {
      all.add(each);
    }
    return all;
  }

  bool operator==(const Operations&) const = default;

 private:
  static constexpr std::uint8_t bit(Operation operation) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(operation));
  }
  std::uint8_t bits_ = 0;
};

struct ClientKey {
  std::string name;
  Secret secret;
  std::string user;                         // Empty: none.
  std::vector<std::string> models = {"*"};  // Names, or beginnings with one trailing star.
  Operations may = Operations::readable();
};

// Is `name` one of the patterns, or begins like one that ends in a star?
bool matches_any(const std::vector<std::string>& patterns, std::string_view name);

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
