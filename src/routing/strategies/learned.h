#pragma once

#include "sluice/strategy.h"

namespace sluice::routing {

// Each as often as it may be the one of the best rewards (Thompson sampling), save that
// - `explore` of the picks are by lot, so that none is ever without;
// - those of fewer than kTested trials get kUntested of the picks together, unless none was tested.
class Learned final : public Strategy {
 public:
  static constexpr double kTested = 10;
  static constexpr double kUntested = 0.2;

  explicit constexpr Learned(double explore) : explore_(explore) {}

  std::size_t pick(const Wish& wish, std::span<const Choice> choices,
                   Random& random) const override;

 private:
  double explore_;
};

}  // namespace sluice::routing
