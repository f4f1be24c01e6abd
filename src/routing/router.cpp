#include "routing/router.h"

namespace sluice::routing {

Task<Result<Reply>> Router::call(Context& context, Request& request) {
  const auto picked = strategy_.pick(request, request.candidates, random_);
  if (!picked) {
    co_return fail(ErrorKind::UpstreamUnavailable, "no_healthy_target",
                   "No provider can answer this request now.");
  }
  const Candidate& candidate = request.candidates[*picked];
  const Destination& destination = destinations_[candidate.provider];
  if (destination.has_no_key) {
    co_return fail(ErrorKind::UpstreamUnavailable, "no_healthy_target",
                   "The provider \"" + destination.name +
                       "\" has no key: none of those configured has a value.");
  }
  co_return co_await attempt(context, request, destination, candidate.model, limits_);
}

}  // namespace sluice::routing
