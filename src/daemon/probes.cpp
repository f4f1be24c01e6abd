#include "daemon/probes.h"

namespace sluice::daemon {

std::vector<routing::ProbeOrder> probe_orders(
    const std::shared_ptr<const config::Snapshot>& snapshot, const ProviderSet& shared,
    const std::vector<routing::Destination>& destinations, const Pools& pools,
    const routing::Fleet& fleet, const std::stop_token& until) {
  std::vector<routing::ProbeOrder> orders;
  const auto& providers = snapshot->config().providers;
  for (std::size_t i = 0; i < providers.size(); ++i) {
    const config::ProviderSettings& settings = providers[i];
    if (settings.health.probe == config::Probe::None) continue;
    routing::ProbeOrder order{.destination = destinations[i],
                              .health = settings.health,
                              .targets = {},
                              .door = pools.door(settings, shared[i]),
                              .config = snapshot,
                              .until = until};
    for (auto& target : fleet.list()) {
      if (target->name.starts_with(settings.name + "/")) order.targets.push_back(std::move(target));
    }
    orders.push_back(std::move(order));
  }
  return orders;
}

}  // namespace sluice::daemon
