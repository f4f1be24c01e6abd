// How Amazon's libraries are told of a failure.
#pragma once

#include "sluice/error.h"

#include <string>
#include <string_view>

namespace sluice::dialect {

// Of an answer that has not begun: the value of x-amzn-errortype, and the body.
std::string_view converse_error_type(const ApiError& error, int status);
std::string converse_error_body(const ApiError& error);

// Inside of a stream: one message, an exception that ConverseStream declares.
std::string converse_error_event(const ApiError& error);

}  // namespace sluice::dialect
