#include "routing/strategies/strategy_of.h"

#include "config/model_settings.h"
#include "routing/strategies/cheapest.h"
#include "routing/strategies/fallback.h"
#include "routing/strategies/learned.h"
#include "routing/strategies/least_busy.h"
#include "routing/strategies/least_latency.h"
#include "routing/strategies/round_robin.h"
#include "routing/strategies/weighted.h"

#include <utility>

namespace sluice::routing {

const Strategy& strategy_of(config::StrategyKind kind) {
  static const Fallback fallback;
  static const Weighted weighted;
  static const RoundRobin round_robin;
  static const LeastLatency least_latency;
  static const LeastBusy least_busy;
  static const Cheapest cheapest;
  static const Learned learned(config::LearnedSettings{}.explore);
  switch (kind) {
    case config::StrategyKind::Fallback:
      return fallback;
    case config::StrategyKind::Weighted:
      return weighted;
    case config::StrategyKind::RoundRobin:
      return round_robin;
    case config::StrategyKind::LeastLatency:
      return least_latency;
    case config::StrategyKind::LeastBusy:
      return least_busy;
    case config::StrategyKind::Cheapest:
      return cheapest;
    case config::StrategyKind::Learned:
      return learned;
  }
  std::unreachable();
}

}  // namespace sluice::routing
