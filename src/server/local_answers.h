// What the gateway answers itself: the models a key may ask for, and health.
#pragma once

#include "sluice/context.h"
#include "sluice/error.h"

#include "server/endpoints.h"

#include <string>

namespace sluice::config {
class Snapshot;
}

namespace sluice::server {

Result<std::string> local_answer(const Endpoint& endpoint, const config::Snapshot& config,
                                 const Context& context);

}  // namespace sluice::server
