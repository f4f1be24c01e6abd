// Anthropic's Messages: POST /v1/messages.
#pragma once

#include "dialect/conversation_dialect.h"

#include <string_view>

namespace sluice::dialect {

const ConversationDialect& anthropic_messages_dialect();

// The jobs of that dialect, one file each.
Result<void> read_messages(const json::Value& body, Arena& arena, Conversation& conversation);
Result<std::string_view> write_messages(const Conversation& conversation, const Wanted& wanted,
                                        Losses& losses, Arena& arena);
ArenaPtr<Decoder> messages_decoder(Arena& arena, json::Reader& reader);
ArenaPtr<Encoder> messages_encoder(Arena& arena, const Shape& shape);

}  // namespace sluice::dialect
