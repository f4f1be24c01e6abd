#include "dialect/answer_encoder.h"

namespace sluice::dialect {

ArenaPtr<Encoder> answer_encoder(Operation operation, Arena& arena, const Shape& shape) {
  const OperationTraits& asked = traits(operation);
  if (!asked.is_conversation()) return nullptr;
  const ConversationDialect* theirs = conversation_dialect(asked.dialect);
  return theirs ? theirs->encoder(arena, shape) : nullptr;
}

}  // namespace sluice::dialect
