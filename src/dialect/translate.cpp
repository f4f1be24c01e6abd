#include "dialect/translate.h"

#include "dialect/embeddings.h"
#include "dialect/rerank.h"

namespace sluice::dialect {
namespace {

json::Reader& reader() {
  thread_local json::Reader one;
  return one;
}

std::unexpected<Failure> untranslatable() {
  return fail(ErrorKind::Unsupported, "unsupported_parameter",
              "The model that answers cannot be asked by this API.");
}

}  // namespace

bool differs(const Request& request, Dialect spoken) {
  return spoken != request.traits().dialect || spoken != request.dialect();
}

Result<void> read_conversation(Context& context, Request& request) {
  if (request.conversation) return {};
  const ConversationDialect* theirs = conversation_dialect(request.dialect());
  if (!theirs) return untranslatable();
  // Its grammar was checked when it came; of what is carried on, all of it is checked now.
  TRY(json::Value body, reader().parse(request.json.text, {.strict_up_to = SIZE_MAX}));
  if (request.operation == Operation::CountContent) {
    // Gemini's may hold the whole request that would be made.
    if (const auto inner = body.find("generateContentRequest")) body = *inner;
  }
  auto* conversation = context.draft.make<Conversation>().release();
  TRY_VOID(theirs->read(body, context.draft, *conversation));
  request.conversation = conversation;
  return {};
}

Wanted wanted_of(const Request& request, const Target& target) {
  return {.model = target.model,
          .stream = request.stream,
          .ask_for_usage = target.ask_for_usage,
          .facts = target.facts,
          .quirks = target.kind ? &target.kind->quirks : nullptr};
}

Result<std::string_view> write_conversation(Context& context, const Request& request,
                                            const Target& target, Dialect spoken) {
  const ConversationDialect* theirs = conversation_dialect(spoken);
  if (!theirs || !request.conversation) return untranslatable();
  Losses losses(context.drop, context.draft);
  TRY(const std::string_view body,
      theirs->write(*request.conversation, wanted_of(request, target), losses, context.draft));
  list_dropped(context, losses);
  return body;
}

Result<std::string_view> write_body(Context& context, const Request& request, const Target& target,
                                    Dialect spoken) {
  if (request.traits().is_conversation()) {
    return write_conversation(context, request, target, spoken);
  }
  Arena& arena = context.draft;
  Losses losses(context.drop, arena);
  std::string_view body;
  if (asks_for_vectors(request.operation)) {
    TRY(const EmbeddingWish wish, read_embeddings(request, reader(), arena));
    TRY(body,
        write_embeddings(wish, embedding_api(spoken, target.model), target.model, losses, arena));
  } else if (request.operation == Operation::Rerank) {
    TRY(const RankingWish wish, read_ranking(request.json.text, reader(), arena));
    TRY(body, write_ranking(wish, spoken, target.model, losses, arena));
  } else {
    return untranslatable();
  }
  list_dropped(context, losses);
  return body;
}

ArenaPtr<Decoder> answer_decoder(Context& context, const Request& request, Dialect spoken) {
  if (asks_for_vectors(request.operation)) {
    return embeddings_decoder(context.arena, reader(), wants_base64(request, reader()));
  }
  if (request.operation == Operation::Rerank) {
    auto wish = read_ranking(request.json.text, reader(), context.draft);
    return ranking_decoder(context.arena, reader(), wish ? *wish : RankingWish());
  }
  if (!request.traits().is_conversation()) return nullptr;
  const ConversationDialect* theirs = conversation_dialect(spoken);
  return theirs ? theirs->decoder(context.arena, reader()) : nullptr;
}

}  // namespace sluice::dialect
