// What a provider's prompt cache goes by, as far as it can be told from a body.
#pragma once

#include "base/json.h"

#include <cstdint>
#include <optional>

namespace sluice::routing {

// Of the tools, and of what is said first: the system's text and the turns up to the user's first,
// 1024 bytes of it. Providers keep what a prompt begins with, in this order, and find the machine
// that has it by a hash of about so much (256 tokens); turns that are added later change none of
// it, so a conversation keeps its hash. Texts alone count, for callers move their cache marks from
// turn to turn. Nothing: the body has none of it.
std::optional<std::uint64_t> prompt_prefix_hash(const json::Value& body);

}  // namespace sluice::routing
