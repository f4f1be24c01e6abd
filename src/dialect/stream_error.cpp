#include "dialect/stream_error.h"

#include "dialect/converse_error.h"
#include "dialect/errors.h"
#include "dialect/openai_responses.h"

namespace sluice::dialect {

std::string stream_error(const ApiError& error, Operation operation, Family family,
                         std::string_view request_id) {
  if (operation == Operation::Converse) return converse_error_event(error);
  return operation == Operation::Responses ? responses_error_event(error, request_id)
                                           : error_event(error, family, request_id);
}

}  // namespace sluice::dialect
