#include "dialect/conversation_dialect.h"

namespace sluice::dialect {

const ConversationDialect* conversation_dialect(Dialect dialect) {
  switch (dialect) {
    default:
      return nullptr;
  }
}

}  // namespace sluice::dialect
