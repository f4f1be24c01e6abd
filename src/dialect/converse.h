// Bedrock's Converse and ConverseStream: POST /model/{id}/converse
#pragma once

#include "dialect/conversation_dialect.h"

namespace sluice::dialect {

const ConversationDialect& converse_dialect();

// The jobs of that dialect, one file each.
Result<void> read_converse(const json::Value& body, Arena& arena, Conversation& conversation);
Result<std::string_view> write_converse(const Conversation& conversation, const Wanted& wanted,
                                        Losses& losses, Arena& arena);
ArenaPtr<Decoder> converse_decoder(Arena& arena, json::Reader& reader);
ArenaPtr<Encoder> converse_encoder(Arena& arena, const Shape& shape);

}  // namespace sluice::dialect
