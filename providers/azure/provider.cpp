#include "providers/azure/provider.h"

#include "providers/common/call.h"

#include <algorithm>

namespace sluice::providers {
namespace {

// The newer API has OpenAI's own paths, and no versions.
bool is_unversioned(const Target& target) {
  return target.base_path.ends_with("/openai/v1");
}

// What is no deployment's: it names the model in its body.
bool stands_alone(Operation operation) {
  return operation == Operation::Responses || operation == Operation::StoredResponse ||
         operation == Operation::Realtime;
}

}  // namespace

std::string_view AzureProvider::deployment_of(std::string_view model) const {
  const auto found = std::ranges::find(
      options_.deployments, model, [](const auto& pair) { return std::string_view(pair.first); });
  return found == options_.deployments.end() ? model : std::string_view(found->second);
}

Result<UpstreamRequest> AzureProvider::encode(Context& context, const Request& request,
                                              const Target& target) const {
  Target deployed = target;
  deployed.model = deployment_of(target.model);
  return OpenAiProvider::encode(context, request, deployed);
}

std::string_view AzureProvider::path(const Request& request, const Target& target,
                                     Arena& arena) const {
  const std::string_view plain = OpenAiProvider::path(request, target, arena);
  if (request.operation == Operation::Raw || is_unversioned(target)) return plain;
  const std::string_view root = target.base_path.ends_with("/openai") ? "" : "/openai";
  const std::string_view joint = plain.find('?') == std::string_view::npos ? "?" : "&";
  const Operation asked =
      dialect(request, target) == Dialect::Responses ? Operation::Responses : request.operation;
  if (stands_alone(asked)) {
    return arena.join(root, plain, joint, "api-version=", options_.api_version);
  }
  return arena.join(root, "/deployments/", path_segment(target.model, arena), plain, joint,
                    "api-version=", options_.api_version);
}

}  // namespace sluice::providers
