#include "dialect/openai_chat_meaning.h"

#include "dialect/conversation_text.h"
#include "dialect/openai_chat_thoughts.h"
#include "dialect/openai_fields.h"
#include "dialect/openai_functions.h"
#include "dialect/seals.h"

#include <algorithm>
#include <array>
#include <functional>

namespace sluice::dialect::chat {
namespace {

using json::Kind;
using json::Value;

constexpr std::hash<std::string_view> kHash;

bool has_text(const std::optional<Value>& value) {
  return value && value->kind() == Kind::String && value->raw().size() > 2;
}

std::string_view text_of(const std::optional<Value>& value, Meaning& meaning) {
  return text_or_nothing(value, meaning.texts);
}

bool holds_text(const Value& details) {
  for (const Value entry : details.elements()) {
    if (has_text(entry.find("text")) || has_text(entry.find("summary"))) return true;
  }
  return false;
}

Media image_of(const Value& image, Meaning& meaning) {
  const auto inner = image.find("image_url");
  const auto url = inner && inner->kind() == Kind::Object ? inner->find("url") : inner;
  const std::string_view text = text_of(url, meaning);
  if (const auto data = read_data_url(text))
    return {.media_type = data->media_type, .data = data->base64};
  return {.source = MediaSource::Url, .data = text};
}

}  // namespace

FinishReason finish_reason(std::string_view word) {
  struct Row {
    std::string_view word;
    FinishReason reason;
  };
  constexpr std::array kRows = {
      Row{"stop", FinishReason::Stop},
      Row{"length", FinishReason::Length},
      Row{"tool_calls", FinishReason::ToolCalls},
      Row{"content_filter", FinishReason::ContentFilter},
      Row{"function_call", FinishReason::ToolCalls},
      Row{"eos", FinishReason::Stop},                    // Together, Fireworks
      Row{"end_turn", FinishReason::Stop},               // Who stands before Anthropic
      Row{"stop_sequence", FinishReason::StopSequence},  // TGI, llama.cpp's older servers
      Row{"max_tokens", FinishReason::Length},           //
      Row{"model_length", FinishReason::ContextLength},  // Mistral
      Row{"sensitive", FinishReason::ContentFilter},     // Zhipu
      Row{"refusal", FinishReason::Refusal},             //
      Row{"model_context_window_exceeded", FinishReason::ContextLength},
  };
  const auto* row = std::ranges::find(kRows, word, &Row::word);
  return row == kRows.end() ? FinishReason::Other : row->reason;
}

void Teller::start(const Value& root, Meaning& meaning) {
  constexpr std::string_view keys[] = {"id", "model", "created"};
  const auto fields = json::pick(root, keys);
  if (!fields) return;
  const auto& [id, model, created] = *fields;
  const ReplyStarted said{text_of(id, meaning), text_of(model, meaning),
                          created ? created->integer().value_or(0) : 0};
  // Azure's first chunk tells of its filter only.
  if (said.id.empty() && said.model.empty() && said.created == 0) return;
  started_ = true;
  id_ = said.id;
  meaning.events.emplace_back(said);
}

void Teller::delta(const DeltaFields& fields, std::uint32_t choice, bool whole, Meaning& meaning) {
  thoughts(fields, choice, meaning);
  if (fields[Content]) content(*fields[Content], choice, meaning);
  if (has_text(fields[RefusalText]))
    meaning.events.emplace_back(RefusalDelta{choice, text_of(fields[RefusalText], meaning)});
  if (fields[Audio]) {
    const Value& audio = *fields[Audio];
    AudioDelta said{.choice = choice};
    said.id = text_of(audio.find("id"), meaning);
    said.base64 = text_of(audio.find("data"), meaning);
    said.transcript = text_of(audio.find("transcript"), meaning);
    if (const auto expires = audio.find("expires_at"))
      said.expires_at = expires->integer().value_or(0);
    if (audio.kind() == Kind::Object) meaning.events.emplace_back(said);
  }
  if (fields[Images]) {
    for (const Value image : fields[Images]->elements())
      meaning.events.emplace_back(MediaMade{choice, image_of(image, meaning)});
  }
  if (fields[Annotations]) annotations(*fields[Annotations], choice, meaning);
  if (fields[ToolCalls]) calls(*fields[ToolCalls], choice, whole, meaning);
  if (is_given(fields[FunctionCall])) function(*fields[FunctionCall], choice, meaning);
}

void Teller::thoughts(const DeltaFields& fields, std::uint32_t choice, Meaning& meaning) {
  const bool detailed = is_given(fields[ReasoningDetails]);
  const bool blocks = is_given(fields[ThinkingBlocks]) && !detailed;
  // What is told twice is heard once.
  const bool in_details = detailed && holds_text(*fields[ReasoningDetails]);
  const auto& plain =
      has_text(fields[ReasoningContent]) ? fields[ReasoningContent] : fields[ReasoningText];
  if (has_text(plain) && !in_details && !blocks)
    meaning.events.emplace_back(ReasoningDelta{choice, text_of(plain, meaning)});
  if (detailed) {
    for (const Value entry : fields[ReasoningDetails]->elements()) {
      const ReasoningDetail detail = read_reasoning_detail(entry, meaning.texts);
      if (!detail.text.empty())
        meaning.events.emplace_back(ReasoningDelta{choice, detail.text, detail.summary});
      if (detail.seal.given()) {
        meaning.events.emplace_back(ReasoningSealed{choice, detail.seal,
                                                    detail.marked ? detail.id : std::string_view(),
                                                    detail.encrypted && detail.text.empty()});
      }
    }
  }
  if (blocks) {
    for (const Value entry : fields[ThinkingBlocks]->elements()) block(entry, choice, meaning);
  }
  if (is_given(fields[ExtraContent])) {
    const Sealed seal = read_extra_content(*fields[ExtraContent], meaning.texts);
    if (seal.given())
      meaning.events.emplace_back(
          ReasoningSealed{.choice = choice, .seal = seal, .redacted = true});
  }
}

// Anthropic's block, as LiteLLM passes it on, or Mistral's, whose text is an array.
void Teller::block(const Value& block, std::uint32_t choice, Meaning& meaning) {
  const auto thought = block.find("thinking");
  if (thought && thought->kind() == Kind::Array) {
    for (const Value piece : thought->elements()) {
      const std::string_view text = text_of(piece.find("text"), meaning);
      if (!text.empty()) meaning.events.emplace_back(ReasoningDelta{choice, text});
    }
    return;
  }
  if (has_text(thought))
    meaning.events.emplace_back(ReasoningDelta{choice, text_of(thought, meaning)});
  const auto data = block.find("data");
  const auto signature = has_text(data) ? data : block.find("signature");
  if (!has_text(signature)) return;
  meaning.events.emplace_back(
      ReasoningSealed{.choice = choice,
                      .seal = read_seal(text_of(signature, meaning), Dialect::Messages),
                      .redacted = has_text(data)});
}

void Teller::content(const Value& content, std::uint32_t choice, Meaning& meaning) {
  if (has_text(content)) {
    meaning.events.emplace_back(TextDelta{choice, text_of(content, meaning)});
  } else {
    for (const Value piece : content.elements()) part(piece, choice, meaning);
  }
}

void Teller::part(const Value& part, std::uint32_t choice, Meaning& meaning) {
  const std::string_view type = text_of(part.find("type"), meaning);
  if (type == "text") {
    const std::string_view text = text_of(part.find("text"), meaning);
    if (!text.empty()) meaning.events.emplace_back(TextDelta{choice, text});
  } else if (type == "thinking" || type == "redacted_thinking") {
    block(part, choice, meaning);
  } else if (type == "refusal") {
    meaning.events.emplace_back(RefusalDelta{choice, text_of(part.find("refusal"), meaning)});
  } else if (type == "image_url") {
    meaning.events.emplace_back(MediaMade{choice, image_of(part, meaning)});
  } else if (!type.empty()) {
    meaning.events.emplace_back(
        ForeignMade{choice, {Dialect::Chat, type, part.raw(), Importance::Hint}});
  }
}

void Teller::calls(const Value& calls, std::uint32_t choice, bool whole, Meaning& meaning) {
  for (const Value one : calls.elements()) {
    if (one.kind() == Kind::Object) call(one, choice, whole, meaning);
  }
}

void Teller::call(const Value& call, std::uint32_t choice, bool whole, Meaning& meaning) {
  ToolCallDelta delta{.choice = choice};
  std::int64_t native = -1;
  for (const auto member : call.members()) {
    const std::string_view name = name_of(member, meaning.texts);
    if (name == "index") {
      native = member.value.integer().value_or(-1);
    } else if (name == "id") {
      delta.id = text_of(member.value, meaning);
    } else if (name == "function" || name == "custom") {
      const bool custom = name == "custom";
      if (custom) delta.kind = ToolKind::Custom;
      delta.name = text_of(member.value.find("name"), meaning);
      const auto said = member.value.find(custom ? "input" : "arguments");
      delta.arguments = said && said->kind() == Kind::Object ? said->raw() : text_of(said, meaning);
    } else if (name == "extra_content") {
      delta.signature = read_extra_content(member.value, meaning.texts);
    }
  }
  begin(delta, native, whole, meaning);
  meaning.events.emplace_back(delta);
}

void Teller::function(const Value& call, std::uint32_t choice, Meaning& meaning) {
  ToolCallDelta delta{.choice = choice};
  delta.name = text_of(call.find("name"), meaning);
  delta.arguments = text_of(call.find("arguments"), meaning);
  if (!delta.name.empty()) delta.id = meaning.texts.join(kFunctionCallId, "0");
  begin(delta, 0, false, meaning);
  meaning.events.emplace_back(delta);
}

// Which call it goes on with, or that it is a new one: some providers tell no index, or the same
// for all, some no id, some repeat id and name with every piece.
void Teller::begin(ToolCallDelta& delta, std::int64_t native, bool whole, Meaning& meaning) {
  const std::size_t id = delta.id.empty() ? 0 : kHash(delta.id);
  std::uint32_t count = 0;
  Call* known = nullptr;
  for (Call& call : calls_) {
    if (call.choice != delta.choice) continue;
    ++count;
    const bool same_id = id == 0 || call.id == 0 || id == call.id;
    const bool same_index = native < 0 || call.native < 0 || native == call.native;
    if (same_id && same_index && !whole) known = &call;
  }
  if (known && native < 0 && id == 0 && !delta.name.empty()) known = nullptr;
  if (known) {
    delta.index = known->index;
    delta.id = {};
    if (known->named) delta.name = {};
    known->named |= !delta.name.empty();
    return;
  }
  delta.index = count;
  calls_.push_back({delta.choice, native, id, count, !delta.name.empty()});
  if (!delta.id.empty()) return;
  delta.id = meaning.texts.join("call_", id_, delta.choice == 0 ? "" : "_",
                                delta.choice == 0 ? "" : meaning.texts.number(delta.choice), "_",
                                meaning.texts.number(count));
}

void Teller::annotations(const Value& annotations, std::uint32_t choice, Meaning& meaning) {
  for (const Value annotation : annotations.elements()) {
    if (annotation.kind() != Kind::Object) continue;
    Citation citation{.of = Dialect::Chat, .json = annotation.raw()};
    if (const auto url = annotation.find("url_citation")) {
      citation.url = text_of(url->find("url"), meaning);
      citation.title = text_of(url->find("title"), meaning);
      citation.cited = text_of(url->find("content"), meaning);
      if (const auto at = url->find("start_index")) citation.begin = at->integer().value_or(-1);
      if (const auto at = url->find("end_index")) citation.end = at->integer().value_or(-1);
    }
    cited_ = true;
    meaning.events.emplace_back(CitationMade{choice, citation});
  }
}

void Teller::close(const Value& choice, std::uint32_t number, Meaning& meaning) {
  constexpr std::string_view keys[] = {"logprobs", "finish_reason", "stop_reason"};
  const auto fields = json::pick(choice, keys);
  if (!fields) return;
  const auto& [logprobs, finish, stop] = *fields;
  if (is_given(logprobs)) {
    LogprobsDelta said{.choice = number};
    const auto content = logprobs->find("content");
    const auto refusal = logprobs->find("refusal");
    if (is_given(content)) said.content = content->raw();
    if (is_given(refusal)) said.refusal = refusal->raw();
    if (!said.content.empty() || !said.refusal.empty()) meaning.events.emplace_back(said);
  }
  if (!is_given(finish)) return;
  const std::uint64_t bit = number < 64 ? std::uint64_t{1} << number : 0;
  if ((stopped_ & bit) != 0) return;
  stopped_ |= bit;
  ReplyStopped stopped{.choice = number, .native = text_of(finish, meaning)};
  stopped.reason = finish_reason(stopped.native);
  // vLLM's word for which of them it was.
  if (has_text(stop) && stopped.reason == FinishReason::Stop) {
    stopped.reason = FinishReason::StopSequence;
    stopped.stop_sequence = text_of(stop, meaning);
  }
  meaning.events.emplace_back(stopped);
}

bool Teller::is_new(std::string_view name, std::string_view json) {
  const std::size_t key = kHash(name);
  const std::size_t value = kHash(json);
  const auto known = std::ranges::find(extras_, key, &std::pair<std::size_t, std::size_t>::first);
  if (known == extras_.end()) {
    extras_.emplace_back(key, value);
    return true;
  }
  return std::exchange(known->second, value) != value;
}

void Teller::extras(const Value& root, bool with_sources, Meaning& meaning) {
  constexpr std::array<std::string_view, 9> kKnown = {
      "id", "object", "created", "model", "choices", "usage", "error", "obfuscation", "p"};
  std::optional<Value> sources;
  for (const auto member : root.members()) {
    const std::string_view name = name_of(member, meaning.texts);
    if (is_null(member.value) || std::ranges::find(kKnown, name) != kKnown.end()) continue;
    if (name == "search_results" || (name == "citations" && !sources)) sources = member.value;
    if (is_new(name, member.value.raw())) {
      meaning.events.emplace_back(
          ReplyExtra{{Dialect::Chat, name, member.value.raw(), Importance::Hint}});
    }
  }
  if (!sources || !with_sources || std::exchange(cited_, true)) return;
  for (const Value source : sources->elements()) {
    Citation citation{.of = Dialect::Chat};
    if (source.kind() == Kind::String) {
      citation.url = text_of(source, meaning);
    } else {
      citation.url = text_of(source.find("url"), meaning);
      citation.title = text_of(source.find("title"), meaning);
      citation.cited = text_of(source.find("snippet"), meaning);
    }
    if (!citation.url.empty()) meaning.events.emplace_back(CitationMade{0, citation});
  }
}

}  // namespace sluice::dialect::chat
