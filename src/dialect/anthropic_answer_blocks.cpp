#include "dialect/anthropic_answer_blocks.h"

#include "base/json_editor.h"
#include "base/json_writer.h"
#include "dialect/anthropic_blocks.h"
#include "dialect/seals.h"

#include <algorithm>
#include <utility>

namespace sluice::dialect {
namespace {

using json::Value;

json::Reader& block_reader() {
  thread_local json::Reader one;
  return one;
}

std::string_view text_of(const Value& object, std::string_view key, Meaning& meaning) {
  const auto value = object.find(key);
  return value ? value->string(meaning.texts).value_or("") : std::string_view();
}

}  // namespace

AnswerBlocks::Block* AnswerBlocks::find(std::uint32_t index) {
  const auto found = std::ranges::find(open_, index, &Block::index);
  return found == open_.end() ? nullptr : &*found;
}

void AnswerBlocks::start(std::uint32_t index, const json::Value& value, Meaning& meaning) {
  if (find(index)) stop(index, meaning);
  Block& block = open_.emplace_back();
  block.index = index;
  const std::string_view type = text_of(value, "type", meaning);
  if (type != "tool_use") tell_seal(meaning);
  if (type == "text") {
    block.kind = Kind::Text;
    if (const auto text = text_of(value, "text", meaning); !text.empty())
      meaning.events.push_back(TextDelta{0, text});
    if (const auto citations = value.find("citations")) {
      for (const Value one : citations->elements()) block.citations.emplace_back(one.raw());
    }
  } else if (type == "thinking") {
    start_thinking(block, value, meaning);
  } else if (type == "redacted_thinking") {
    seal_ = text_of(value, "data", meaning);
    open_.pop_back();
    // A call's own seal stands before the call.
    if (read_seal(seal_, Dialect::Messages).by != Dialect::Gemini) tell_seal(meaning);
  } else if (type == "tool_use") {
    start_call(block, value, meaning);
  } else {
    block.type = type;
    block.json = value.raw();
  }
}

void AnswerBlocks::start_thinking(Block& block, const json::Value& value, Meaning& meaning) {
  block.kind = Kind::Thinking;
  if (const auto text = text_of(value, "thinking", meaning); !text.empty())
    meaning.events.push_back(ReasoningDelta{0, text});
  block.gathered = text_of(value, "signature", meaning);
}

void AnswerBlocks::start_call(Block& block, const json::Value& value, Meaning& meaning) {
  block.kind = Kind::Call;
  block.call = calls_++;
  const auto input = value.find("input");
  block.json = input && input->kind() == json::Kind::Object ? input->raw() : "{}";
  const std::string_view seal = meaning.texts.keep(std::exchange(seal_, {}));
  meaning.events.push_back(
      ToolCallDelta{.index = block.call,
                    .id = text_of(value, "id", meaning),
                    .name = text_of(value, "name", meaning),
                    .signature = seal.empty() ? Sealed{} : read_seal(seal, Dialect::Messages)});
}

void AnswerBlocks::tell_seal(Meaning& meaning) {
  if (seal_.empty()) return;
  const std::string_view seal = meaning.texts.keep(std::exchange(seal_, {}));
  meaning.events.push_back(
      ReasoningSealed{.choice = 0, .seal = read_seal(seal, Dialect::Messages), .redacted = true});
}

// Citations belong to the text before them, though the API tells some of them first.
void AnswerBlocks::finish_text(const Block& block, Meaning& meaning) {
  for (const std::string& json : block.citations) {
    const auto citation = block_reader().parse(meaning.texts.keep(json));
    if (!citation) continue;
    meaning.events.push_back(CitationMade{0, read_anthropic_citation(*citation, meaning.texts)});
  }
  meaning.events.push_back(BlockEnded{});
}

void AnswerBlocks::delta(std::uint32_t index, const json::Value& delta, Meaning& meaning) {
  Block* block = find(index);
  if (!block) return;
  const std::string_view type = text_of(delta, "type", meaning);
  if (type == "text_delta") {
    if (const auto text = text_of(delta, "text", meaning); !text.empty())
      meaning.events.push_back(TextDelta{0, text});
  } else if (type == "thinking_delta") {
    if (const auto text = text_of(delta, "thinking", meaning); !text.empty())
      meaning.events.push_back(ReasoningDelta{0, text});
  } else if (type == "signature_delta") {
    block->gathered += text_of(delta, "signature", meaning);
  } else if (type == "citations_delta") {
    if (const auto citation = delta.find("citation"))
      block->citations.emplace_back(citation->raw());
  } else if (type == "input_json_delta") {
    const std::string_view piece = text_of(delta, "partial_json", meaning);
    if (piece.empty()) return;
    if (block->kind != Kind::Call) {
      block->gathered += piece;
      return;
    }
    block->told = true;
    meaning.events.push_back(ToolCallDelta{.index = block->call, .arguments = piece});
  } else if (block->kind == Kind::Foreign) {
    block->content += text_of(delta, "content", meaning);
  }
}

void AnswerBlocks::stop(std::uint32_t index, Meaning& meaning) {
  Block* block = find(index);
  if (!block) return;
  switch (block->kind) {
    case Kind::Text:
      finish_text(*block, meaning);
      break;
    case Kind::Thinking:
      // One without a text only says that nobody sealed it.
      if (const Sealed seal = read_seal(meaning.texts.keep(block->gathered), Dialect::Messages);
          seal.given()) {
        meaning.events.push_back(ReasoningSealed{.choice = 0, .seal = seal});
      } else {
        meaning.events.push_back(BlockEnded{});
      }
      break;
    case Kind::Call:
      if (!block->told) {
        meaning.events.push_back(
            ToolCallDelta{.index = block->call, .arguments = meaning.texts.keep(block->json)});
      }
      break;
    case Kind::Foreign:
      finish_foreign(*block, meaning);
  }
  open_.erase(open_.begin() + (block - open_.data()));
}

void AnswerBlocks::finish_foreign(const Block& block, Meaning& meaning) {
  std::string_view json = meaning.texts.keep(block.json);
  const auto root = block_reader().parse(json);
  if (root && (!block.gathered.empty() || !block.content.empty())) {
    json::Editor editor(json, meaning.texts);
    if (!block.gathered.empty())
      editor.set_member(*root, "input", meaning.texts.keep(block.gathered));
    if (!block.content.empty())
      editor.set_member(*root, "content", json::quoted(block.content, meaning.texts));
    json = meaning.texts.keep(editor.compose().joined());
  }
  meaning.events.push_back(ForeignMade{0,
                                       {.of = Dialect::Messages,
                                        .type = meaning.texts.keep(block.type),
                                        .json = json,
                                        .importance = block_importance(block.type)}});
}

}  // namespace sluice::dialect
