#include "dialect/translate.h"

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
  return untranslatable();
}

ArenaPtr<Decoder> answer_decoder(Context& context, const Request& request, Dialect spoken) {
  if (!request.traits().is_conversation()) return nullptr;
  const ConversationDialect* theirs = conversation_dialect(spoken);
  return theirs ? theirs->decoder(context.arena, reader()) : nullptr;
}

}  // namespace sluice::dialect
