// The provider's own words in the body of an error.
#pragma once

#include "base/json.h"

#include <string>
#include <string_view>

namespace sluice::providers {

// Of {"message": "…"}, {"Message": "…"} or {"error": "…"}; empty when it is none of them.
std::string read_error_message(std::string_view body, json::Reader& reader);

}  // namespace sluice::providers
