#include "providers/simulator/schema.h"

#include "providers/simulator/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

namespace sluice::providers::simulator {
namespace {

using json::Value;
using Field = std::optional<Value>;

// A schema that needs more than that needs itself for ever.
constexpr int kDeepest = 24;
constexpr std::size_t kLongestString = 10'000;
constexpr std::size_t kMostItems = 1000;
constexpr std::size_t kLargest = 256 * 1024;

constexpr std::pair<std::string_view, std::string_view> kFormats[] = {
    {"date-time", "2024-01-01T00:00:00Z"},
    {"date", "2024-01-01"},
    {"time", "00:00:00Z"},
    {"duration", "P1D"},
    {"email", "someone@example.com"},
    {"hostname", "example.com"},
    {"ipv4", "192.0.2.1"},
    {"ipv6", "2001:db8::1"},
    {"uri", "https://example.com/"},
    {"uuid", "00000000-0000-4000-8000-000000000000"},
};

std::size_t size_or(const Field& field, std::size_t otherwise) {
  const auto number = field ? field->integer() : std::nullopt;
  return number && *number >= 0 ? static_cast<std::size_t>(*number) : otherwise;
}

std::optional<double> number_of(const Field& field) {
  return field ? field->number() : std::nullopt;
}

class Instance {
 public:
  explicit Instance(Value root) : root_(root) {}

  // Adds an instance of the schema, null where it grows without end.
  void write(const Value& schema, std::string& out, int depth);

 private:
  Field resolve(std::string_view reference) const;
  void write_type(std::string_view type, const Value& schema, std::string& out, int depth);
  void write_all_of(const Value& schema, const Value& parts, std::string& out, int depth);
  void write_object(const Value& schema, std::string& out, int depth);
  bool write_members(const Value& schema, std::string& out, int depth, bool first);
  void write_array(const Value& schema, std::string& out, int depth);
  static void write_string(const Value& schema, std::string& out);
  static void write_number(const Value& schema, bool whole, std::string& out);

