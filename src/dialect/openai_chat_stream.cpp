#include "dialect/openai_chat_stream.h"

#include "dialect/conversation_text.h"
#include "dialect/openai_chat_thoughts.h"
#include "dialect/openai_functions.h"

#include <algorithm>

namespace sluice::dialect::chat {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  json::Writer(out).value(number);
}

std::int64_t letters_of(std::string_view text) {
  return std::ranges::count_if(text, [](char byte) { return (byte & 0xC0) != 0x80; });
}

// "logprobs" of a choice.
void append_logprobs(std::string& out, const LogprobsDelta& said) {
  append_line(out.append(R"({"content":)"), said.content.empty() ? "null" : said.content);
  append_line(out.append(R"(,"refusal":)"), said.refusal.empty() ? "null" : said.refusal);
  out += '}';
}

}  // namespace

StreamEncoder::StreamEncoder(const Shape& shape)
    : shape_(shape), functions_(shape.asked && speaks_of_functions(*shape.asked)) {}

void StreamEncoder::say(std::span<const Event> events, std::string& out) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event* next = i + 1 < events.size() ? &events[i + 1] : nullptr;
    // A text and its odds are one chunk.
    const auto* text = std::get_if<TextDelta>(&events[i]);
    const auto* odds = next ? std::get_if<LogprobsDelta>(next) : nullptr;
    const bool together = text && odds && odds->choice == text->choice;
    say(events[i], together ? next : nullptr, out);
    if (together) ++i;
  }
}

void StreamEncoder::say(const Event& event, const Event* next, std::string& out) {
  if (const auto* delta = std::get_if<TextDelta>(&event)) {
    text(*delta, next, out);
  } else if (const auto* thought = std::get_if<ReasoningDelta>(&event)) {
    reasoning(*thought, out);
  } else if (const auto* called = std::get_if<ToolCallDelta>(&event)) {
    call(*called, out);
  } else if (const auto* seal = std::get_if<ReasoningSealed>(&event)) {
    sealed(*seal, out);
  } else if (const auto* begun = std::get_if<ReplyStarted>(&event)) {
    started(*begun);
  } else if (const auto* refusal = std::get_if<RefusalDelta>(&event)) {
    choice(refusal->choice, out).said.refusal = true;
    open(refusal->choice, out);
    json::append_escaped(out.append(R"("refusal":")"), refusal->text);
    out += '"';
    close(out);
  } else if (const auto* made = std::get_if<CitationMade>(&event)) {
    cite(*made, out);
  } else if (const auto* odds = std::get_if<LogprobsDelta>(&event)) {
    std::string logprobs;
    append_logprobs(logprobs, *odds);
    choice(odds->choice, out);
    open(odds->choice, out);
    close(out, logprobs);
  } else if (const auto* audio = std::get_if<AudioDelta>(&event)) {
    choice(audio->choice, out);
    open(audio->choice, out);
    json::Writer writer(out.append(R"("audio":)"));
    write_audio(writer, *audio);
    close(out);
  } else if (const auto* media = std::get_if<MediaMade>(&event)) {
    if (media->media.kind != MediaKind::Image) return;
    choice(media->choice, out);
    open(media->choice, out);
    json::Writer writer(out.append(R"("images":[)"));
    write_image(writer, media->media);
    out += ']';
    close(out);
  } else if (const auto* ended = std::get_if<BlockEnded>(&event)) {
    Choice& its = choice(ended->choice, out);
    its.block_begin = its.letters;
    if (std::exchange(its.thought_open, false)) ++its.thoughts;
  } else if (const auto* usage = std::get_if<Usage>(&event)) {
    usage_ = *usage;
  } else if (const auto* stopped = std::get_if<ReplyStopped>(&event)) {
    stop(*stopped, out);
  } else if (const auto* told = std::get_if<ReplyExtra>(&event)) {
    extra(told->extra);
  }
}

void StreamEncoder::started(const ReplyStarted& said) {
  id_ = said.id;
  model_ = said.model;
  created_ = said.created;
  head_.clear();
}

void StreamEncoder::extra(const Extra& extra) {
  if (!speaks_of(extra) || extra.json.empty()) return;
  if (extra.name == "service_tier" || extra.name == "system_fingerprint") {
    std::string& kept = extra.name == "service_tier" ? tier_ : fingerprint_;
    kept.clear();
    append_line(kept, extra.json);
    head_.clear();
    return;
  }
  json::append_escaped(extras_.append(",\""), extra.name);
  append_line(extras_.append("\":"), extra.json);
}

void StreamEncoder::make_head() {
  head_ = R"(data: {"id":")";
  append_id(head_, id_, "chatcmpl-", shape_.id);
  head_.append(R"(","object":"chat.completion.chunk","created":)");
  json::Writer(head_).value(created_ != 0 ? created_ : shape_.now);
  head_.append(R"(,"model":")");
  json::append_escaped(head_, model_.empty() ? shape_.model : std::string_view(model_));
  head_ += '"';
  if (!tier_.empty()) head_.append(R"(,"service_tier":)").append(tier_);
  if (!fingerprint_.empty()) head_.append(R"(,"system_fingerprint":)").append(fingerprint_);
}

