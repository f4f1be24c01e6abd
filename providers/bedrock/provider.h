// Amazon Bedrock: conversations by Converse and ConverseStream, whoever made the model.
#pragma once

#include "sluice/provider.h"

namespace sluice::providers {

class BedrockProvider final : public Provider {
 public:
  Dialect dialect(const Request& request, const Target& target) const override;
  Result<UpstreamRequest> encode(Context& context, const Request& request,
                                 const Target& target) const override;
  ArenaPtr<Plan> plan(Context& context, const Request& request,
                      const Target& target) const override;
  ArenaPtr<Decoder> decoder(Context& context, const Request& request,
                            const Target& target) const override;
  ApiError explain(int status, std::string_view content_type, std::string_view body) const override;
};

}  // namespace sluice::providers
