// What is made of random bits.
#pragma once

#include "routing/strategies/stable_hash.h"

#include <bit>
#include <cstddef>
#include <cstdint>

namespace sluice::routing {

// From 0 to 1, without 1.
inline double unit(std::uint64_t bits) {
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

// From 0 to `count`, without `count`, which is below 2^32. Of the higher half of the bits.
inline std::size_t below(std::uint64_t bits, std::size_t count) {
  return static_cast<std::size_t>(((bits >> 32) * count) >> 32);
}

// Of the standard normal distribution, up to 8 deviations from its middle: how many of 64 coins
// show heads, and the steps between these numbers filled evenly.
inline double normal(std::uint64_t bits) {
  // One by the root of 64/4 of the coins and 1/12 of the filling.
  constexpr double kScale = 1 / 4.0103968;
  return (std::popcount(bits) - 32.5 + unit(mixed(bits))) * kScale;
}

}  // namespace sluice::routing
