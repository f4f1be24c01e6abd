#include "middleware/model_allowed.h"

#include <algorithm>

namespace sluice::middleware {

bool may_ask_for(const Principal& principal, std::string_view model) {
  return std::ranges::any_of(principal.models, [model](std::string_view pattern) {
    if (!pattern.ends_with('*')) return model == pattern;
    pattern.remove_suffix(1);
    return model.starts_with(pattern);
  });
}

Task<Result<Reply>> ModelAllowed::handle(Context& context, Request& request, Next next) const {
  if (!request.model.empty() && !may_ask_for(*context.principal, request.model)) {
    co_return fail(ApiError{
        .kind = ErrorKind::Forbidden,
        .code = "model_not_allowed",
        .message = "This key may not use the model \"" + std::string(request.model) + "\".",
        .param = "model"});
  }
  co_return co_await next(context, request);
}

}  // namespace sluice::middleware
