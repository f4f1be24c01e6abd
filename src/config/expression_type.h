// A condition or value of the small language (expression.h), compiled as it is read.
#pragma once

#include "config/expression.h"
#include "config/type.h"

#include <optional>
#include <string_view>

namespace sluice::config {

class ExpressionType final : public Of<std::optional<Expression>> {
 public:
  constexpr ExpressionType(std::string_view words, ValueType wanted)
      : words_(words), wanted_(wanted) {}

  void read_value(Reader& reader, const Node& node, std::optional<Expression>& into) const override;
  Shown show_value(const std::optional<Expression>& value, Secrets secrets) const override;
  Shape shape() const override { return {.words = words_, .written = written()}; }

 private:
  // true alone is a condition as well.
  Written written() const { return wanted_ == ValueType::Bool ? kText | kBoolean : kText; }

  std::string_view words_;
  ValueType wanted_;
};

inline constexpr ExpressionType kConditionType{"a condition such as 'request.input_tokens < 8000'",
                                               ValueType::Bool};
inline constexpr ExpressionType kTextExpressionType{"a text such as request.tags.task",
                                                    ValueType::Text};

}  // namespace sluice::config
