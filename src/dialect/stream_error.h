// How a stream that has begun tells its caller that it cannot be completed.
#pragma once

#include "sluice/error.h"
#include "sluice/operation.h"

#include <string>
#include <string_view>

namespace sluice::dialect {

std::string stream_error(const ApiError& error, Operation operation, Family family,
                         std::string_view request_id);

}  // namespace sluice::dialect
