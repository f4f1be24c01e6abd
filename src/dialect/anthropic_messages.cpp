#include "dialect/anthropic_messages.h"

namespace sluice::dialect {
namespace {

class MessagesDialect final : public ConversationDialect {
 public:
  Result<void> read(const json::Value& body, Arena& arena,
                    Conversation& conversation) const override {
    return read_messages(body, arena, conversation);
  }
  Result<std::string_view> write(const Conversation& conversation, const Wanted& wanted,
                                 Losses& losses, Arena& arena) const override {
    return write_messages(conversation, wanted, losses, arena);
  }
  ArenaPtr<Decoder> decoder(Arena& arena, json::Reader& reader) const override {
    return messages_decoder(arena, reader);
  }
  ArenaPtr<Encoder> encoder(Arena& arena, const Shape& shape) const override {
    return messages_encoder(arena, shape);
  }
};

}  // namespace

const ConversationDialect& anthropic_messages_dialect() {
  static const MessagesDialect one;
  return one;
}

}  // namespace sluice::dialect
