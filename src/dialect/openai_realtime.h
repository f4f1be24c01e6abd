// The realtime API's words: the path of its WebSocket, and the events that tell what it cost.
#pragma once

#include "sluice/arena.h"
#include "sluice/usage.h"

#include "base/json.h"

#include <optional>
#include <string_view>

namespace sluice::dialect {

// The value of "model" in the query of `target`; nothing when it is absent, there twice, or made of
// other bytes than names are.
std::optional<std::string_view> realtime_model(std::string_view target, Arena& arena);

// "/realtime?model=…" for the provider. Of the caller's query only "intent" goes on: what else
// there may be (keys, other people's sessions) is not for the provider to see.
std::string_view realtime_path(std::string_view target, std::string_view model, Arena& arena);

// What a response cost, of an event "response.done"; nothing for any other.
std::optional<Usage> realtime_usage(std::string_view event, json::Reader& reader);

}  // namespace sluice::dialect
