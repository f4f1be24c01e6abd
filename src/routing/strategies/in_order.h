#pragma once

#include "sluice/strategy.h"

namespace sluice::routing {

// The first that is left.
class InOrder final : public Strategy {
 public:
  std::optional<std::size_t> pick(const Request&, std::span<const Candidate> candidates,
                                  Random&) const override {
    if (candidates.empty()) return std::nullopt;
    return 0;
  }
};

}  // namespace sluice::routing
