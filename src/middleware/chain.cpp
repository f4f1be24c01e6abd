#include "middleware/chain.h"

#include "config/snapshot.h"
#include "middleware/authenticate.h"
#include "middleware/model_allowed.h"
#include "middleware/price_known.h"
#include "middleware/request_fields.h"
#include "middleware/resolve.h"

#include <algorithm>

namespace sluice::middleware {
namespace {

bool sets_fields(const config::Config& config) {
  return std::ranges::any_of(config.models, [](const config::ModelEntry& entry) {
    return entry.group && !(entry.group->defaults.empty() && entry.group->overrides.empty());
  });
}

}  // namespace

Chain::Chain(const config::Snapshot& config) {
  // Head phase: what a stranger costs us is decided here.
  gates_.push_back(std::make_unique<Authenticate>(config.config().auth, config.keys()));

  // Body phase. Whatever changes the request's meaning comes before what judges it; what judges it
  // comes before what costs money.
  middlewares_.push_back(std::make_unique<Resolve>());  // The name asked for becomes candidates.
  if (sets_fields(config.config())) {
    middlewares_.push_back(std::make_unique<RequestFields>());  // What that name sets.
  }
  middlewares_.push_back(
      std::make_unique<ModelAllowed>());  // Behind resolve: an unknown name is a 404 to all.

  if (config.config().unknown_price == UnknownPrice::Deny) {
    middlewares_.push_back(std::make_unique<PriceKnown>());  // Nobody is asked on an open bill.
  }

  for (const auto& middleware : middlewares_) order_.push_back(middleware.get());
}

Result<void> Chain::admit(Context& context, const Knock& knock) const {
  for (const auto& gate : gates_) TRY_VOID(gate->admit(context, knock));
  return {};
}

Task<Result<Reply>> Chain::call(Context& context, Request& request, ModelCaller& caller) const {
  return Next(order_, caller)(context, request);
}

}  // namespace sluice::middleware
