// Makes one provider answer: encode, sign, send, and read until it is sure what kind of answer it
// is. Whatever tries again, tries again here and nowhere else.
#pragma once

#include "routing/destination.h"
#include "routing/event_stream.h"

namespace sluice::routing {

struct AttemptLimits {
  Duration commit = std::chrono::seconds(15);
  std::size_t commit_bytes = std::size_t{64} * 1024;
  std::size_t event = std::size_t{16} << 20;
};

// How the account tells a try that ended by this error.
Outcome outcome_of(const ApiError& error);

Task<Result<Reply>> attempt(Context& context, Request& request, const Destination& destination,
                            std::string_view model, const AttemptLimits& limits);

}  // namespace sluice::routing
