// Gemini's generateContent and streamGenerateContent, as Google's AI Studio and Vertex speak them.
#pragma once

#include "dialect/conversation_dialect.h"

namespace sluice::dialect {

const ConversationDialect& gemini_dialect();

}  // namespace sluice::dialect
