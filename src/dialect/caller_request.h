// What the policies need from a caller's JSON body, whatever dialect it is written in.
#pragma once

#include "sluice/arena.h"
#include "sluice/request.h"

#include "base/json.h"

namespace sluice::dialect {

// Fills the policy fields of `request` from a JSON body, which must live as long as the request.
Result<void> read_caller_request(std::string_view body, const json::Limits& limits,
                                 json::Reader& reader, Arena& arena, Request& request);

}  // namespace sluice::dialect
