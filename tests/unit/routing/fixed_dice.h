// Dice that fall as the test says.
#pragma once

#include "sluice/strategy.h"

#include <cstdint>

namespace sluice::routing {

class FixedDice final : public Random {
 public:
  static constexpr std::uint64_t kHalf = std::uint64_t{1} << 63;

  std::uint64_t next() override { return side; }

  std::uint64_t side = kHalf;
};

}  // namespace sluice::routing
