#include "routing/token_counting.h"

#include "dialect/token_count.h"
#include "dialect/translate.h"
#include "ledger/tokens.h"

namespace sluice::routing {
namespace {

// An image of a megapixel or so, and a second of sound; a page of a document is about 3 KB.
constexpr std::uint64_t kImage = 765;
constexpr std::uint64_t kBytesPerDocumentToken = 6;

class Counter {
 public:
  Counter(std::string_view vendor, std::string_view model) : vendor_(vendor), model_(model) {}

  std::uint64_t tokens() const { return tokens_; }

  void text(std::string_view text) {
    if (!text.empty()) tokens_ += ledger::count_tokens(vendor_, model_, text).tokens;
  }

  void parts(std::span<const Part> parts) {
    for (const Part& part : parts) {
      std::visit([this](const auto& what) { count(what); }, part.what);
    }
  }

 private:
  void count(const Text& part) { text(part.text); }
  void count(const Media& part) {
    if (part.source == MediaSource::PlainText) return text(part.data);
    const bool at_hand = part.source == MediaSource::Base64;
    tokens_ += part.kind == MediaKind::Image || !at_hand
                   ? kImage
                   : part.data.size() / kBytesPerDocumentToken;
  }
  void count(const ToolCall& call) {
    text(call.name);
    text(call.arguments);
  }
  void count(const ToolResult& result) {
    parts(result.parts);
    if (result.parts.empty()) text(result.json);
  }
  void count(const Thinking& thinking) { text(thinking.text); }
  void count(const Refusal& refusal) { text(refusal.text); }
  void count(const Foreign& block) { text(block.json); }

  std::string_view vendor_;
  std::string_view model_;
  std::uint64_t tokens_ = 0;
};

class Told final : public ItemStream {
 public:
  explicit Told(std::string_view body) { item_.raw = body; }
  Task<Result<Batch>> next() override { co_return Batch{.items = {&item_, 1}, .last = true}; }
  void need_meaning() override {}

 private:
  Item item_;
};

}  // namespace

std::uint64_t input_tokens(const Conversation& conversation, std::string_view vendor,
                           std::string_view model) {
  Counter counter(vendor, model);
  std::size_t names = 0;
  for (const Turn& turn : conversation.turns) {
    counter.parts(turn.parts);
    counter.text(turn.name);
    names += turn.name.empty() ? 0 : 1;
  }
  for (const Tool& tool : conversation.tools) {
    counter.text(tool.name);
    counter.text(tool.description);
    counter.text(tool.parameters);
  }
  counter.text(conversation.format.schema);
  return counter.tokens() + ledger::chat_overhead(conversation.turns.size(), names);
}

Result<Reply> answer_count(Context& context, Request& request, std::string_view vendor,
                           std::string_view model) {
  TRY_VOID(dialect::read_conversation(context, request));
  const std::uint64_t tokens = input_tokens(*request.conversation, vendor, model);
  const std::string_view body = dialect::token_count_body(request.operation, tokens, context.arena);
  Reply reply;
  reply.head.length = body.size();
  reply.dialect = request.traits().dialect;
  reply.items = context.arena.make<Told>(body);
  return reply;
}

}  // namespace sluice::routing
