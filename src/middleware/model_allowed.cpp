#include "middleware/model_allowed.h"

#include "config/auth_settings.h"

namespace sluice::middleware {

namespace {

// A path that names the provider says in two parts what PROVIDER/MODEL says in one.
std::string_view asked_for(const Request& request, Arena& arena) {
  if (request.provider.empty() || request.model.empty()) return request.model;
  return arena.join(request.provider, "/", request.model);
}

}  // namespace

Task<Result<Reply>> ModelAllowed::handle(Context& context, Request& request, Next next) const {
  const std::string_view asked = asked_for(request, context.arena);
  if (!asked.empty() && !config::matches_any(context.principal->models, asked)) {
    return fail(
        ApiError{.kind = ErrorKind::Forbidden,
                 .code = "model_not_allowed",
                 .message = "This key may not use the model \"" + std::string(asked) + "\".",
                 .param = "model"});
  }
  return next(context, request);
}

}  // namespace sluice::middleware
