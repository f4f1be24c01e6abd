// Arguments of a call that Gemini tells value by value, each under its path.
//
//   path = "$" *( "." name / "[" index "]" / "['" name "']" )
#pragma once

#include "base/json.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::dialect {

class GeminiPartialArgs {
 public:
  // One piece: strings of the same path go on where the last one ended.
  void add(const json::Value& piece);
  // The object that was told; forgets it.
  std::string take();

 private:
  enum class Kind : std::uint8_t { Empty, Object, Array, Text, Raw };
  struct Node {
    std::string name = {};  // In an object.
    Kind kind = Kind::Empty;
    std::string text = {};  // Of Text its contents, of Raw its JSON.
    std::vector<Node> children = {};
  };
  Node* at(std::string_view path);
  static void write(const Node& node, std::string& out);

  Node root_ = {.kind = Kind::Object};
};

}  // namespace sluice::dialect
