// How Amazon's libraries are told of a failure inside of a stream.
#pragma once

#include "sluice/error.h"

#include <string>

namespace sluice::dialect {

// One message: an exception that ConverseStream declares.
std::string converse_error_event(const ApiError& error);

}  // namespace sluice::dialect
