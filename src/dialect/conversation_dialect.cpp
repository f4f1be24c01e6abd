#include "dialect/conversation_dialect.h"

#include "dialect/openai_responses.h"

namespace sluice::dialect {

const ConversationDialect* conversation_dialect(Dialect dialect) {
  switch (dialect) {
    case Dialect::Responses:
      return &responses_dialect();
    default:
      return nullptr;
  }
}

}  // namespace sluice::dialect
