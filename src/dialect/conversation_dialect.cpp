#include "dialect/conversation_dialect.h"

#include "dialect/anthropic_messages.h"
#include "dialect/cohere.h"
#include "dialect/converse.h"
#include "dialect/gemini.h"
#include "dialect/ollama.h"
#include "dialect/openai_chat.h"
#include "dialect/openai_completions.h"
#include "dialect/openai_responses.h"
#include "dialect/replicate.h"

namespace sluice::dialect {

const ConversationDialect* conversation_dialect(Dialect dialect) {
  switch (dialect) {
    case Dialect::Chat:
      return &chat_dialect();
    case Dialect::Completions:
      return &completions_dialect();
    case Dialect::Cohere:
      return &cohere_dialect();
    case Dialect::Converse:
      return &converse_dialect();
    case Dialect::Gemini:
      return &gemini_dialect();
    case Dialect::Ollama:
      return &ollama_dialect();
    case Dialect::Responses:
      return &responses_dialect();
    case Dialect::Messages:
      return &anthropic_messages_dialect();
    case Dialect::Replicate:
      return &replicate_dialect();
    default:
      return nullptr;
  }
}

}  // namespace sluice::dialect