// The choice, which has begun.
StreamEncoder::Choice& StreamEncoder::choice(std::uint32_t number, std::string& out) {
  const auto known = std::ranges::find(choices_, number, &Choice::number);
  if (known != choices_.end()) return *known;
  choices_.push_back({.number = number, .said = {.functions = functions_}});
  open(number, out);
  out.append(R"("role":"assistant","content":"")");
  close(out);
  return choices_.back();
}

void StreamEncoder::open(std::uint32_t number, std::string& out) {
  if (held_) release(out);
  if (head_.empty()) make_head();
  out.append(head_).append(R"(,"choices":[{"index":)");
  append_number(out, number);
  out.append(R"(,"delta":{)");
}

void StreamEncoder::close(std::string& out, std::string_view logprobs) {
  out.append(R"(},"logprobs":)").append(logprobs).append(R"(,"finish_reason":null}])");
  if (shape_.usage_asked) out.append(R"(,"usage":null)");
  tail(out);
}

void StreamEncoder::tail(std::string& out) {
  out.append(extras_).append("}\n\n");
  extras_.clear();
}

void StreamEncoder::text(const TextDelta& delta, const Event* next, std::string& out) {
  choice(delta.choice, out).letters += letters_of(delta.text);
  open(delta.choice, out);
  out.append(R"("content":")");
  json::append_escaped(out, delta.text);
  out += '"';
  if (!next) return close(out);
  std::string logprobs;
  append_logprobs(logprobs, std::get<LogprobsDelta>(*next));
  close(out, logprobs);
}

