#include "dialect/cohere.h"

namespace sluice::dialect {
namespace {

class CohereDialect final : public ConversationDialect {
 public:
  Result<void> read(const json::Value&, Arena&, Conversation&) const override {
    return fail(ErrorKind::Unsupported, "unsupported_parameter",
                "Requests in Cohere's own words are not read.");
  }
  Result<std::string_view> write(const Conversation& conversation, const Wanted& wanted,
                                 Losses& losses, Arena& arena) const override {
    return write_cohere(conversation, wanted, losses, arena);
  }
  ArenaPtr<Decoder> decoder(Arena& arena, json::Reader& reader) const override {
    return cohere_decoder(arena, reader);
  }
  ArenaPtr<Encoder> encoder(Arena&, const Shape&) const override { return nullptr; }
};

}  // namespace

const ConversationDialect& cohere_dialect() {
  static const CohereDialect dialect;
  return dialect;
}

}  // namespace sluice::dialect
