#include "dialect/converse_error.h"

#include "base/aws_event_stream.h"
#include "base/json_writer.h"

#include <string_view>

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

std::string converse_error_event(const ApiError& error) {
  std::string payload;
  json::Writer(payload).begin_object().member("message", error.message).end_object();
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