void StreamEncoder::reasoning(const ReasoningDelta& delta, std::string& out) {
  Choice& its = choice(delta.choice, out);
  its.thought_open = true;
  its.summary = delta.summary;
  open(delta.choice, out);
  out.append(R"("reasoning_content":")");
  json::append_escaped(out, delta.text);
  out.append(R"(","reasoning_details":[)");
  append_thought(out, delta.text, delta.summary, its.thoughts);
  out += ']';
  close(out);
}

void StreamEncoder::sealed(const ReasoningSealed& sealed, std::string& out) {
  Choice& its = choice(sealed.choice, out);
  open(sealed.choice, out);
  if (sealed.seal.by == Dialect::Chat && !is_reasoning_detail(sealed.seal.text)) {
    append_extra_content(out.append(R"("extra_content":)"), sealed.seal);
  } else {
    const bool of_text = its.thought_open && !sealed.redacted;
    const SealKind kind = !of_text      ? SealKind::OfNothing
                          : its.summary ? SealKind::OfSummary
                                        : SealKind::OfText;
    if (its.thought_open && !of_text) ++its.thoughts;
    out.append(R"("reasoning_details":[)");
    append_seal(out, sealed.seal, sealed.item_id, kind, its.thoughts);
    out += ']';
    its.thought_open = false;
    ++its.thoughts;
  }
  close(out);
}

bool StreamEncoder::is_of_custom_tool(std::string_view name) const {
  const Tool* tool = shape_.asked ? find_tool(shape_.asked->tools, name) : nullptr;
  return tool && tool->kind == ToolKind::Custom;
}

// Up to its arguments, whose string is left open.
void StreamEncoder::begin_call(const ToolCallDelta& delta, bool custom, std::string& out) const {
  if (functions_) {
    json::append_escaped(out.append(R"("function_call":{"name":")"), delta.name);
    out.append(R"(","arguments":")");
    return;
  }
  append_number(out.append(R"("tool_calls":[{"index":)"), delta.index);
  out.append(R"(,"id":")");
  if (delta.id.empty()) {
    json::append_escaped(out.append("call_"), shape_.id);
    append_number(out += '_', delta.index);
  } else {
    json::append_escaped(out, delta.id);
  }
  out += '"';
  if (delta.signature.given())
    append_extra_content(out.append(R"(,"extra_content":)"), delta.signature);
  out.append(custom ? R"(,"type":"custom","custom":{"name":")"
                    : R"(,"type":"function","function":{"name":")");
  json::append_escaped(out, delta.name);
  out.append(custom ? R"(","input":")" : R"(","arguments":")");
}

void StreamEncoder::call(const ToolCallDelta& delta, std::string& out) {
  Choice& its = choice(delta.choice, out);
  its.said.calls = true;
  if (held_ && held_->choice == delta.choice && held_->index == delta.index && delta.name.empty()) {
    held_->arguments.append(delta.arguments);
    return;
  }
  const bool custom = delta.kind == ToolKind::Custom;
  const bool begins = !delta.name.empty() || !delta.id.empty();
  if (begins && !custom && is_of_custom_tool(delta.name)) {
    if (held_) release(out);
    held_ = Held{
        .choice = delta.choice, .index = delta.index, .arguments = std::string(delta.arguments)};
    begin_call(delta, true, held_->head);
    return;
  }
  open(delta.choice, out);
  if (begins) {
    begin_call(delta, custom, out);
  } else if (functions_) {
    out.append(R"("function_call":{"arguments":")");
  } else {
    append_number(out.append(R"("tool_calls":[{"index":)"), delta.index);
    if (delta.signature.given())
      append_extra_content(out.append(R"(,"extra_content":)"), delta.signature);
    out.append(custom ? R"(,"custom":{"input":")" : R"(,"function":{"arguments":")");
  }
  json::append_escaped(out, delta.arguments);
  out.append(functions_ ? R"("})" : R"("}}])");
  close(out);
}

// The custom call that was held back, with its free text.
void StreamEncoder::release(std::string& out) {
  const Held held = *std::exchange(held_, std::nullopt);
  Arena arena;
  open(held.choice, out);
  out.append(held.head);
  json::append_escaped(out, custom_input(held.arguments, arena).value_or(held.arguments));
  out.append(functions_ ? R"("})" : R"("}}])");
  close(out);
}

void StreamEncoder::cite(const CitationMade& made, std::string& out) {
  std::string annotation;
  json::Writer writer(annotation);
  Choice& its = choice(made.choice, out);
  if (!write_annotation(writer, made.citation, its.block_begin, its.letters)) return;
  if (!its.annotations.empty()) its.annotations += ',';
  its.annotations += annotation;
}

// All in one delta: clients that put deltas together replace a list, or find no index to add by.
void StreamEncoder::tell_citations(Choice& its, std::string& out) {
  if (its.annotations.empty()) return;
  open(its.number, out);
  out.append(R"("annotations":[)").append(its.annotations) += ']';
  close(out);
}

// Written at the end, for citations and seals may still follow.
void StreamEncoder::stop(const ReplyStopped& stopped, std::string& out) {
  Choice& its = choice(stopped.choice, out);
  its.stopped = true;
  its.reason = stopped.reason;
  its.stop_sequence = stopped.stop_sequence;
}

void StreamEncoder::finish(Choice& its, std::string& out) {
  open(its.number, out);
  out.append(R"(},"logprobs":null,"finish_reason":")");
  out.append(finish_word(its.stopped ? its.reason : FinishReason::Other, its.said)) += '"';
  if (its.reason == FinishReason::StopSequence && !its.stop_sequence.empty()) {
    json::append_escaped(out.append(R"(,"stop_reason":")"), its.stop_sequence);
    out += '"';
  }
  out.append("}]");
  if (shape_.usage_asked) out.append(R"(,"usage":null)");
  tail(out);
}

void StreamEncoder::end(std::string& out) {
  if (held_) release(out);
  choice(choices_.empty() ? 0 : choices_.front().number, out);
  for (Choice& its : choices_) {
    tell_citations(its, out);
    finish(its, out);
  }
  if ((shape_.usage_asked && usage_) || !extras_.empty()) {
    out.append(head_).append(R"(,"choices":[])");
    if (shape_.usage_asked && usage_) {
      json::Writer writer(out.append(R"(,"usage":)"));
      write_usage(writer, *usage_);
    }
    tail(out);
  }
  out.append("data: [DONE]\n\n");
}

}  // namespace sluice::dialect::chat
