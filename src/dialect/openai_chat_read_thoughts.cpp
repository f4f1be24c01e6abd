// The thoughts that an assistant's message echoes. Who made them wrote them in one of several ways:
//
//   reasoning_content, reasoning   plain text: DeepSeek and others; Groq, Ollama, vLLM
//   reasoning_details              OpenRouter: a list of texts, summaries and encrypted thoughts,
//                                  whose signatures and data are sealed; pieces of one index are
//                                  one thought. Our own answers say thoughts in this way.
//   thinking_blocks                LiteLLM: Anthropic's blocks
//   extra_content                  Gemini's compatible endpoint
#include "base/json_writer.h"
#include "dialect/conversation_text.h"
#include "dialect/openai_chat_read.h"
#include "dialect/openai_chat_thoughts.h"
#include "dialect/openai_fields.h"
#include "dialect/seals.h"

namespace sluice::dialect::chat {
namespace {

using json::Kind;
using json::Value;

// One thought, of the pieces that were streamed.
class Grouping {
 public:
  Grouping(Arena& arena, ArenaList<Part>& parts) : arena_(arena), parts_(parts), pieces_(arena) {}

  void add(const Value& entry) {
    const ReasoningDetail detail = read_reasoning_detail(entry, arena_);
    if (open_ && (detail.index != index_ || detail.encrypted)) close({});
    if (!detail.text.empty()) {
      pieces_.add({.what = Text{detail.text}});
      open_ = true;
      summary_ = detail.summary;
      index_ = detail.index;
    }
    raw_ = detail.seal.given() ? JsonText() : entry.raw();
    if (detail.seal.given()) close(detail);
  }
  // At the end, what was never sealed.
  void finish() {
    if (open_) close({});
  }

 private:
  void close(const ReasoningDetail& detail) {
    Thinking thinking{.text = joined_text(pieces_.all(), "", arena_),
                      .signature = detail.seal,
                      .item_id = detail.marked ? detail.id : std::string_view(),
                      .redacted = detail.encrypted && pieces_.empty(),
                      .summary = summary_};
    Part part;
    if (!detail.seal.given()) {
      thinking.signature.by = Dialect::Chat;
      part.extras = arena_.array_of(Extra{Dialect::Chat, "reasoning_details", raw_});
    }
    // An id that stands in a marked entry is that of the item it came from.
    part.what = thinking;
    parts_.add(part);
    pieces_ = ArenaList<Part>(arena_);
    open_ = false;
    summary_ = false;
  }

  Arena& arena_;
  ArenaList<Part>& parts_;
  ArenaList<Part> pieces_;
  JsonText raw_;
  std::int64_t index_ = -1;
  bool open_ = false;
  bool summary_ = false;
};

void read_blocks(const Value& blocks, Arena& arena, ArenaList<Part>& parts) {
  for (const Value block : blocks.elements()) {
    Thinking thinking;
    const auto type = block.find("type");
    thinking.redacted = type && *type == "redacted_thinking";
    thinking.text = text_or_nothing(block.find("thinking"), arena);
    const std::string_view seal =
        text_or_nothing(block.find(thinking.redacted ? "data" : "signature"), arena);
    if (!seal.empty()) thinking.signature = read_seal(seal, Dialect::Messages);
    parts.add({.what = thinking});
  }
}

bool has_text(const std::optional<Value>& value) {
  return value && value->kind() == Kind::String && value->raw().size() > 2;
}

}  // namespace

Result<void> read_chat_thoughts(const Value& message, Arena& arena, ArenaList<Part>& parts,
                                ArenaList<Extra>& extras) {
  const std::size_t before = parts.size();
  if (const auto details = message.find("reasoning_details"); is_given(details)) {
    Grouping grouping(arena, parts);
    for (const Value entry : details->elements()) {
      if (entry.kind() == Kind::Object) grouping.add(entry);
    }
    grouping.finish();
  }
  if (const auto blocks = message.find("thinking_blocks");
      is_given(blocks) && parts.size() == before)
    read_blocks(*blocks, arena, parts);
  bool told = parts.size() != before;
  for (const std::string_view name : {"reasoning_content", "reasoning"}) {
    const auto plain = message.find(name);
    if (!is_given(plain)) continue;
    if (told || !has_text(plain)) {
      // Said a second time, for who reads it there.
      extras.add({Dialect::Chat, name, plain->raw(), Importance::Hint});
      continue;
    }
    TRY(const std::string_view text, read_text(*plain, name, arena));
    Part part{.what = Thinking{.text = text, .signature = {.by = Dialect::Chat}}};
    if (name == "reasoning")
      part.extras = arena.array_of(Extra{Dialect::Chat, name, plain->raw(), Importance::Hint});
    parts.add(part);
    told = true;
  }
  if (const auto extra = message.find("extra_content"); is_given(extra)) {
    const Sealed seal = read_extra_content(*extra, arena);
    if (seal.given()) parts.add({.what = Thinking{.signature = seal, .redacted = true}});
  }
  return {};
}

}  // namespace sluice::dialect::chat
