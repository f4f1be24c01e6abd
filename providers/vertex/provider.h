// Google's Vertex AI: Gemini as by Google itself, Claude as by Anthropic, others like OpenAI.
#pragma once

#include "sluice/provider.h"

#include "providers/openai/provider.h"

#include <string>
#include <string_view>

namespace sluice::providers {

class VertexProvider final : public Provider {
 public:
  VertexProvider(std::string project, std::string location);

  Dialect dialect(const Request& request, const Target& target) const override;
  Result<UpstreamRequest> encode(Context& context, const Request& request,
                                 const Target& target) const override;
  ArenaPtr<Plan> plan(Context& context, const Request& request,
                      const Target& target) const override;
  ArenaPtr<Decoder> decoder(Context& context, const Request& request,
                            const Target& target) const override;
  ApiError explain(int status, std::string_view content_type, std::string_view body) const override;

 private:
  // The endpoint that speaks like OpenAI.
  class OpenAiEndpoint final : public OpenAiProvider {
   public:
    explicit OpenAiEndpoint(const std::string& parent) : parent_(parent) {}

   protected:
    std::string_view path(const Request& request, const Target& target,
                          Arena& arena) const override;

   private:
    std::string parent_;
  };

  Result<UpstreamRequest> encode_gemini(Context& context, const Request& request,
                                        const Target& target) const;
  Result<UpstreamRequest> encode_claude(Context& context, const Request& request,
                                        const Target& target) const;

  std::string parent_;  // "/projects/{project}/locations/{location}"
  OpenAiEndpoint openai_;
};

}  // namespace sluice::providers
