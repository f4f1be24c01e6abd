#include "dialect/ollama.h"

namespace sluice::dialect {
namespace {

class OllamaDialect final : public ConversationDialect {
 public:
  Result<void> read(const json::Value&, Arena&, Conversation&) const override {
    return fail(ErrorKind::Unsupported, "unsupported_parameter",
                "Requests in Ollama's own words are not read.");
  }
  Result<std::string_view> write(const Conversation& conversation, const Wanted& wanted,
                                 Losses& losses, Arena& arena) const override {
    return write_ollama(conversation, wanted, losses, arena);
  }
  ArenaPtr<Decoder> decoder(Arena& arena, json::Reader& reader) const override {
    return ollama_decoder(arena, reader);
  }
  ArenaPtr<Encoder> encoder(Arena&, const Shape&) const override { return nullptr; }
};

}  // namespace

const ConversationDialect& ollama_dialect() {
  static const OllamaDialect dialect;
  return dialect;
}

}  // namespace sluice::dialect
