#include "base/json_writer.h"
#include "base/text.h"
#include "dialect/gemini_words.h"

#include <algorithm>
#include <array>
#include <optional>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

void write_schema(json::Writer& out, const Value& schema, Arena& arena);

std::string_view lowered(std::string_view text, Arena& arena) {
  const std::span<char> room = arena.array<char>(text.size());
  std::ranges::transform(text, room.begin(), text::lower);
  return {room.data(), room.size()};
}

void write_type(json::Writer& out, const Value& type, bool nullable, Arena& arena) {
  const auto name = type.string(arena);
  if (!name) {
    out.raw(type.raw());
  } else if (nullable) {
    out.begin_array().value(lowered(*name, arena)).value("null").end_array();
  } else {
    out.value(lowered(*name, arena));
  }
}

void write_values(json::Writer& out, const Value& values, bool nullable) {
  out.begin_array();
  for (const Value value : values.elements()) out.raw(value.raw());
  if (nullable) out.null();
  out.end_array();
}

// Protocol buffers write 64-bit numbers as strings.
void write_count(json::Writer& out, const Value& count, Arena& arena) {
  const auto digits = count.string(arena);
  const auto number = digits ? text::parse_uint(*digits) : std::nullopt;
  if (number) {
    out.value(*number);
  } else {
    out.raw(count.raw());
  }
}

void write_member(json::Writer& out, std::string_view name, const Value& value, bool nullable,
                  Arena& arena) {
  constexpr std::array<std::string_view, 6> kCounts = {
      "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"};
  out.key(name);
  if (name == "type") {
    write_type(out, value, nullable, arena);
  } else if (name == "enum" && value.kind() == Kind::Array) {
    write_values(out, value, nullable);
  } else if ((name == "properties" || name == "$defs" || name == "defs") &&
             value.kind() == Kind::Object) {
    out.begin_object();
    for (const auto [key, property] : value.members()) {
      out.key(key.string(arena).value_or(""));
      write_schema(out, property, arena);
    }
    out.end_object();
  } else if ((name == "anyOf" || name == "oneOf" || name == "prefixItems") &&
             value.kind() == Kind::Array) {
    out.begin_array();
    for (const Value one : value.elements()) write_schema(out, one, arena);
    out.end_array();
  } else if (name == "items" || name == "additionalProperties") {
    write_schema(out, value, arena);
  } else if (std::ranges::find(kCounts, name) != kCounts.end()) {
    write_count(out, value, arena);
  } else {
    out.raw(value.raw());
  }
}

void write_schema(json::Writer& out, const Value& schema, Arena& arena) {
  if (schema.kind() != Kind::Object) {
    out.raw(schema.raw());
    return;
  }
  const auto nullable_member = schema.find("nullable");
  const bool nullable = nullable_member && nullable_member->boolean().value_or(false);
  out.begin_object();
  for (const auto [key, value] : schema.members()) {
    const std::string_view name = gemini_name(key, arena);
    if (name == "nullable") continue;
    if (value.kind() == Kind::Null && name != "default" && name != "example") continue;
    write_member(out, name, value, nullable, arena);
  }
  out.end_object();
}

}  // namespace

JsonText json_schema_of(const Value& schema, Arena& arena) {
  json::Writer out(arena);
  write_schema(out, schema, arena);
  return out.text();
}

}  // namespace sluice::dialect
