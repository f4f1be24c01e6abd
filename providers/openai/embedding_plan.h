// Embeddings of more inputs than the provider takes at once.
#pragma once

#include "sluice/provider.h"

#include "base/json.h"
#include "dialect/embedding_batches.h"

namespace sluice::providers {

class EmbeddingPlan final : public Plan {
 public:
  // `whole` is the one call that would be too large.
  EmbeddingPlan(const UpstreamRequest& whole, std::string_view body, std::size_t most,
                json::Reader& reader, Arena& arena)
      : call_(whole), reader_(reader), batches_(body, most, reader, arena) {}

  Result<Step> next(Context& context, std::string_view answered) override;

 private:
  UpstreamRequest call_;
  json::Reader& reader_;
  dialect::EmbeddingBatches batches_;
};

}  // namespace sluice::providers
