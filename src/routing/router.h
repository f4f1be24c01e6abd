// The end of the chain: picks a candidate and has it asked.
#pragma once

#include "sluice/middleware.h"
#include "sluice/strategy.h"

#include "routing/attempts.h"
#include "routing/destination.h"

#include <vector>

namespace sluice::routing {

class Router final : public ModelCaller {
 public:
  Router(std::vector<Destination> destinations, const Strategy& strategy, Random& random,
         const AttemptLimits& limits)
      : destinations_(std::move(destinations)),
        strategy_(strategy),
        random_(random),
        limits_(limits) {}

  Task<Result<Reply>> call(Context& context, Request& request) override;

  const std::vector<Destination>& destinations() const { return destinations_; }

 private:
  std::vector<Destination> destinations_;  // By their place in the configuration.
  const Strategy& strategy_;
  Random& random_;
  AttemptLimits limits_;
};

}  // namespace sluice::routing
