#include "dialect/structured_schema.h"

#include "base/json_editor.h"

#include <algorithm>
#include <array>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

json::Reader& reader() {
  thread_local json::Reader one;
  return one;
}

std::string_view text_of(const json::Edited& edited, Arena& arena) {
  const std::span<char> room = arena.array<char>(edited.size);
  auto at = room.begin();
  for (const std::string_view piece : edited.pieces) at = std::ranges::copy(piece, at).out;
  return {room.data(), room.size()};
}

constexpr std::array<std::string_view, 10> kUnknownBounds = {
    "minimum",   "maximum",   "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minLength", "maxLength", "maxItems",         "minProperties",    "maxProperties"};

class SchemaFitter {
 public:
  SchemaFitter(json::Editor& editor, Losses& losses) : editor_(editor), losses_(losses) {}

  void fit(const Value& schema) {
    if (schema.kind() == Kind::Array) {
      for (const Value one : schema.elements()) fit(one);
    }
    if (schema.kind() != Kind::Object) return;
    const auto type = schema.find("type");
    const auto closed = schema.find("additionalProperties");
    const bool object = (type && *type == "object") || schema.find("properties");
    if (object && !(closed && closed->boolean() == false)) {
      if (closed) losses_.approximate("response_format.json_schema.schema.additionalProperties");
      editor_.set_member(schema, "additionalProperties", "false");
    }
    for (const std::string_view bound : kUnknownBounds) {
      if (!schema.find(bound)) continue;
      losses_.approximate("response_format.json_schema.schema");
      editor_.erase_member(schema, bound);
    }
    for (const auto [key, value] : schema.members()) {
      if (key == "properties" || key == "$defs" || key == "definitions") {
        for (const auto& named : value.members()) fit(named.value);
      } else if (key == "items" || key == "anyOf" || key == "allOf" || key == "oneOf") {
        fit(value);
      }
    }
  }

 private:
  json::Editor& editor_;
  Losses& losses_;
};

}  // namespace

JsonText object_schema(JsonText schema, Arena& arena) {
  constexpr JsonText kEmpty = R"({"type":"object","properties":{}})";
  const auto root = reader().parse(schema);
  if (!root || root->kind() != Kind::Object) return kEmpty;
  const auto type = root->find("type");
  if (type && type->kind() != Kind::Null) return schema;
  json::Editor editor(schema, arena);
  editor.set_member(*root, "type", "\"object\"");
  return text_of(editor.compose(), arena);
}

JsonText structured_schema(JsonText schema, Losses& losses, Arena& arena) {
  const auto root = reader().parse(schema);
  if (!root) return schema;
  json::Editor editor(schema, arena);
  SchemaFitter(editor, losses).fit(*root);
  return editor.empty() ? schema : text_of(editor.compose(), arena);
}

}  // namespace sluice::dialect
