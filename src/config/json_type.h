// Any value that JSON can hold, kept as one JSON text.
#pragma once

#include "config/type.h"

#include <string>

namespace sluice::config {

// Numbers stay as they are written; text in quotes is text whatever it looks like.
class JsonType final : public Of<std::string> {
 public:
  void read_value(Reader& reader, const Node& node, std::string& into) const override;
  Shown show_value(const std::string& value, Secrets secrets) const override;
  Shape shape() const override { return {.kind = Shape::Kind::Any, .words = "a value"}; }
};

inline constexpr JsonType kJsonType;

}  // namespace sluice::config
