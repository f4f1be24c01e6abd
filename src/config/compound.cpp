#include "config/compound.h"

#include "base/text.h"

#include <algorithm>

namespace sluice::config {
namespace {

void tell_unknown(Reader& reader, const Node::Entry& entry, std::span<const Field> fields) {
  std::vector<std::string_view> names;
  for (const Field& field : fields) names.push_back(field.name);
  const auto near = text::nearest(entry.key, names, 1);
  Reader::Step step(reader, entry.key);
  std::string message = "unknown key";
  if (!near.empty()) message += "; did you mean \"" + std::string(near.front()) + "\"?";
  reader.error(entry.key_at, message);
}

}  // namespace

const Shown* Shown::find(std::string_view item_key) const {
  const auto found = std::ranges::find(items, item_key, &Shown::key);
  return found == items.end() ? nullptr : &*found;
}

void UnkeptList::read_value(Reader& reader, const Node& node, Unkept&) const {
  if (node.kind != Node::Kind::List) return reader.expected(node, words_);
  for (std::size_t i = 0; i < node.entries.size(); ++i) {
    Reader::Step step(reader, i);
    element_.read(reader, *node.entries[i].value, nullptr);
  }
}

void UnkeptMap::read_value(Reader& reader, const Node& node, Unkept&) const {
  if (node.kind != Node::Kind::Map) return reader.expected(node, words_);
  for (const auto& entry : node.entries) {
    Reader::Step step(reader, entry.key);
    element_.read(reader, *entry.value, nullptr);
  }
}

void read_section(Reader& reader, const Node& node, std::span<const Field> fields, void* into,
                  std::string_view words) {
  if (node.kind != Node::Kind::Map) return reader.expected(node, words);
  for (const auto& entry : node.entries) {
    const auto field = std::ranges::find(fields, entry.key, &Field::name);
    if (field == fields.end()) {
      tell_unknown(reader, entry, fields);
      continue;
    }
    Reader::Step step(reader, entry.key);
    if (field->availability == Availability::NotYet) {
      reader.error(entry.key_at, "is not in this build yet");
    }
    field->type->read(reader, *entry.value, field->member ? field->member(into) : nullptr);
  }
  for (const Field& field : fields) {
    if (field.need == Need::Required && !node.find(field.name)) {
      reader.error(node, "lacks \"" + std::string(field.name) +
                             "\": " + std::string(field.type->shape().words));
    }
  }
}

Shown show_section(std::span<const Field> fields, const void* value, Secrets secrets) {
  Shown shown{.kind = Shown::Kind::Map};
  shown.items.reserve(fields.size());
  for (const Field& field : fields) {
    if (!field.member) continue;
    const void* member = field.member(const_cast<void*>(value));  // Only looked at.
    auto part = field.type->show(member, secrets);
    if (part.kind != Shown::Kind::Absent) shown.add(field.name, std::move(part));
  }
  return shown;
}

}  // namespace sluice::config
