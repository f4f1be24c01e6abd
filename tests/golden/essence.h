// What a request asks, whichever dialect it is written in.
#pragma once

#include "sluice/conversation.h"

#include "golden/cases.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::golden {

// Its members: system, flow, tools, tool_choice, stop, max_tokens, temperature, top_p, format.
Json essence_of(const Conversation& conversation);

// A member may be told otherwise only where a loss of one of these names was listed.
bool excused(std::string_view member, std::span<const std::string> losses);

// Of targets that nobody asks us in, and so are never read: the texts and names of that essence
// which their body does not hold.
std::vector<std::string> missing_in(const Json& body, const Json& essence);

}  // namespace sluice::golden
