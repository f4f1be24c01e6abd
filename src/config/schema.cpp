#include "config/describe.h"
#include "config/tables.h"

#include <nlohmann/json.hpp>

namespace sluice::config {
namespace {

using Json = nlohmann::ordered_json;

// A value that ${…} will give: any text that holds one, so that numbers and words may come from it.
Json expansion() {
  return {{"type", "string"}, {"pattern", "\\$\\{"}};
}

Json scalar_schema(const Shape& shape) {
  Json text = {{"type", "string"}};
  if (!shape.choices.empty()) {
    text = {{"enum", Json::array()}};
    for (const Word& choice : shape.choices) {
      if (choice.availability == Availability::Built) text["enum"].push_back(choice.word);
    }
  } else if (!shape.pattern.empty()) {
    text["pattern"] = shape.pattern;
  }
  const bool any_text = (shape.written & kText) && shape.choices.empty() && shape.pattern.empty();
  if (any_text) return text;

  Json forms = Json::array();
  if (shape.written & kText) forms.push_back(text);
  if (shape.written & kDecimal) {
    forms.push_back({{"type", "number"}});
  } else if (shape.written & kWhole) {
    forms.push_back({{"type", "integer"}, {"minimum", shape.least}});
    if (shape.most > 0) forms.back()["maximum"] = shape.most;
  }
  if (shape.written & kBoolean) forms.push_back({{"type", "boolean"}});
  forms.push_back(expansion());
  return {{"anyOf", forms}};
}

Json schema_of(const Type& type);

Json section_schema(const Shape& shape) {
  Json schema = {{"type", "object"}, {"additionalProperties", false}};
  Json properties = Json::object();
  Json required = Json::array();
  for (std::size_t i = 0; i < shape.field_count; ++i) {
    const Field& field = shape.fields[i];
    // What this build refuses is unknown to its schema as well.
    if (field.availability == Availability::NotYet) continue;
    auto property = schema_of(*field.type);
    if (!field.doc.empty()) property["description"] = field.doc;
    properties[std::string(field.name)] = std::move(property);
    if (field.need == Need::Required) required.push_back(field.name);
  }
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

Json schema_of(const Type& type) {
  const Shape shape = type.shape();
  switch (shape.kind) {
    case Shape::Kind::Scalar:
      return scalar_schema(shape);
    case Shape::Kind::List:
      return {{"type", "array"}, {"items", schema_of(*shape.element)}};
    case Shape::Kind::Map:
      return {{"type", "object"}, {"additionalProperties", schema_of(*shape.element)}};
    case Shape::Kind::Section:
      return section_schema(shape);
    case Shape::Kind::Any:
      return Json::object();
    case Shape::Kind::Either:
      break;
  }
  Json forms = Json::array();
  for (const Type* form : shape.either) {
    const bool refused =
        form->shape().kind == Shape::Kind::Section && !shape.mapping_not_yet.empty();
    if (!refused) forms.push_back(schema_of(*form));
  }
  return {{"anyOf", std::move(forms)}};
}

}  // namespace

std::string schema_json() {
  Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                 {"title", "Sluice configuration"}};
  schema.update(schema_of(kConfigSection));
  return schema.dump(2) + "\n";
}

}  // namespace sluice::config
