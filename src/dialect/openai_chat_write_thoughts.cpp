#include "base/json.h"
#include "dialect/arena_list.h"
#include "dialect/conversation_text.h"
#include "dialect/openai_chat_thoughts.h"
#include "dialect/openai_chat_write.h"

namespace sluice::dialect::chat {
namespace {

// Where thoughts go that carry no seal.
bool takes_plain_thoughts(const Writing& to) {
  using Thoughts = Quirks::Thoughts;
  return to.wanted.quirks &&
         (to.quirks.thoughts == Thoughts::Switch || to.quirks.thoughts == Thoughts::EnableThinking);
}

// The entry that was sealed, with its text again; it passed through the caller's hands, and so may
// be anything.
void write_own_seal(Writing& to, const Thinking& thinking) {
  json::Reader reader;
  const auto entry =
      reader.parse(thinking.signature.text, {.strict_up_to = std::string_view::npos});
  if (!entry || entry->kind() != json::Kind::Object) return;
  const auto type = entry->find("type");
  const bool encrypted = type && *type == "reasoning.encrypted";
  const bool summary = thinking.summary || (type && *type == "reasoning.summary");
  if (encrypted && !thinking.text.empty()) {
    to.out.begin_object();
    to.out.member("type", summary ? "reasoning.summary" : "reasoning.text");
    to.out.member(summary ? "summary" : "text", thinking.text);
    for (const std::string_view name : {"id", "format", "index"}) {
      if (const auto value = entry->find(name)) to.out.key(name).raw(value->raw());
    }
    to.out.end_object();
  }
  if (encrypted || thinking.text.empty()) {
    to.out.raw(thinking.signature.text);
    return;
  }
  to.out.begin_object();
  for (const auto member : entry->members()) {
    const std::string_view name = member.key.plain_string().value_or("");
    if (!name.empty() && name != "text" && name != "summary")
      to.out.key(name).raw(member.value.raw());
  }
  to.out.member(summary ? "summary" : "text", thinking.text);
  to.out.end_object();
}

bool is_own_detail(const Thinking& thinking) {
  return thinking.signature.given() && thinking.signature.by == Dialect::Chat &&
         is_reasoning_detail(thinking.signature.text);
}

void write_details(Writing& to, std::span<const Part> parts) {
  bool open = false;
  for (const Part& part : parts) {
    const auto* thinking = std::get_if<Thinking>(&part.what);
    if (!thinking) continue;
    bool written = false;
    for (const Extra& extra : part.extras) {
      if (extra.of != Dialect::Chat || extra.name != "reasoning_details") continue;
      if (!std::exchange(open, true)) to.out.key("reasoning_details").begin_array();
      to.out.raw(extra.json);
      written = true;
    }
    if (written || !is_own_detail(*thinking)) continue;
    if (!std::exchange(open, true)) to.out.key("reasoning_details").begin_array();
    write_own_seal(to, *thinking);
  }
  if (open) to.out.end_array();
}

}  // namespace

bool is_object(JsonText text) {
  if (!looks_like_object(text)) return false;
  json::Reader reader;
  return reader.parse(text, {.strict_up_to = std::string_view::npos}).has_value();
}

Result<void> write_thoughts(Writing& to, std::span<const Part> parts) {
  write_details(to, parts);
  ArenaList<Part> plain(to.arena);
  std::string_view field = "reasoning_content";
  for (const Part& part : parts) {
    const auto* thinking = std::get_if<Thinking>(&part.what);
    if (!thinking) continue;
    const Sealed& seal = thinking->signature;
    if (is_own_detail(*thinking) || !own_extra(part.extras, "reasoning_details").empty() ||
        !own_extra(part.extras, "thinking").empty()) {
      continue;
    }
    if (seal.given() && seal.by == Dialect::Chat && is_object(seal.text)) {
      to.out.key("extra_content").raw(seal.text);
      continue;
    }
    // Its own caller said it in one of these fields; nobody else's target is told it unasked.
    const bool own = !seal.given() && seal.by == Dialect::Chat;
    if (!own_extra(part.extras, "reasoning").empty()) field = "reasoning";
    if (!seal.given() && !thinking->text.empty() && (own || takes_plain_thoughts(to))) {
      plain.add({.what = Text{thinking->text}});
    } else {
      TRY_VOID(to.losses.hint("reasoning"));
    }
  }
  if (!plain.empty()) to.out.member(field, joined_text(plain.all(), "", to.arena));
  return {};
}

}  // namespace sluice::dialect::chat
