#include "providers/openai/embedding_plan.h"

#include "providers/common/call.h"

namespace sluice::providers {

Result<Plan::Step> EmbeddingPlan::next(Context& context, std::string_view answered) {
  if (!answered.empty()) TRY_VOID(batches_.take(answered, reader_));
  if (batches_.done())
    return Step{.call = std::nullopt, .after = {}, .body = batches_.joined(context.arena)};
  Step step{.call = repeated(call_, context.draft), .after = {}, .body = {}};
  set_body(*step.call, batches_.next(context.draft), context.draft);
  return step;
}

}  // namespace sluice::providers
