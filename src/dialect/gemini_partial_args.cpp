#include "dialect/gemini_partial_args.h"

#include "base/json_writer.h"
#include "base/text.h"

#include <algorithm>
#include <optional>

namespace sluice::dialect {
namespace {

// More of either is no set of arguments.
constexpr std::size_t kDeepest = 64;
constexpr std::size_t kLongest = 4096;

struct Step {
  std::string_view name;
  std::optional<std::size_t> index;
};

// Takes the first step off the path; nothing: it is not one.
std::optional<Step> take_step(std::string_view& path) {
  if (path.starts_with("['") || path.starts_with("[\"")) {
    const char quote = path[1];
    const std::size_t end = path.find(quote, 2);
    if (end == std::string_view::npos || path.substr(end + 1, 1) != "]") return std::nullopt;
    const std::string_view name = path.substr(2, end - 2);
    path.remove_prefix(end + 2);
    return Step{name, std::nullopt};
  }
  if (path.starts_with('[')) {
    const std::size_t end = path.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const auto index = text::parse_uint(path.substr(1, end - 1));
    if (!index || *index >= kLongest) return std::nullopt;
    path.remove_prefix(end + 1);
    return Step{{}, static_cast<std::size_t>(*index)};
  }
  if (!path.starts_with('.')) return std::nullopt;
  const std::size_t end = std::min(path.find_first_of(".[", 1), path.size());
  const std::string_view name = path.substr(1, end - 1);
  path.remove_prefix(end);
  return Step{name, std::nullopt};
}

}  // namespace

GeminiPartialArgs::Node* GeminiPartialArgs::at(std::string_view path) {
  if (!path.starts_with('$')) return nullptr;
  path.remove_prefix(1);
  Node* node = &root_;
  for (std::size_t depth = 0; !path.empty(); ++depth) {
    const auto step = take_step(path);
    if (!step || depth == kDeepest) return nullptr;
    if (step->index) {
      node->kind = Kind::Array;
      if (node->children.size() <= *step->index) node->children.resize(*step->index + 1);
      node = &node->children[*step->index];
      continue;
    }
    node->kind = Kind::Object;
    const auto found = std::ranges::find(node->children, step->name, &Node::name);
    if (found != node->children.end()) {
      node = &*found;
      continue;
    }
    if (node->children.size() == kLongest) return nullptr;
    node = &node->children.emplace_back(Node{.name = std::string(step->name)});
  }
  return node;
}

void GeminiPartialArgs::add(const json::Value& piece) {
  Arena arena;
  const auto path = piece.find("jsonPath");
  Node* node = path ? at(path->string(arena).value_or("")) : nullptr;
  if (!node || node == &root_) return;
  if (const auto text = piece.find("stringValue")) {
    node->kind = Kind::Text;
    node->text += text->string(arena).value_or("");
    return;
  }
  for (const std::string_view name : {"numberValue", "boolValue"}) {
    if (const auto value = piece.find(name)) {
      node->kind = Kind::Raw;
      node->text = value->raw();
      return;
    }
  }
  if (piece.find("nullValue")) node->kind = Kind::Empty;
}

std::string GeminiPartialArgs::take() {
  std::string out;
  write(root_, out);
  root_ = Node{.kind = Kind::Object};
  return out;
}

void GeminiPartialArgs::write(const Node& node, std::string& out) {
  const bool object = node.kind == Kind::Object;
  switch (node.kind) {
    case Kind::Empty:
      out += "null";
      return;
    case Kind::Raw:
      out += node.text;
      return;
    case Kind::Text:
      out += '"';
      json::append_escaped(out, node.text);
      out += '"';
      return;
    case Kind::Object:
    case Kind::Array:
      break;
  }
  out += object ? '{' : '[';
  bool first = true;
  for (const Node& child : node.children) {
    if (!first) out += ',';
    first = false;
    if (object) {
      out += '"';
      json::append_escaped(out, child.name);
      out += "\":";
    }
    write(child, out);
  }
  out += object ? '}' : ']';
}

}  // namespace sluice::dialect
