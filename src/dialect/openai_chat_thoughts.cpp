#include "dialect/openai_chat_thoughts.h"

#include "base/json_writer.h"
#include "dialect/openai_fields.h"
#include "dialect/seals.h"

namespace sluice::dialect::chat {
namespace {

// The entry without what Thinking::text holds already.
JsonText without_text(const json::Value& entry, Arena& arena) {
  json::Writer writer(arena);
  writer.begin_object();
  for (const auto member : entry.members()) {
    const std::string_view name = name_of(member, arena);
    if (name != "text" && name != "summary") writer.key(name).raw(member.value.raw());
  }
  writer.end_object();
  return writer.text();
}

}  // namespace

ReasoningDetail read_reasoning_detail(const json::Value& entry, Arena& arena) {
  ReasoningDetail detail;
  std::string_view sealed;
  bool has_text = false;
  for (const auto member : entry.members()) {
    const std::string_view name = name_of(member, arena);
    if (name == "type") {
      detail.encrypted = member.value == "reasoning.encrypted";
      detail.summary = member.value == "reasoning.summary";
    } else if (name == "text" || name == "summary") {
      has_text = true;
      detail.text = member.value.string(arena).value_or("");
    } else if (name == "signature" || name == "data") {
      sealed = member.value.string(arena).value_or("");
    } else if (name == "id") {
      detail.id = member.value.string(arena).value_or("");
    } else if (name == "index") {
      detail.index = member.value.integer().value_or(-1);
    }
  }
  if (sealed.empty()) return detail;
  detail.seal = read_seal(sealed, Dialect::Chat);
  detail.marked = detail.seal.by != Dialect::Chat;
  if (!detail.marked) detail.seal.text = has_text ? without_text(entry, arena) : entry.raw();
  return detail;
}

Sealed read_extra_content(const json::Value& extra, Arena& arena) {
  const auto google = extra.find("google");
  const auto signature = google ? google->find("thought_signature") : std::nullopt;
  const std::string_view text = text_or_nothing(signature, arena);
  if (text.empty()) return {};
  const Sealed seal = read_seal(text, Dialect::Chat);
  return seal.by == Dialect::Chat ? Sealed{Dialect::Chat, extra.raw()} : seal;
}

}  // namespace sluice::dialect::chat
