#pragma once

#include "sluice/strategy.h"

#include <cstdint>

namespace sluice::config {
enum class StrategyKind : std::uint8_t;
}

namespace sluice::routing {

// Stateless, so one of each does for all. `learned` explores as it does unless it is told (see
// strategies/learned.h).
const Strategy& strategy_of(config::StrategyKind kind);

}  // namespace sluice::routing
