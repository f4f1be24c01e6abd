#include "routing/outcome.h"

#include <algorithm>

namespace sluice::routing {
namespace {

// Of errors inside a 200, the status that would have said the same.
std::uint16_t status_of(const ApiError& error) {
  if (error.upstream) return static_cast<std::uint16_t>(error.upstream->status);
  if (error.code == "upstream_rate_limited") return 429;
  if (error.code == "upstream_overloaded") return 503;
  return 502;
}

bool is_listed(std::uint16_t status, const config::RetryOn& on) {
  return std::ranges::find(on.statuses, status) != on.statuses.end() ||
         std::ranges::find(on.status_classes, status / 100) != on.status_classes.end();
}

}  // namespace

ApiError bad_answer(std::string_view message) {
  return {.kind = ErrorKind::UpstreamUnavailable,
          .code = "upstream_bad_response",
          .message = std::string(message),
          .retry = Retry::OtherTarget};
}

ApiError timed_out(std::string_view which) {
  return {.kind = ErrorKind::DeadlineExceeded,
          .code = "upstream_timeout",
          .message = "The provider timed out: " + std::string(which) + ".",
          .retry = Retry::OtherTarget};
}

Outcome outcome_of(const ApiError& error) {
  switch (error.kind) {
    case ErrorKind::DeadlineExceeded:
      return Outcome::TimedOut;
    case ErrorKind::UpstreamRejected:
      return Outcome::Refused;
    default:
      return error.code == "upstream_error" && !error.upstream ? Outcome::Unreachable
                                                               : Outcome::Failed;
  }
}

bool may_try_again(const ApiError& error, const config::RetryOn& on) {
  // What this one cannot be told, another may.
  if (error.kind == ErrorKind::Unsupported && !error.upstream) return true;
  if (error.upstream && error.upstream->status == 404) return true;
  if (error.code == "upstream_auth") return true;
  if (error.retry == Retry::Never) return error.upstream && is_listed(status_of(error), on);
  switch (outcome_of(error)) {
    case Outcome::TimedOut:
      return on.timeout;
    case Outcome::Unreachable:
      return on.connect;
    default:
      return is_listed(status_of(error), on);
  }
}

}  // namespace sluice::routing
