#include "dialect/converse.h"

namespace sluice::dialect {
namespace {

class ConverseDialect final : public ConversationDialect {
 public:
  Result<void> read(const json::Value& body, Arena& arena,
                    Conversation& conversation) const override {
    return read_converse(body, arena, conversation);
  }
  Result<std::string_view> write(const Conversation& conversation, const Wanted& wanted,
                                 Losses& losses, Arena& arena) const override {
    return write_converse(conversation, wanted, losses, arena);
  }
  ArenaPtr<Decoder> decoder(Arena& arena, json::Reader& reader) const override {
    return converse_decoder(arena, reader);
  }
  ArenaPtr<Encoder> encoder(Arena& arena, const Shape& shape) const override {
    return converse_encoder(arena, shape);
  }
};

}  // namespace

const ConversationDialect& converse_dialect() {
  static const ConverseDialect dialect;
  return dialect;
}

}  // namespace sluice::dialect
