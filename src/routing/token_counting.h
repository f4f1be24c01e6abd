// How many tokens a request is, where its target has no way to be asked that.
#pragma once

#include "sluice/context.h"
#include "sluice/reply.h"

#include <cstdint>
#include <string_view>

namespace sluice::routing {

// Of all that the model would read: exact for models of a known encoding but for media, which are
// estimated. `vendor` is a provider's kind.
std::uint64_t input_tokens(const Conversation& conversation, std::string_view vendor,
                           std::string_view model);

// The answer to a request that asks for this count.
Result<Reply> answer_count(Context& context, Request& request, std::string_view vendor,
                           std::string_view model);

}  // namespace sluice::routing
