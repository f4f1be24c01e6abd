// What is wrong with an expression, and how that is said.
#include "base/text.h"
#include "config/expression_names.h"
#include "config/expression_parser.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::config {
namespace {

constexpr std::string_view kDashes =
    "; a name with a dash is written in brackets, as in request.headers['x-name']";

std::string_view type_words(ValueType type) {
  switch (type) {
    case ValueType::Bool:
      return "true or false";
    case ValueType::Number:
      return "a number";
    case ValueType::Text:
      return "a text";
  }
  return {};
}

// What an operator wants on its sides.
std::string_view wish(ValueType type) {
  switch (type) {
    case ValueType::Bool:
      return "conditions, true or false";
    case ValueType::Number:
      return "numbers";
    case ValueType::Text:
      return "texts";
  }
  return {};
}

}  // namespace

void ExpressionParser::require(const Operand& operand, ValueType type, const Token& by) {
  if (operand.type == type) return;
  std::string message =
      what_stands(by) + " takes " + std::string(wish(type)) + ", but " + described(operand);
  if (by.kind == TokenKind::Minus && operand.is_tag_or_header) message += kDashes;
  fail(operand.offset, std::move(message));
}

void ExpressionParser::require_same(const Operand& one, const Operand& other, const Token& by) {
  if (one.type != other.type) {
    fail(other.offset, what_stands(by) + " compares two of one type, but " + described(one) +
                           " and " + described(other));
  }
  require_word(one, other);
  require_word(other, one);
}

// A comparison with a word that the name never is would hold never or always.
void ExpressionParser::require_word(const Operand& name, const Operand& literal) {
  if (!name.name || !literal.literal) return;
  const auto words = name_words(*name.name);
  if (words.empty() || std::ranges::find(words, *literal.literal) != words.end()) return;
  std::string message =
      std::string(name_text(*name.name)) + " is never '" + shown(*literal.literal) + "'";
  const auto near = text::nearest(*literal.literal, words, 1);
  if (!near.empty()) {
    fail(literal.offset, message + do_you_mean(near));
    return;
  }
  message += ", but one of";
  for (const std::string_view word : words) message.append(" ").append(word);
  fail(literal.offset, std::move(message));
}

void ExpressionParser::require_end(const Operand& whole, ValueType wanted) {
  if (!at(TokenKind::End)) {
    constexpr std::array<std::string_view, 4> kWords{"and", "or", "in", "matches"};
    const auto near = text::nearest(written(token_.offset, token_.end), kWords, 1);
    fail(token_.offset, "expected an operator such as && or ==, or the end, not " +
                            what_stands(token_) + do_you_mean(near));
  }
  if (whole.type == wanted) return;
  if (wanted == ValueType::Bool) {
    fail(whole.offset, "expected a condition, true or false, but " + described(whole));
  }
  fail(whole.offset, "expected " + std::string(type_words(wanted)) + ", but " + described(whole));
}

void ExpressionParser::fail(std::size_t offset, std::string message) {
  if (!error_) error_.emplace(offset, std::move(message));
  token_ = Token{.offset = text_.size(), .end = text_.size()};
}

std::string_view ExpressionParser::written(std::size_t offset, std::size_t end) const {
  return text_.substr(offset, end - offset);
}

std::string ExpressionParser::what_stands(const Token& token) const {
  return token.kind == TokenKind::End ? "the end" : shown(written(token.offset, token.end));
}

std::string ExpressionParser::described(const Operand& operand) const {
  return shown(written(operand.offset, operand.end)) + " is " +
         std::string(type_words(operand.type));
}

}  // namespace sluice::config
