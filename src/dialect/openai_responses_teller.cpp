#include "dialect/openai_responses_teller.h"

#include "dialect/openai_responses_parts.h"

namespace sluice::dialect::responses {
namespace {

using json::Kind;
using json::Value;

std::string_view text_in(const std::optional<Value>& value, Meaning& meaning) {
  return value ? value->string(meaning.texts).value_or("") : std::string_view();
}

std::int64_t number_in(const Value& event, std::string_view name) {
  const auto number = event.find(name);
  return number ? number->integer().value_or(0) : 0;
}

bool has_elements(const std::optional<Value>& list) {
  return list && list->kind() == Kind::Array && list->elements().begin() != std::default_sentinel;
}

FinishReason reason_of_incomplete(const std::optional<Value>& reason) {
  if (!reason) return FinishReason::Other;
  if (*reason == "max_output_tokens" || *reason == "max_tokens") return FinishReason::Length;
  if (*reason == "content_filter") return FinishReason::ContentFilter;
  return FinishReason::Other;
}

}  // namespace

void Teller::started(const Value& response, Meaning& meaning) {
  if (started_) return;
  started_ = true;
  const auto created = response.find("created_at");
  meaning.events.push_back(ReplyStarted{
      .id = text_in(response.find("id"), meaning),
      .model = text_in(response.find("model"), meaning),
      .created = created ? static_cast<std::int64_t>(created->number().value_or(0)) : 0});
}

Teller::Item& Teller::item_of(const Value& event) {
  const std::int64_t index = number_in(event, "output_index");
  for (std::size_t i = items_.size(); i-- > 0;) {
    if (items_[i].index == index) return items_[i];
  }
  return items_.emplace_back(Item{.index = index});
}

void Teller::event(std::string_view kind, const Value& event, Meaning& meaning) {
  kind.remove_prefix(std::min(kind.size(), std::string_view("response.").size()));
  if (kind.ends_with(".delta")) return delta(kind, event, meaning);
  if (kind == "output_item.added" || kind == "output_item.done") {
    const auto value = event.find("item");
    if (!value || value->kind() != Kind::Object) return;
    Item& item = item_of(event);
    kind == "output_item.added" ? added(*value, item, meaning) : done(*value, item, meaning);
  } else if (kind == "output_text.annotation.added") {
    if (const auto value = event.find("annotation")) annotation(item_of(event), *value, meaning);
  } else if (kind == "content_part.done") {
    Item& item = item_of(event);
    const auto part = event.find("part");
    if (part) annotations(item, *part, meaning);
    // Thoughts end with their seal.
    const auto type = part ? part->find("type") : std::nullopt;
    if (!type || !(*type == "reasoning_text")) end_block(item, meaning);
  }
}

void Teller::delta(std::string_view kind, const Value& event, Meaning& meaning) {
  const std::string_view words = text_in(event.find("delta"), meaning);
  if (kind == "output_text.delta") {
    text(item_of(event), words, event.find("logprobs"), meaning);
  } else if (kind == "refusal.delta") {
    if (words.empty()) return;
    Item& item = item_of(event);
    item.said = item.open = true;
    meaning.events.push_back(RefusalDelta{0, words});
  } else if (kind == "function_call_arguments.delta") {
    call_delta(item_of(event), words, ToolKind::Function, meaning);
  } else if (kind == "custom_tool_call_input.delta") {
    call_delta(item_of(event), words, ToolKind::Custom, meaning);
  } else if (kind.starts_with("reasoning_summary")) {
    thought(item_of(event), number_in(event, "summary_index"), words, true, meaning);
  } else if (kind.starts_with("reasoning")) {
    thought(item_of(event), number_in(event, "content_index"), words, false, meaning);
  } else if (kind == "audio.delta") {
    meaning.events.push_back(AudioDelta{.base64 = words});
  } else if (kind == "audio.transcript.delta") {
    meaning.events.push_back(AudioDelta{.transcript = words});
  }
}

void Teller::call_delta(Item& item, std::string_view arguments, ToolKind kind, Meaning& meaning) {
  if (!item.opened) {
    item.opened = true;
    item.call = calls_++;
  }
  if (arguments.empty()) return;
  item.said = item.open = true;
  meaning.events.push_back(ToolCallDelta{.index = item.call, .arguments = arguments, .kind = kind});
}

void Teller::text(Item& item, std::string_view words, const std::optional<Value>& logprobs,
                  Meaning& meaning) {
  if (!words.empty()) {
    item.said = item.open = true;
    meaning.events.push_back(TextDelta{0, words});
  }
  if (has_elements(logprobs)) meaning.events.push_back(LogprobsDelta{.content = logprobs->raw()});
}

void Teller::thought(Item& item, std::int64_t part, std::string_view words, bool summary,
                     Meaning& meaning) {
  if (words.empty()) return;
  const std::int64_t place = 2 * part + (summary ? 1 : 0);
  // Paragraphs of one block: the seal at its end is for all of them.
  if (item.part >= 0 && item.part != place)
    meaning.events.push_back(ReasoningDelta{0, "\n\n", summary});
  item.part = place;
  item.said = item.open = true;
  meaning.events.push_back(ReasoningDelta{0, words, summary});
}

void Teller::annotation(Item& item, const Value& annotation, Meaning& meaning) {
  if (annotation.kind() != Kind::Object) return;
  ++item.annotations;
  meaning.events.push_back(CitationMade{0, read_annotation(annotation, meaning.texts)});
}

// Those that had no event of their own.
void Teller::annotations(Item& item, const Value& part, Meaning& meaning) {
  const auto list = part.find("annotations");
  if (!list) return;
  std::size_t at = 0;
  for (const Value each : list->elements()) {
    if (at++ >= item.annotations) annotation(item, each, meaning);
  }
}

void Teller::end_block(Item& item, Meaning& meaning) {
  item.annotations = 0;
  if (!item.open) return;
  item.open = false;
  meaning.events.push_back(BlockEnded{});
}

void Teller::added(const Value& value, Item& item, Meaning& meaning) {
  const auto type = value.find("type");
  if (!type) return;
  const bool custom = *type == "custom_tool_call";
  if (!custom && !(*type == "function_call")) return;
  if (item.opened) return;
  item.opened = true;
  item.call = calls_++;
  const std::string_view arguments = text_in(value.find(custom ? "input" : "arguments"), meaning);
  item.said = !arguments.empty();
  item.open = true;
  meaning.events.push_back(ToolCallDelta{.index = item.call,
                                         .id = text_in(value.find("call_id"), meaning),
                                         .name = text_in(value.find("name"), meaning),
                                         .arguments = arguments,
                                         .kind = custom ? ToolKind::Custom : ToolKind::Function,
                                         .item_id = text_in(value.find("id"), meaning)});
}

void Teller::done(const Value& value, Item& item, Meaning& meaning) {
  const std::string_view type = text_in(value.find("type"), meaning);
  if (type == "message") {
    message(value, item, meaning);
  } else if (type == "reasoning") {
    reasoning(value, item, meaning);
  } else if (type == "function_call") {
    call(value, ToolKind::Function, item, meaning);
  } else if (type == "custom_tool_call") {
    call(value, ToolKind::Custom, item, meaning);
  } else if (type == "image_generation_call") {
    image(value, meaning);
  } else if (!type.empty()) {
    meaning.events.push_back(
        ForeignMade{0, Foreign{.of = Dialect::Responses, .type = type, .json = value.raw()}});
  }
}

void Teller::message(const Value& value, Item& item, Meaning& meaning) {
  const auto content = value.find("content");
  if (!item.said && content) {
    for (const Value part : content->elements()) {
      if (const auto refusal = part.find("refusal")) {
        const std::string_view words = text_in(refusal, meaning);
        if (words.empty()) continue;
        item.open = true;
        meaning.events.push_back(RefusalDelta{0, words});
      } else {
        text(item, text_in(part.find("text"), meaning), part.find("logprobs"), meaning);
      }
      annotations(item, part, meaning);
      end_block(item, meaning);
    }
  }
  end_block(item, meaning);
}

void Teller::reasoning(const Value& value, Item& item, Meaning& meaning) {
  if (!item.said) {
    for (const bool summary : {false, true}) {
      const auto list = value.find(summary ? "summary" : "content");
      if (!list) continue;
      std::int64_t at = 0;
      for (const Value each : list->elements())
        thought(item, at++, text_in(each.find("text"), meaning), summary, meaning);
    }
  }
  const std::string_view seal = text_in(value.find("encrypted_content"), meaning);
  if (seal.empty()) return end_block(item, meaning);
  item.open = false;
  meaning.events.push_back(ReasoningSealed{.seal = {Dialect::Responses, seal},
                                           .item_id = text_in(value.find("id"), meaning),
                                           .redacted = !item.said});
}

void Teller::call(const Value& value, ToolKind kind, Item& item, Meaning& meaning) {
  if (!item.opened) {
    added(value, item, meaning);
  } else if (!item.said) {
    const bool custom = kind == ToolKind::Custom;
    call_delta(item, text_in(value.find(custom ? "input" : "arguments"), meaning), kind, meaning);
  }
  end_block(item, meaning);
}

void Teller::image(const Value& value, Meaning& meaning) {
  const std::string_view picture = text_in(value.find("result"), meaning);
  if (picture.empty()) return;
  const std::string_view format = text_in(value.find("output_format"), meaning);
  Media media{.kind = MediaKind::Image, .data = picture, .of = Dialect::Responses};
  media.media_type = meaning.texts.join("image/", format.empty() ? "png" : format);
  meaning.events.push_back(MediaMade{0, media});
}

void Teller::rest(const Value& response, Meaning& meaning) {
  started(response, meaning);
  const auto output = response.find("output");
  if (!items_.empty() || !output) return;
  for (const Value value : output->elements()) {
    Item item;
    done(value, item, meaning);
  }
}

void Teller::stopped(const Value& response, Meaning& meaning) const {
  if (const auto tier = response.find("service_tier"); given(tier)) {
    meaning.events.push_back(
        ReplyExtra{{.of = Dialect::Responses, .name = "service_tier", .json = tier->raw()}});
  }
  const std::string_view status = text_in(response.find("status"), meaning);
  ReplyStopped stop{.reason = FinishReason::Other, .native = status};
  const auto details = response.find("incomplete_details");
  if (given(details)) {
    const auto reason = details->find("reason");
    stop.reason = reason_of_incomplete(reason);
    stop.native = text_in(reason, meaning);
  } else if (status.empty() || status == "completed") {
    stop.reason = calls_ > 0 ? FinishReason::ToolCalls : FinishReason::Stop;
  }
  meaning.events.push_back(stop);
}

}  // namespace sluice::dialect::responses
