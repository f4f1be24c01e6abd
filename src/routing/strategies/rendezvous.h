#pragma once

#include "sluice/strategy.h"

namespace sluice::routing {

// The same one for the same affinity, by weight over all of them. When one goes, only those who had
// it move; when one comes, only those who get it do. Without an affinity: by weight.
class Rendezvous final : public Strategy {
 public:
  std::size_t pick(const Wish& wish, std::span<const Choice> choices,
                   Random& random) const override;
};

}  // namespace sluice::routing
