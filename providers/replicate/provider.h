// Replicate: every request is a prediction that is begun, asked after, and read when it is done.
#pragma once

#include "sluice/provider.h"

namespace sluice::providers {

class ReplicateProvider final : public Provider {
 public:
  Dialect dialect(const Request& request, const Target& target) const override;
  // Begins the prediction.
  Result<UpstreamRequest> encode(Context& context, const Request& request,
                                 const Target& target) const override;
  // And waits for it.
  ArenaPtr<Plan> plan(Context& context, const Request& request,
                      const Target& target) const override;
  ArenaPtr<Decoder> decoder(Context& context, const Request& request,
                            const Target& target) const override;
  ApiError explain(int status, std::string_view content_type, std::string_view body) const override;
};

}  // namespace sluice::providers
