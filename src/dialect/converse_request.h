// Reads what the policies need from a request to Bedrock's Converse.
#pragma once

#include "sluice/arena.h"
#include "sluice/request.h"

#include "base/json.h"

#include <string_view>

namespace sluice::dialect {

// Fills the policy fields of `request` from a JSON body, which must live as long as the request.
// The model and whether to stream stand in the path.
Result<void> read_converse_request(std::string_view body, const json::Limits& limits,
                                   json::Reader& reader, Arena& arena, Request& request);

// The body holds what another provider sealed: it is not to be passed on as it is.
bool converse_holds_foreign_seals(std::string_view body);

}  // namespace sluice::dialect
