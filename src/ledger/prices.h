// What a try cost.
#pragma once

#include "sluice/price.h"
#include "sluice/usage.h"

#include <cstdint>
#include <string>

namespace sluice::ledger {

struct Cost {
  std::int64_t pico_dollars = 0;

  auto operator<=>(const Cost&) const = default;
};

// Each token is charged once, as the dearest-named thing that it is: a cached one as cached, one of
// reasoning as reasoning. Whole pico-dollars, half ones up; what does not fit stays at the largest.
Cost cost_of(const Price& price, const Usage& usage);

// "0.0123" in USD, all its digits and no more.
std::string usd_text(Cost cost);

}  // namespace sluice::ledger
