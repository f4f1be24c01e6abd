#pragma once

#include "sluice/task.h"

#include "net/http_exchange.h"
#include "providers/simulator/simulator.h"

namespace sluice::cli {

// Sends what the reply says, when it says so. Ends with a complete answer, with a connection that
// is to be closed or was reset in the middle of one, or never (a stall): then whoever awaits it
// notices that the caller has gone.
Task<void> play(net::HttpExchange& exchange, providers::simulator::Reply reply);

}  // namespace sluice::cli
