// Ollama: what its server took over from OpenAI passes as it came, all other conversations are told
// in its own words, which say more (whether to think, any JSON Schema, top_k).
#pragma once

#include "sluice/provider.h"

#include "providers/openai/provider.h"

namespace sluice::providers {

class OllamaProvider final : public Provider {
 public:
  Dialect dialect(const Request& request, const Target& target) const override;
  Result<UpstreamRequest> encode(Context& context, const Request& request,
                                 const Target& target) const override;
  ArenaPtr<Plan> plan(Context& context, const Request& request,
                      const Target& target) const override;
  ArenaPtr<Decoder> decoder(Context& context, const Request& request,
                            const Target& target) const override;
  ApiError explain(int status, std::string_view content_type, std::string_view body) const override;

 private:
  OpenAiProvider like_openai_;
};

}  // namespace sluice::providers
