// A reply in the provider's dialect, told in the caller's.
#pragma once

#include "sluice/context.h"
#include "sluice/reply.h"

namespace sluice::server {

// Called before the answer is under way, while the request can still be read. A reply that speaks
// the caller's dialect already is left as it is.
Result<void> translate_reply(Context& context, const Request& request, Reply& reply);

}  // namespace sluice::server