  Value root_;
};

void Instance::write(const Value& schema, std::string& out, int depth) {
  if (depth > kDeepest || out.size() > kLargest) return append(out, "null");
  if (schema.kind() != json::Kind::Object) return append(out, R"("text")");
  if (const auto constant = schema.find("const")) return append(out, constant->raw());
  if (const auto values = schema.find("enum")) {
    for (const auto value : values->elements()) return append(out, value.raw());
  }
  if (const auto reference = schema.find("$ref")) {
    const auto text = reference->plain_string();
    if (const auto target = text ? resolve(*text) : std::nullopt)
      return write(*target, out, depth + 1);
  }
  for (const std::string_view name : {"anyOf", "oneOf"}) {
    const auto branches = schema.find(name);
    if (!branches) continue;
    for (const auto branch : branches->elements()) return write(branch, out, depth + 1);
  }
  if (const auto parts = schema.find("allOf")) return write_all_of(schema, *parts, out, depth);

  const auto type = schema.find("type");
  if (type && type->kind() == json::Kind::Array) {
    for (const auto first : type->elements())
      return write_type(first.plain_string().value_or(""), schema, out, depth);
  }
  write_type(type ? type->plain_string().value_or("") : std::string_view(), schema, out, depth);
}

void Instance::write_type(std::string_view type, const Value& schema, std::string& out, int depth) {
  if (type.empty() && schema.find("properties")) type = "object";
  if (type.empty() && schema.find("items")) type = "array";
  if (type.empty() && (schema.find("minimum") || schema.find("maximum"))) type = "number";

  if (type == "object") return write_object(schema, out, depth);
  if (type == "array") return write_array(schema, out, depth);
  if (type == "integer" || type == "number") return write_number(schema, type == "integer", out);
  if (type == "boolean") return append(out, "false");
  if (type == "null") return append(out, "null");
  write_string(schema, out);
}

// #/one/two, with ~0 and ~1 for the two letters that mean something in a pointer.
Field Instance::resolve(std::string_view reference) const {
  if (!reference.starts_with('#')) return std::nullopt;
  reference.remove_prefix(1);
  Field at = root_;
  while (at && reference.starts_with('/')) {
    reference.remove_prefix(1);
    std::string key(reference.substr(0, reference.find('/')));
    reference.remove_prefix(key.size());
    for (const auto& [escape, letter] : {std::pair{"~1", "/"}, std::pair{"~0", "~"}}) {
      for (auto found = key.find(escape); found != std::string::npos;
           found = key.find(escape, found + 1)) {
        key.replace(found, 2, letter);
      }
    }
    at = at->find(key);
  }
  return at;
}

// Objects that are one together; of anything else the first part speaks for all.
void Instance::write_all_of(const Value& schema, const Value& parts, std::string& out, int depth) {
  bool objects = schema.find("properties").has_value();
  for (auto part : parts.elements()) {
    const auto reference = part.find("$ref");
    const auto target = reference ? resolve(reference->plain_string().value_or("")) : Field(part);
    objects = objects || (target && target->find("properties"));
  }
  if (!objects) {
    for (const auto part : parts.elements()) return write(part, out, depth + 1);
  }
  out += '{';
  bool first = write_members(schema, out, depth, true);
  for (const auto part : parts.elements()) {
    const auto reference = part.find("$ref");
    const auto target = reference ? resolve(reference->plain_string().value_or("")) : Field(part);
    if (target) first = write_members(*target, out, depth, first);
  }
  out += '}';
}

void Instance::write_object(const Value& schema, std::string& out, int depth) {
  out += '{';
  write_members(schema, out, depth, true);
  out += '}';
}

// The required properties; all of them where the schema does not say which.
bool Instance::write_members(const Value& schema, std::string& out, int depth, bool first) {
  const auto properties = schema.find("properties");
  const auto required = schema.find("required");
  auto write_member = [&](std::string_view raw_name, const Field& value) {
    if (!std::exchange(first, false)) out += ',';
    append(out, raw_name, ":");
    value ? write(*value, out, depth + 1) : append(out, R"("text")");
  };
  if (required) {
    for (const auto name : required->elements()) {
      const auto plain = name.plain_string();
      write_member(name.raw(), properties && plain ? properties->find(*plain) : std::nullopt);
    }
  } else if (properties && depth < kDeepest / 4) {
    for (const auto [name, value] : properties->members()) write_member(name.raw(), value);
  }
  return first;
}

void Instance::write_array(const Value& schema, std::string& out, int depth) {
  const auto items = schema.find("items");
  const auto count = std::min(size_or(schema.find("minItems"), 0), kMostItems);
  out += '[';
  for (std::size_t item = 0; item < count; ++item) {
    if (item > 0) out += ',';
    items ? write(*items, out, depth + 1) : append(out, R"("text")");
  }
  out += ']';
}

void Instance::write_string(const Value& schema, std::string& out) {
  std::string text = "text";
  if (const auto format = schema.find("format")) {
    for (const auto& [name, example] : kFormats) {
      if (*format == name) text = example;
    }
  }
  const auto least = std::min(size_or(schema.find("minLength"), 0), kLongestString);
  while (text.size() < least) text += "text"[text.size() % 4];
  text.resize(std::min(text.size(), size_or(schema.find("maxLength"), text.size())));
  append_quoted(out, text);
}

void Instance::write_number(const Value& schema, bool whole, std::string& out) {
  const auto step = number_of(schema.find("multipleOf")).value_or(whole ? 1 : 0);
  const auto nudge = step > 0 ? step : 1;
  const auto least = number_of(schema.find("minimum"));
  const auto above = number_of(schema.find("exclusiveMinimum"));
  const auto most = number_of(schema.find("maximum"));
  const auto below = number_of(schema.find("exclusiveMaximum"));

  double number = 0;
  if (most && number > *most) number = step > 0 ? std::floor(*most / step) * step : *most;
  if (below && number >= *below)
    number = step > 0 ? std::ceil(*below / step) * step - step : *below - nudge;
  if (least && number < *least) number = step > 0 ? std::ceil(*least / step) * step : *least;
  if (above && number <= *above) {
    const auto room = most ? *most : below ? *below : *above + 2 * nudge;
    number = step > 0 ? std::floor(*above / step) * step + step : (*above + room) / 2;
  }

  std::array<char, 400> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

std::string instance_of(const std::optional<json::Value>& schema) {
  std::string out;
  if (!schema || schema->kind() != json::Kind::Object) return "{}";
  Instance(*schema).write(*schema, out, 0);
  return out;
}

}  // namespace sluice::providers::simulator
