#include "config/expression.h"

#include "config/expression_parser.h"
#include "config/expression_program.h"

namespace sluice::config {

std::expected<Expression, ExpressionError> Expression::parse(std::string_view text,
                                                             ValueType wanted) {
  auto program = ExpressionParser(text).parse(wanted);
  if (!program) return std::unexpected(std::move(program.error()));
  return Expression(std::make_shared<const ExpressionProgram>(*std::move(program)));
}

Value Expression::evaluate(ExpressionInputs& inputs) const noexcept {
  return program_->run(inputs);
}

std::string_view Expression::text() const {
  return program_->text;
}

bool Expression::uses(Name name) const {
  return program_->names.test(static_cast<std::size_t>(name));
}

}  // namespace sluice::config
