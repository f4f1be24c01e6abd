// How an error is said to each family of callers: the table of http-api.md, and its three shapes.
#pragma once

#include "sluice/error.h"
#include "sluice/operation.h"

#include <string>
#include <string_view>

namespace sluice::dialect {

struct ErrorRow {
  std::string_view code;
  int status;
  std::string_view openai_type;
  std::string_view anthropic_type;
  std::string_view gemini_status;
};

// A code that is not in the table is told as an internal error.
const ErrorRow& error_row(std::string_view code);

// A provider's refusals that are the caller's to see keep their status.
bool keeps_status(int provider_status);

int status_of(const ApiError& error);
std::string error_body(const ApiError& error, Family family, std::string_view request_id);
// The same as the last event of a stream that has begun.
std::string error_event(const ApiError& error, Family family, std::string_view request_id);

}  // namespace sluice::dialect
