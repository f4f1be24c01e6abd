// POST /v1/chat/completions, as OpenAI says it, with what providers that speak like it add:
// reasoning_content, reasoning, reasoning_details, thinking_blocks, extra_content, citations, …
#pragma once

#include "dialect/conversation_dialect.h"

namespace sluice::dialect {

class ChatDialect final : public ConversationDialect {
 public:
  Result<void> read(const json::Value& body, Arena& arena,
                    Conversation& conversation) const override;
  Result<std::string_view> write(const Conversation& conversation, const Wanted& wanted,
                                 Losses& losses, Arena& arena) const override;
  ArenaPtr<Decoder> decoder(Arena& arena, json::Reader& reader) const override;
  ArenaPtr<Encoder> encoder(Arena& arena, const Shape& shape) const override;
};

const ConversationDialect& chat_dialect();

}  // namespace sluice::dialect
