#include "dialect/malformed_answer.h"

#include <utility>

namespace sluice::dialect {

std::unexpected<Failure> malformed_answer(std::string detail) {
  return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                       .code = "upstream_bad_response",
                       .message = "The provider's answer is not what its API promises.",
                       .detail = std::move(detail),
                       .retry = Retry::OtherTarget});
}

}  // namespace sluice::dialect
