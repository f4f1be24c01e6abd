// OpenAI's own API, and every server that speaks it.
#pragma once

#include "sluice/provider.h"

#include "base/json.h"

namespace sluice::providers {

class OpenAiProvider : public Provider {
 public:
  Dialect dialect(const Request& request, const Target& target) const override;
  Result<UpstreamRequest> encode(Context& context, const Request& request,
                                 const Target& target) const override;
  ArenaPtr<Plan> plan(Context& context, const Request& request,
                      const Target& target) const override;
  ArenaPtr<Decoder> decoder(Context& context, const Request& request,
                            const Target& target) const override;
  ApiError explain(int status, std::string_view content_type, std::string_view body) const override;

 protected:
  // Below the base URL, with its query.
  virtual std::string_view path(const Request& request, const Target& target, Arena& arena) const;
};

}  // namespace sluice::providers
