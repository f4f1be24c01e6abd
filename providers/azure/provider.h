// Azure's OpenAI service: OpenAI's dialect, at paths of deployments.
#pragma once

#include "providers/openai/provider.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::providers {

struct AzureOptions {
  std::string api_version;
  std::vector<std::pair<std::string, std::string>> deployments;  // Of models called otherwise.
};

class AzureProvider final : public OpenAiProvider {
 public:
  explicit AzureProvider(AzureOptions options) : options_(std::move(options)) {}

  Result<UpstreamRequest> encode(Context& context, const Request& request,
                                 const Target& target) const override;

 protected:
  // `target.model` is a deployment's name.
  std::string_view path(const Request& request, const Target& target, Arena& arena) const override;

 private:
  std::string_view deployment_of(std::string_view model) const;

  AzureOptions options_;
};

}  // namespace sluice::providers
