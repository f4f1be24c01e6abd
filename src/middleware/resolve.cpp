#include "middleware/resolve.h"

#include "config/snapshot.h"

namespace sluice::middleware {
namespace {

std::unexpected<Failure> missing_model() {
  return fail(ApiError{.kind = ErrorKind::InvalidRequest,
                       .code = "invalid_request",
                       .message = "model is required: the name of the model to ask.",
                       .param = "model"});
}

std::unexpected<Failure> unknown_model(const config::ModelTable& models, std::string_view asked) {
  std::string message = "The model \"" + std::string(asked) + "\" does not exist here.";
  const std::vector<std::string> nearest = models.nearest(asked);
  for (std::size_t i = 0; i < nearest.size(); ++i) {
    message += (i == 0                    ? " Did you mean \""
                : i + 1 == nearest.size() ? " or \""
                                          : ", \"") +
               nearest[i] + "\"";
  }
  if (!nearest.empty()) message += "?";
  return fail(ApiError{.kind = ErrorKind::NotFound,
                       .code = "model_not_found",
                       .message = std::move(message),
                       .param = "model"});
}

std::unexpected<Failure> unknown_provider(std::string_view name) {
  return fail(ErrorKind::NotFound, "not_found",
              "There is no provider \"" + std::string(name) + "\" here.");
}

// The first provider of the configuration of a kind that has this operation; else the very first.
std::uint16_t first_that_can(const config::Snapshot& config, Operation operation) {
  const auto& providers = config.config().providers;
  // Whoever answers /responses is asked for what was answered.
  if (operation == Operation::StoredResponse) operation = Operation::Responses;
  for (std::size_t i = 0; i < providers.size(); ++i) {
    const ProviderKind* kind = providers[i].kind;
    if (kind && kind->operations[static_cast<std::size_t>(operation)]) {
      return static_cast<std::uint16_t>(i);
    }
  }
  return 0;
}

// Without a model the provider is named, or the first one of the configuration that can.
Result<Candidate> resolve(const config::Snapshot& config, const Request& request, Arena& arena) {
  const config::ModelTable& models = config.models();
  if (!request.provider.empty()) {
    const auto index = models.provider_index(request.provider);
    if (!index) return unknown_provider(request.provider);
    // Where only the configuration's names count, a path is no way around them.
    if (!request.model.empty() && !config.config().server.direct_models)
      return unknown_model(models, arena.join(request.provider, "/", request.model));
    return Candidate{*index, request.model};
  }
  if (!request.model.empty()) {
    const auto target = models.find(request.model, arena);
    if (!target) return unknown_model(models, request.model);
    return Candidate{target->provider_index, target->upstream_model};
  }
  if (request.traits().needs_model || config.config().providers.empty()) return missing_model();
  return Candidate{first_that_can(config, request.operation), {}};
}

}  // namespace

Task<Result<Reply>> Resolve::handle(Context& context, Request& request, Next next) const {
  TRY(const Candidate candidate, resolve(*context.config, request, context.arena));
  request.candidates = context.arena.array_of(candidate);
  return next(context, request);
}

}  // namespace sluice::middleware
