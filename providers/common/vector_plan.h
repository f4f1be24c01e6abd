// Embeddings of more texts than one call takes: call after call, their vectors joined.
#pragma once

#include "sluice/provider.h"

#include "dialect/embeddings.h"

#include <cstddef>

namespace sluice::providers {

// How a provider takes texts.
struct VectorCalls {
  dialect::EmbeddingApi api = dialect::EmbeddingApi::OpenAi;
  std::size_t most = 0;  // In one call; 0: as many as there are.
  bool always = false;   // Even one call's answer is not what the caller expects.
};

// The calls of `provider`, which would encode() all of it as one. Null: one is enough, or none can
// be made, as encode() will say.
ArenaPtr<Plan> vector_plan(Context& context, const Request& request, const Target& target,
                           const Provider& provider, const VectorCalls& calls);

// The body of a single call.
Result<std::string_view> vector_body(Context& context, const Request& request, const Target& target,
                                     dialect::EmbeddingApi api);

}  // namespace sluice::providers
