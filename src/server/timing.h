// Whose time a request took: ours, or that of the providers it waited for.
#pragma once

#include "sluice/context.h"

#include <string_view>

namespace sluice::server {

// How long at least one attempt was being waited for: by now, where it has not ended.
Duration waited_for(const Account& account, Instant now);

// Of our own time, of the first token's and of the provider's, for the head of an answer. Something
// was attempted.
std::string_view server_timing(const Context& context, Arena& arena);

}  // namespace sluice::server
