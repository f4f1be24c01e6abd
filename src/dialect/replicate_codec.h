#pragma once

#include "dialect/replicate.h"

namespace sluice::dialect {

class ReplicateDialect final : public ConversationDialect {
 public:
  // Nobody asks in this dialect.
  Result<void> read(const json::Value& body, Arena& arena,
                    Conversation& conversation) const override;
  Result<std::string_view> write(const Conversation& conversation, const Wanted& wanted,
                                 Losses& losses, Arena& arena) const override;
  ArenaPtr<Decoder> decoder(Arena& arena, json::Reader& reader) const override;
  ArenaPtr<Encoder> encoder(Arena& arena, const Shape& shape) const override;
};

}  // namespace sluice::dialect
