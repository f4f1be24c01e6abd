#pragma once

#include <string_view>

namespace sluice::admin {

// The admin API as an OpenAPI 3 document.
extern const std::string_view kOpenApi;

}  // namespace sluice::admin
