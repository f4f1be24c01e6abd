#include "dialect/openai_responses.h"

#include "dialect/openai_decoder.h"
#include "dialect/openai_responses_parts.h"

namespace sluice::dialect {
namespace {

class ResponsesDialect final : public ConversationDialect {
 public:
  Result<void> read(const json::Value& body, Arena& arena,
                    Conversation& conversation) const override {
    return responses::read_request(body, arena, conversation);
  }
  Result<std::string_view> write(const Conversation& conversation, const Wanted& wanted,
                                 Losses& losses, Arena& arena) const override {
    return responses::write_request(conversation, wanted, losses, arena);
  }
  ArenaPtr<Decoder> decoder(Arena& arena, json::Reader& reader) const override {
    return make_responses_decoder(arena, reader);
  }
  ArenaPtr<Encoder> encoder(Arena& arena, const Shape& shape) const override {
    return responses::make_encoder(arena, shape);
  }
};

}  // namespace

const ConversationDialect& responses_dialect() {
  static constexpr ResponsesDialect dialect;
  return dialect;
}

}  // namespace sluice::dialect
