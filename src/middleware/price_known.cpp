#include "middleware/price_known.h"

#include "config/snapshot.h"

#include <algorithm>
#include <chrono>

namespace sluice::middleware {

Task<Result<Reply>> PriceKnown::handle(Context& context, Request& request, Next next) const {
  const config::Snapshot& config = *context.config;
  const auto now = std::chrono::floor<std::chrono::seconds>(context.clock.wall());
  const auto is_known = [&](const Candidate& candidate) {
    const config::ProviderSettings& provider = config.config().providers[candidate.provider];
    // What answers in this process costs nothing; what names no model is not billed by one.
    return provider.is(Api::Simulator) || candidate.model.empty() ||
           config.prices().find(provider.type, candidate.model, now) != nullptr;
  };
  const auto priced = context.arena.array<Candidate>(request.candidates.size());
  const auto end = std::ranges::copy_if(request.candidates, priced.begin(), is_known).out;
  request.candidates = priced.first(static_cast<std::size_t>(end - priced.begin()));
  if (request.candidates.empty()) {
    return fail(ApiError{.kind = ErrorKind::Forbidden,
                         .code = "model_not_allowed",
                         .message = "The model \"" + std::string(request.model) +
                                    "\" has no known price, and such are not asked here.",
                         .param = "model"});
  }
  return next(context, request);
}

}  // namespace sluice::middleware
