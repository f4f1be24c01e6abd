// Which providers are asked now and then whether they are there, and how.
#pragma once

#include "daemon/providers.h"
#include "routing/health_probe.h"

#include <memory>
#include <stop_token>
#include <vector>

namespace sluice::daemon {

// One order for each provider that is to be probed. The destinations are those of the loop that the
// probes will run on; the fleet knows the targets of the configuration already.
std::vector<routing::ProbeOrder> probe_orders(
    const std::shared_ptr<const config::Snapshot>& snapshot, const ProviderSet& shared,
    const std::vector<routing::Destination>& destinations, const Pools& pools,
    const routing::Fleet& fleet, const std::stop_token& until);

}  // namespace sluice::daemon
