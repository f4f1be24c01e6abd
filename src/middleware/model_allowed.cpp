#include "middleware/model_allowed.h"

#include "config/auth_settings.h"

namespace sluice::middleware {

Task<Result<Reply>> ModelAllowed::handle(Context& context, Request& request, Next next) const {
  if (!request.model.empty() && !config::matches_any(context.principal->models, request.model)) {
    co_return fail(ApiError{
        .kind = ErrorKind::Forbidden,
        .code = "model_not_allowed",
        .message = "This key may not use the model \"" + std::string(request.model) + "\".",
        .param = "model"});
  }
  co_return co_await next(context, request);
}

}  // namespace sluice::middleware
