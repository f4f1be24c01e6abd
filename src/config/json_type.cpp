#include "config/json_type.h"

#include "base/json.h"
#include "base/json_writer.h"

#include <utility>

namespace sluice::config {
namespace {

bool is_json(std::string_view text) {
  json::Reader reader;
  return reader.parse(text).has_value();
}

class JsonText {
 public:
  explicit JsonText(Reader& reader) : reader_(reader) {}

  void append(const Node& node) {
    if (is_too_long()) return void(writer_.null());  // Aliases make much of little.
    switch (node.kind) {
      case Node::Kind::Null:
        writer_.null();
        break;
      case Node::Kind::Scalar:
        append_scalar(node);
        break;
      case Node::Kind::List:
        writer_.begin_array();
        for (std::size_t i = 0; i < node.entries.size(); ++i) {
          const Reader::Step step(reader_, i);
          append(*node.entries[i].value);
        }
        writer_.end_array();
        break;
      case Node::Kind::Map:
        writer_.begin_object();
        for (const auto& entry : node.entries) {
          const Reader::Step step(reader_, entry.key);
          writer_.key(entry.key);
          append(*entry.value);
        }
        writer_.end_object();
        break;
    }
  }

  bool is_too_long() const {
    constexpr std::size_t kMost = std::size_t{64} * 1024;
    return text_.size() > kMost;
  }
  std::string take() { return std::move(text_); }

 private:
  void append_scalar(const Node& node) {
    const auto scalar = reader_.scalar(node, kText | kWhole | kDecimal | kBoolean, "a value");
    if (!scalar) {
      writer_.null();  // Left open, or an error that was told.
    } else if (node.quoted || form_of(scalar->text) == kText) {
      writer_.value(scalar->text);
    } else if (is_json(scalar->text)) {
      writer_.raw(scalar->text);
    } else {
      reader_.error(node, "expected a number or a boolean as JSON writes them, or text in quotes");
      writer_.null();
    }
  }

  Reader& reader_;
  std::string text_;
  json::Writer writer_{text_};
};

Shown shown(const json::Value& value, Arena& arena) {
  switch (value.kind()) {
    case json::Kind::String:
      return Shown::quoted(std::string(value.string(arena).value_or("")));
    case json::Kind::Array: {
      Shown list{.kind = Shown::Kind::List};
      for (const json::Value element : value.elements()) list.add("", shown(element, arena));
      return list;
    }
    case json::Kind::Object: {
      Shown map{.kind = Shown::Kind::Map};
      for (const auto& [key, member] : value.members()) {
        map.add(key.string(arena).value_or(""), shown(member, arena));
      }
      return map;
    }
    default:
      return Shown::plain(std::string(value.raw()));
  }
}

}  // namespace

void JsonType::read_value(Reader& reader, const Node& node, std::string& into) const {
  JsonText text(reader);
  text.append(node);
  if (text.is_too_long()) return reader.error(node, "is larger than 64KiB");
  into = text.take();
}

Shown JsonType::show_value(const std::string& value, Secrets) const {
  json::Reader reader;
  Arena arena;
  const auto root = reader.parse(value, {.strict_up_to = 0});
  return root ? shown(*root, arena) : Shown{};
}

}  // namespace sluice::config
