// Who may call the admin API.
#pragma once

#include "sluice/error.h"

#include "config/server_settings.h"
#include "net/http_exchange.h"

#include <cstdint>

namespace sluice::admin {

enum class Access : std::uint8_t {
  Anyone,  // Probes: whoever reaches the port.
  Viewer,  // Looks.
  Admin,   // Changes, or makes the gateway work.
};

// With tokens: whoever presents one whose role is enough. Without: processes of this machine only,
// and no web page that a browser here has open.
Result<void> admit(const net::HttpExchange& exchange, Access needed,
                   const config::AdminSettings& settings);

}  // namespace sluice::admin
