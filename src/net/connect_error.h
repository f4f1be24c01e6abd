// How a connection that did not come about is told.
#pragma once

#include "sluice/error.h"

#include <string>

namespace sluice::net {

inline std::unexpected<Failure> connect_failed(std::string message, std::string detail) {
  return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                       .code = "upstream_error",
                       .message = std::move(message),
                       .detail = std::move(detail),
                       .retry = Retry::OtherTarget});
}

inline std::unexpected<Failure> connect_timed_out(std::string what) {
  return fail(ApiError{.kind = ErrorKind::DeadlineExceeded,
                       .code = "upstream_timeout",
                       .message = "connect: " + std::move(what),
                       .retry = Retry::OtherTarget});
}

}  // namespace sluice::net
