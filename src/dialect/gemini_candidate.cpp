#include "dialect/gemini_candidate.h"

#include "base/json_writer.h"
#include "dialect/gemini_words.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <random>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

constexpr std::size_t kLongestText = std::size_t{1} << 20;
constexpr std::size_t kLongestId = 24;  // Some APIs take no longer ids of calls than 40.
constexpr std::uint32_t kMostCandidates = 64;

std::string_view text_of(const std::optional<Value>& value, Meaning& meaning) {
  return value ? value->string(meaning.texts).value_or("") : std::string_view();
}

std::uint64_t fresh_number() {
  static const std::uint64_t start =
      std::uint64_t{std::random_device{}()} << 32 | std::random_device{}();
  static std::atomic<std::uint64_t> count = 0;
  return start + count.fetch_add(1, std::memory_order_relaxed);
}

void note(const Value& said, Signals& signals) {
  signals.content = true;
  signals.text_bytes += static_cast<std::uint32_t>(said.raw().size());
}

}  // namespace

struct GeminiCandidates::PartFields {
  std::optional<Value> text;
  std::optional<Value> call;
  std::optional<Value> inline_data;
  std::optional<Value> file_data;
  std::optional<Value> signature;
  std::optional<Value> whole;  // Of a part that is none of these.
  std::string_view unknown;
  bool thought = false;
};

void GeminiCandidates::make_ids_from(std::string_view reply_id) {
  id_prefix_ = "call_";
  for (const char letter : reply_id) {
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
    if (plain && id_prefix_.size() < kLongestId + 5) id_prefix_ += letter;
  }
  if (id_prefix_.size() == 5) id_prefix_ += std::to_string(fresh_number());
  id_prefix_ += '_';
}

GeminiCandidates::State& GeminiCandidates::state_of(std::uint32_t index) {
  const auto found = std::ranges::find(states_, index, &State::index);
  return found != states_.end() ? *found : states_.emplace_back(State{.index = index});
}

bool GeminiCandidates::read(const Value& candidate, Signals& signals, Meaning* meaning) {
  std::optional<Value> content;
  std::optional<Value> finish;
  std::optional<Value> grounding;
  std::optional<Value> citations;
  std::optional<Value> logprobs;
  std::uint32_t index = 0;
  for (const auto [key, value] : candidate.members()) {
    if (value.kind() == Kind::Null) continue;
    const std::string_view name = key.plain_string().value_or("");
    if (name == "content") {
      content = value;
    } else if (name == "finishReason") {
      finish = value;
    } else if (name == "index") {
      index = static_cast<std::uint32_t>(
          std::clamp<std::int64_t>(value.integer().value_or(0), 0, kMostCandidates));
    } else if (name == "groundingMetadata") {
      grounding = value;
    } else if (name == "citationMetadata") {
      citations = value;
    } else if (name == "logprobsResult") {
      logprobs = value;
    } else if (meaning) {
      meaning->events.push_back(ReplyExtra{{Dialect::Gemini, name, value.raw()}});
    }
  }
  State& state = state_of(index);
  if (content) read_parts(*content, state, signals, meaning);
  if (grounding) {
    if (const auto queries = grounding->find("webSearchQueries")) {
      std::int64_t count = 0;
      for ([[maybe_unused]] const Value query : queries->elements()) ++count;
      searches_ = std::max(searches_, count);
    }
    if (meaning) say_grounding(*grounding, state, *meaning);
  }
  if (meaning && citations) say_citations(*citations, state, *meaning);
  if (meaning && logprobs) say_logprobs(*logprobs, index, *meaning);
  if (!finish) return false;
  if (!meaning) return true;
  const std::string_view native = text_of(finish, *meaning);
  FinishReason reason = gemini_finish_reason(native);
  if (reason == FinishReason::Stop && state.calls > 0) reason = FinishReason::ToolCalls;
  meaning->events.push_back(ReplyStopped{.choice = index, .reason = reason, .native = native});
  return true;
}

GeminiCandidates::PartFields GeminiCandidates::fields_of(const Value& part) {
  PartFields fields;
  for (const auto [key, value] : part.members()) {
    if (value.kind() == Kind::Null) continue;
    const std::string_view name = key.plain_string().value_or("");
    if (name == "text") {
      fields.text = value;
    } else if (name == "functionCall") {
      fields.call = value;
    } else if (name == "thought") {
      fields.thought = value.boolean().value_or(false);
    } else if (name == "thoughtSignature") {
      fields.signature = value;
    } else if (name == "inlineData") {
      fields.inline_data = value;
    } else if (name == "fileData") {
      fields.file_data = value;
    } else if (name != "videoMetadata" && name != "partMetadata" && name != "mediaResolution") {
      fields.whole = part;
      fields.unknown = name;
    }
  }
  return fields;
}

