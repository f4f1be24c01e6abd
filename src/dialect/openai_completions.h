// POST /v1/completions: a text to be gone on with, without turns, tools or thoughts.
#pragma once

#include "dialect/conversation_dialect.h"

namespace sluice::dialect {

class CompletionsDialect final : public ConversationDialect {
 public:
  Result<void> read(const json::Value& body, Arena& arena,
                    Conversation& conversation) const override;
  Result<std::string_view> write(const Conversation& conversation, const Wanted& wanted,
                                 Losses& losses, Arena& arena) const override;
  ArenaPtr<Decoder> decoder(Arena& arena, json::Reader& reader) const override;
  ArenaPtr<Encoder> encoder(Arena& arena, const Shape& shape) const override;
};

const ConversationDialect& completions_dialect();

}  // namespace sluice::dialect
