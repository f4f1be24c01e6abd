// Who is asking, as authentication found out.
#pragma once

#include "sluice/operation.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sluice {

class PermissionSet {
 public:
  constexpr PermissionSet() = default;
  static constexpr PermissionSet all() { return PermissionSet(0xff); }

  constexpr void add(Permission permission) { bits_ |= bit(permission); }
  constexpr bool has(Permission permission) const { return bits_ & bit(permission); }
  bool operator==(const PermissionSet&) const = default;

 private:
  explicit constexpr PermissionSet(std::uint8_t bits) : bits_(bits) {}
  static constexpr std::uint8_t bit(Permission permission) {
    return static_cast<std::uint8_t>(1u << static_cast<unsigned>(permission));
  }
  std::uint8_t bits_ = 0;
};

// Views into the configuration that the request holds.
struct Principal {
  std::string_view id;  // The key's name, never its secret.
  std::string_view user;
  std::span<const std::string>
      models;  // What may be asked for; a trailing star stands for any rest.
  PermissionSet may;
};

}  // namespace sluice
