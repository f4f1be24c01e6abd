#include "dialect/gemini.h"
#include "dialect/gemini_codec.h"
#include "dialect/gemini_reading.h"
#include "dialect/gemini_writing.h"

namespace sluice::dialect {
namespace {

// What Gemini has no words for.
Result<void> lose_the_rest(const Conversation& asked, Losses& losses) {
  if (!asked.logit_bias.empty()) TRY_VOID(losses.hint("logit_bias"));
  if (!asked.user.empty()) TRY_VOID(losses.hint("user"));
  if (!asked.service_tier.empty()) TRY_VOID(losses.hint("service_tier"));
  if (!asked.verbosity.empty()) TRY_VOID(losses.hint("verbosity"));
  if (!asked.prompt_cache_key.empty()) TRY_VOID(losses.hint("prompt_cache_key"));
  if (!asked.safety_identifier.empty()) TRY_VOID(losses.hint("safety_identifier"));
  if (!asked.metadata.empty()) TRY_VOID(losses.hint("metadata"));
  if (asked.store) TRY_VOID(losses.hint("store"));
  if (asked.cache.set) TRY_VOID(losses.hint("cache_control"));
  if (!asked.format.description.empty())
    TRY_VOID(losses.hint("response_format.json_schema.description"));
  return losses.extras(asked.extras, Dialect::Gemini);
}

class GeminiDialect final : public ConversationDialect {
 public:
  Result<void> read(const json::Value& body, Arena& arena,
                    Conversation& conversation) const override {
    return read_gemini(body, arena, conversation);
  }

  Result<std::string_view> write(const Conversation& conversation, const Wanted& wanted,
                                 Losses& losses, Arena& arena) const override {
    json::Writer out(arena);
    GeminiDraft draft{conversation, wanted, losses, arena, out};
    out.begin_object();
    TRY_VOID(GeminiContents(draft).write());
    TRY_VOID(write_gemini_tools(draft));
    TRY_VOID(write_gemini_config(draft));
    write_gemini_extras(draft, "");
    TRY_VOID(lose_the_rest(conversation, losses));
    out.end_object();
    return out.text();
  }

  ArenaPtr<Decoder> decoder(Arena& arena, json::Reader& reader) const override {
    return make_gemini_decoder(arena, reader);
  }
  ArenaPtr<Encoder> encoder(Arena& arena, const Shape& shape) const override {
    return make_gemini_encoder(arena, shape);
  }
};

}  // namespace

const ConversationDialect& gemini_dialect() {
  static const GeminiDialect one;
  return one;
}

}  // namespace sluice::dialect
