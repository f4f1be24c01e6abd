#include "dialect/converse_answer_blocks.h"

#include "base/json_writer.h"
#include "dialect/converse_words.h"
#include "dialect/seals.h"

#include <algorithm>
#include <utility>

namespace sluice::dialect {
namespace {

using json::Value;

constexpr Dialect kOwn = Dialect::Converse;

json::Reader& block_reader() {
  thread_local json::Reader one;
  return one;
}

std::string_view text_of(const Value& object, std::string_view key, Arena& arena) {
  const auto value = object.find(key);
  return value ? value->string(arena).value_or("") : std::string_view();
}

// Run by the provider itself: its type says so.
bool is_own_tool(const Value& tool) {
  const auto type = tool.find("type");
  return type && type->kind() == json::Kind::String && !(*type == "tool_use");
}

void tell_text(std::string_view text, Meaning& meaning) {
  if (!text.empty()) meaning.events.emplace_back(TextDelta{0, text});
}

// Without its last bracket, so that more members can follow.
std::string_view opened(std::string_view object) {
  object.remove_suffix(1);
  return object;
}

void tell_foreign(std::string_view type, std::string_view json, Meaning& meaning) {
  meaning.events.emplace_back(
      ForeignMade{0, {.of = kOwn, .type = type, .json = json, .importance = Importance::Hint}});
}

}  // namespace

ConverseAnswerBlocks::Block* ConverseAnswerBlocks::find(std::uint32_t index) {
  const auto found = std::ranges::find(open_, index, &Block::index);
  return found == open_.end() ? nullptr : &*found;
}

// Blocks of text and of thoughts begin with their first delta.
ConverseAnswerBlocks::Block& ConverseAnswerBlocks::open(std::uint32_t index, Kind kind,
                                                        Meaning& meaning) {
  if (Block* block = find(index)) {
    if (block->kind == kind) return *block;
    stop(index, meaning);
  }
  if (kind != Kind::Call) tell_seal(meaning);
  Block& block = open_.emplace_back();
  block.index = index;
  block.kind = kind;
  return block;
}

void ConverseAnswerBlocks::start(std::uint32_t index, const json::Value& start, Meaning& meaning) {
  if (const auto call = start.find("toolUse")) {
    const bool own = is_own_tool(*call);
    Block& block = open(index, own ? Kind::OwnCall : Kind::Call, meaning);
    if (own) {
      block.head = call->raw();
    } else {
      start_call(block, *call, meaning);
    }
  } else if (const auto result = start.find("toolResult")) {
    open(index, Kind::OwnResult, meaning).head = result->raw();
  } else if (const auto image = start.find("image")) {
    open(index, Kind::Image, meaning).head = text_of(*image, "format", meaning.texts);
  }
}

void ConverseAnswerBlocks::start_call(Block& block, const json::Value& call, Meaning& meaning) {
  block.call = calls_++;
  const std::string_view seal = meaning.texts.keep(std::exchange(seal_, {}));
  meaning.events.emplace_back(
      ToolCallDelta{.index = block.call,
                    .id = text_of(call, "toolUseId", meaning.texts),
                    .name = text_of(call, "name", meaning.texts),
                    .signature = seal.empty() ? Sealed{} : read_sealed_bytes(seal, meaning.texts)});
}

void ConverseAnswerBlocks::delta(std::uint32_t index, const json::Value& delta, Meaning& meaning) {
  Arena& texts = meaning.texts;
  if (const auto text = delta.find("text")) {
    open(index, Kind::Text, meaning);
    tell_text(text->string(texts).value_or(""), meaning);
  } else if (const auto thinking = delta.find("reasoningContent")) {
    thought(index, *thinking, meaning);
  } else if (const auto citation = delta.find("citation")) {
    open(index, Kind::Text, meaning).citations.emplace_back(citation->raw());
  } else if (const auto call = delta.find("toolUse")) {
    Block* block = find(index);
    if (!block) return;
    const std::string_view piece = text_of(*call, "input", texts);
    if (block->kind == Kind::OwnCall) block->gathered += piece;
    if (block->kind != Kind::Call || piece.empty()) return;
    block->told = true;
    meaning.events.emplace_back(ToolCallDelta{.index = block->call, .arguments = piece});
  } else if (const auto result = delta.find("toolResult")) {
    Block& block = open(index, Kind::OwnResult, meaning);
    for (const Value one : result->elements()) {
      if (!block.gathered.empty()) block.gathered += ',';
      block.gathered += one.raw();
    }
  } else if (const auto image = delta.find("image")) {
    Block& block = open(index, Kind::Image, meaning);
    if (const auto source = image->find("source"))
      block.gathered += text_of(*source, "bytes", texts);
  }
}

void ConverseAnswerBlocks::thought(std::uint32_t index, const json::Value& delta,
                                   Meaning& meaning) {
  if (const auto sealed = delta.find("redactedContent")) {
    redacted(sealed->string(meaning.texts).value_or(""), meaning);
    return;
  }
  Block& block = open(index, Kind::Thinking, meaning);
  if (const auto text = text_of(delta, "text", meaning.texts); !text.empty())
    meaning.events.emplace_back(ReasoningDelta{0, text});
  block.gathered += text_of(delta, "signature", meaning.texts);
}

void ConverseAnswerBlocks::redacted(std::string_view base64, Meaning& meaning) {
  tell_seal(meaning);
  seal_ = base64;
  // A call's own seal stands before the call.
  if (read_sealed_bytes(seal_, meaning.texts).by != Dialect::Gemini) tell_seal(meaning);
}

void ConverseAnswerBlocks::tell_seal(Meaning& meaning) {
  if (seal_.empty()) return;
  const std::string_view seal = meaning.texts.keep(std::exchange(seal_, {}));
  meaning.events.emplace_back(ReasoningSealed{
      .choice = 0, .seal = read_sealed_bytes(seal, meaning.texts), .redacted = true});
}

void ConverseAnswerBlocks::stop(std::uint32_t index, Meaning& meaning) {
  Block* block = find(index);
  if (!block) return;
  switch (block->kind) {
    case Kind::Text:
      tell_citations(*block, meaning);
      meaning.events.emplace_back(BlockEnded{});
      break;
    case Kind::Thinking:
      if (block->gathered.empty()) {
        meaning.events.emplace_back(BlockEnded{});
      } else {
        meaning.events.emplace_back(ReasoningSealed{
            .choice = 0, .seal = read_seal(meaning.texts.keep(block->gathered), kOwn)});
      }
      break;
    case Kind::Call:
      if (!block->told)
        meaning.events.emplace_back(ToolCallDelta{.index = block->call, .arguments = "{}"});
      break;
    case Kind::Image: {
      const std::string_view format = meaning.texts.keep(block->head);
      meaning.events.emplace_back(
          MediaMade{0,
                    {.media_type = converse_media_type(MediaKind::Image, format, meaning.texts),
                     .data = meaning.texts.keep(block->gathered)}});
      break;
    }
    default:
      tell_own(*block, meaning);
  }
  open_.erase(open_.begin() + (block - open_.data()));
}

void ConverseAnswerBlocks::tell_citations(const Block& block, Meaning& meaning) {
  for (const std::string& json : block.citations) {
    const auto citation = block_reader().parse(meaning.texts.keep(json));
    if (!citation) continue;
    meaning.events.emplace_back(CitationMade{0, read_converse_citation(*citation, meaning.texts)});
  }
}

void ConverseAnswerBlocks::tell_own(const Block& block, Meaning& meaning) {
  Arena& texts = meaning.texts;
  if (block.head.empty()) return;
  const std::string_view head = opened(block.head);
  const std::string_view comma = head.ends_with('{') ? "" : ",";
  if (block.kind == Kind::OwnCall) {
    const std::string_view input = block.gathered.empty() ? "{}" : std::string_view(block.gathered);
    if (!block_reader().parse(input)) return;
    tell_foreign("toolUse", texts.join(R"({"toolUse":)", head, comma, R"("input":)", input, "}}"),
                 meaning);
  } else {
    tell_foreign(
        "toolResult",
        texts.join(R"({"toolResult":)", head, comma, R"("content":[)", block.gathered, "]}}"),
        meaning);
  }
}

void ConverseAnswerBlocks::end(Meaning& meaning) {
  while (!open_.empty()) stop(open_.front().index, meaning);
  tell_seal(meaning);
}

void ConverseAnswerBlocks::media(const json::Value& image, MediaKind kind, Meaning& meaning) {
  const auto source = image.find("source");
  if (!source) return;
  Media media{.kind = kind, .of = kOwn};
  media.media_type =
      converse_media_type(kind, text_of(image, "format", meaning.texts), meaning.texts);
  media.data = text_of(*source, "bytes", meaning.texts);
  media.name = text_of(image, "name", meaning.texts);
  if (media.data.empty()) return;
  meaning.events.emplace_back(MediaMade{0, media});
}

void ConverseAnswerBlocks::whole(const json::Value& block, Meaning& meaning) {
  Arena& texts = meaning.texts;
  const auto call = block.find("toolUse");
  const bool function = call && !is_own_tool(*call);
  const auto thinking = block.find("reasoningContent");
  const auto sealed = thinking ? thinking->find("redactedContent") : std::nullopt;
  if (!function && !sealed) tell_seal(meaning);
  if (function) {
    Block told;
    start_call(told, *call, meaning);
    const auto input = call->find("input");
    const bool object = input && input->kind() == json::Kind::Object;
    meaning.events.emplace_back(
        ToolCallDelta{.index = told.call, .arguments = object ? input->raw() : "{}"});
  } else if (sealed) {
    redacted(sealed->string(texts).value_or(""), meaning);
  } else if (thinking) {
    const auto text = thinking->find("reasoningText");
    if (!text) return;
    if (const auto words = text_of(*text, "text", texts); !words.empty())
      meaning.events.emplace_back(ReasoningDelta{0, words});
    if (const auto seal = text_of(*text, "signature", texts); !seal.empty()) {
      meaning.events.emplace_back(ReasoningSealed{.choice = 0, .seal = read_seal(seal, kOwn)});
    } else {
      meaning.events.emplace_back(BlockEnded{});
    }
  } else if (const auto cited = block.find("citationsContent")) {
    if (const auto content = cited->find("content")) {
      for (const Value one : content->elements()) tell_text(text_of(one, "text", texts), meaning);
    }
    if (const auto citations = cited->find("citations")) {
      for (const Value one : citations->elements())
        meaning.events.emplace_back(CitationMade{0, read_converse_citation(one, texts)});
    }
    meaning.events.emplace_back(BlockEnded{});
  } else if (const auto text = block.find("text")) {
    tell_text(text->string(texts).value_or(""), meaning);
    meaning.events.emplace_back(BlockEnded{});
  } else if (const auto image = block.find("image")) {
    media(*image, MediaKind::Image, meaning);
  } else if (call) {
    tell_foreign("toolUse", block.raw(), meaning);
  } else if (block.find("toolResult")) {
    tell_foreign("toolResult", block.raw(), meaning);
  }
}

}  // namespace sluice::dialect
