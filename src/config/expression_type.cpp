#include "config/expression_type.h"

#include <string>

namespace sluice::config {

void ExpressionType::read_value(Reader& reader, const Node& node,
                                std::optional<Expression>& into) const {
  const auto text = reader.scalar(node, written(), words_);
  if (!text) return;
  auto parsed = Expression::parse(text->text, wanted_);
  if (parsed) {
    into = *std::move(parsed);
    return;
  }
  const auto& [offset, message] = parsed.error();
  if (const auto at = reader.place_in(node, offset)) return reader.error(*at, message);
  // What ${…} gave may be a secret that stands in the wrong place: it is not repeated.
  const std::string what =
      has_expansion(node.text) ? "expected " + std::string(words_) : std::string(message);
  reader.error(node, what + " (at byte " + std::to_string(offset + 1) + " of the text)");
}

Shown ExpressionType::show_value(const std::optional<Expression>& value, Secrets) const {
  return value ? Shown::quoted(std::string(value->text())) : Shown{};
}

}  // namespace sluice::config
