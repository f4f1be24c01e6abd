// What becomes of the fields of a request that its target lacks.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sluice {

struct DropPolicy {
  enum class Which : std::uint8_t { None, Hints, All, Named };
  Which which = Which::Hints;
  std::span<const std::string_view> names = {};  // Of Named: these, and no other.
};

}  // namespace sluice
