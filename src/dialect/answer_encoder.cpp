#include "dialect/answer_encoder.h"

#include "dialect/embeddings.h"
#include "dialect/rerank.h"

namespace sluice::dialect {

ArenaPtr<Encoder> answer_encoder(Operation operation, Arena& arena, const Shape& shape) {
  if (asks_for_vectors(operation)) return embeddings_encoder(operation, arena, shape);
  if (operation == Operation::Rerank) return ranking_encoder(arena, shape);
  const OperationTraits& asked = traits(operation);
  if (!asked.is_conversation()) return nullptr;
  const ConversationDialect* theirs = conversation_dialect(asked.dialect);
  return theirs ? theirs->encoder(arena, shape) : nullptr;
}

}  // namespace sluice::dialect