void GeminiCandidates::read_parts(const Value& content, State& state, Signals& signals,
                                  Meaning* meaning) {
  const auto parts = content.find("parts");
  if (!parts) return;
  for (const Value part : parts->elements()) {
    const PartFields fields = fields_of(part);
    if (fields.text && fields.text->raw().size() > 2) {
      signals.content = true;
      signals.text_bytes += static_cast<std::uint32_t>(fields.text->raw().size() - 2);
    }
    for (const auto& said : {fields.call, fields.inline_data, fields.file_data, fields.whole}) {
      if (said) note(*said, signals);
    }
    if (fields.call) read_call(fields, state, meaning);
    if (meaning && !fields.call) say_part(fields, state, *meaning);
  }
}

void GeminiCandidates::say_part(const PartFields& fields, State& state, Meaning& meaning) {
  const std::uint32_t choice = state.index;
  if (fields.whole) {
    meaning.events.push_back(ForeignMade{
        choice, {.of = Dialect::Gemini, .type = fields.unknown, .json = fields.whole->raw()}});
    return;
  }
  if (fields.text) say_text(fields, text_of(fields.text, meaning), state, meaning);
  if (fields.inline_data) {
    const std::string_view type = text_of(fields.inline_data->find("mimeType"), meaning);
    const std::string_view data = text_of(fields.inline_data->find("data"), meaning);
    if (type.starts_with("audio/")) {
      meaning.events.push_back(AudioDelta{.choice = choice, .base64 = data});
    } else {
      meaning.events.push_back(MediaMade{choice,
                                         {.kind = gemini_media_kind(type),
                                          .media_type = type,
                                          .data = data,
                                          .of = Dialect::Gemini}});
    }
  } else if (fields.file_data) {
    const std::string_view type = text_of(fields.file_data->find("mimeType"), meaning);
    meaning.events.push_back(MediaMade{choice,
                                       {.kind = gemini_media_kind(type),
                                        .source = MediaSource::Url,
                                        .media_type = type,
                                        .data = text_of(fields.file_data->find("fileUri"), meaning),
                                        .of = Dialect::Gemini}});
  }
  if (!fields.signature) return;
  const GeminiSeal seal = read_gemini_seal(text_of(fields.signature, meaning), meaning.texts);
  if (seal.seal.given())
    meaning.events.push_back(ReasoningSealed{choice, seal.seal, {}, seal.redacted});
}

void GeminiCandidates::say_text(const PartFields& fields, std::string_view text, State& state,
                                Meaning& meaning) {
  if (text.empty()) return;
  if (fields.thought) {
    meaning.events.push_back(ReasoningDelta{state.index, text, true});
    return;
  }
  meaning.events.push_back(TextDelta{state.index, text});
  if (state.text.size() + text.size() <= kLongestText) state.text += text;
}

void GeminiCandidates::read_call(const PartFields& fields, State& state, Meaning* meaning) {
  const Value& call = *fields.call;
  std::optional<Value> id;
  std::optional<Value> name;
  std::optional<Value> args;
  bool goes_on = false;
  for (const auto [key, value] : call.members()) {
    if (value.kind() == Kind::Null) continue;
    if (key == "id") id = value;
    if (key == "name") name = value;
    if (key == "args") args = value;
    if (key == "willContinue") goes_on = value.boolean().value_or(false);
    if (key == "partialArgs" && meaning) {
      for (const Value piece : value.elements()) state.arguments.add(piece);
    }
  }
  const bool begins = !state.call_goes_on;
  state.call_goes_on = goes_on;
  if (begins) ++state.calls;
  if (!meaning) return;
  ToolCallDelta delta{.choice = state.index, .index = state.calls - 1};
  if (begins) {
    delta.id = text_of(id, *meaning);
    if (delta.id.empty()) {
      delta.id = state.index == 0
                     ? meaning->texts.join(id_prefix_, meaning->texts.number(delta.index))
                     : meaning->texts.join(id_prefix_, meaning->texts.number(state.index), "_",
                                           meaning->texts.number(delta.index));
    }
    delta.name = text_of(name, *meaning);
    if (fields.signature) {
      delta.signature = read_gemini_seal(text_of(fields.signature, *meaning), meaning->texts).seal;
    }
  }
  if (args && args->kind() == Kind::Object) {
    delta.arguments = args->raw();
  } else if (!goes_on) {
    delta.arguments = meaning->texts.keep(state.arguments.take());
  }
  if (begins || !delta.arguments.empty()) meaning->events.push_back(delta);
  if (!goes_on) meaning->events.push_back(BlockEnded{state.index});
}

}  // namespace sluice::dialect
