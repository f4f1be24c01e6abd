#include "routing/router.h"

#include "dialect/token_count.h"
#include "dialect/translate.h"
#include "routing/token_counting.h"

namespace sluice::routing {

Task<Result<Reply>> Router::call(Context& context, Request& request) {
  const auto picked = strategy_.pick(request, request.candidates, random_);
  if (!picked) {
    return fail(ErrorKind::UpstreamUnavailable, "no_healthy_target",
                "No provider can answer this request now.");
  }
  const Candidate& candidate = request.candidates[*picked];
  const Destination& destination = destinations_[candidate.provider];
  if (destination.has_no_key) {
    return fail(ErrorKind::UpstreamUnavailable, "no_healthy_target",
                "The provider \"" + destination.name +
                    "\" has no key: none of those configured has a value.");
  }
  if (dialect::asks_for_count(request.operation)) {
    const ProviderKind* kind = destination.kind;
    Target target;
    target.provider = destination.name;
    target.model = candidate.model;
    target.kind = kind;
    target.facts = kind ? kind->find(candidate.model) : nullptr;
    // Those who count themselves are asked.
    if (dialect::differs(request, destination.provider->dialect(request, target))) {
      return answer_count(context, request, kind ? kind->type : std::string_view(),
                          candidate.model);
    }
  }
  return attempt(context, request, destination, candidate.model, limits_);
}

}  // namespace sluice::routing
