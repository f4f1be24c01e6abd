// Writes the answer to any operation that can be answered by another dialect's target.
#pragma once

#include "sluice/operation.h"

#include "dialect/conversation_dialect.h"

namespace sluice::dialect {

// Null: only a target of the same dialect can answer it.
ArenaPtr<Encoder> answer_encoder(Operation operation, Arena& arena, const Shape& shape);

}  // namespace sluice::dialect
