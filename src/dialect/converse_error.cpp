#include "dialect/converse_error.h"

#include "base/aws_event_stream.h"
#include "base/json_writer.h"

namespace sluice::dialect {
namespace {

std::string_view exception_of(const ApiError& error) {
  switch (error.kind) {
    case ErrorKind::RateLimited:
      return "throttlingException";
    case ErrorKind::InvalidRequest:
    case ErrorKind::UpstreamRejected:
    case ErrorKind::Unsupported:
    case ErrorKind::TooLarge:
      return "validationException";
    case ErrorKind::UpstreamUnavailable:
    case ErrorKind::DeadlineExceeded:
      return error.code == "upstream_overloaded" ? "serviceUnavailableException"
                                                 : "modelStreamErrorException";
    default:
      return "internalServerException";
  }
}

}  // namespace

std::string_view converse_error_type(const ApiError& error, int status) {
  switch (status) {
    case 401:
    case 403:
      return "AccessDeniedException";
    case 404:
      return "ResourceNotFoundException";
    case 408:
    case 504:
      return "ModelTimeoutException";
    case 429:
      return "ThrottlingException";
    case 503:
    case 529:
      return "ServiceUnavailableException";
    default:
      return status < 500 && error.kind != ErrorKind::Internal ? "ValidationException"
                                                               : "InternalServerException";
  }
}

std::string converse_error_body(const ApiError& error) {
  std::string body;
  json::Writer(body).begin_object().member("message", error.message).end_object();
  return body;
}

std::string converse_error_event(const ApiError& error) {
  const std::string payload = converse_error_body(error);
  const aws::Header headers[] = {
      {.name = ":exception-type", .value = exception_of(error)},
      {.name = ":content-type", .value = "application/json"},
      {.name = ":message-type", .value = "exception"},
  };
  std::string out;
  aws::append_message(out, headers, payload);
  return out;
}

}  // namespace sluice::dialect
