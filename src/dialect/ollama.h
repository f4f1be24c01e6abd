// Ollama's chat: POST /api/chat, as its provider is asked and answers. Nobody asks Sluice so.
#pragma once

#include "dialect/conversation_dialect.h"

namespace sluice::dialect {

const ConversationDialect& ollama_dialect();

// The jobs of that dialect, one file each.
Result<std::string_view> write_ollama(const Conversation& conversation, const Wanted& wanted,
                                      Losses& losses, Arena& arena);
ArenaPtr<Decoder> ollama_decoder(Arena& arena, json::Reader& reader);

}  // namespace sluice::dialect
