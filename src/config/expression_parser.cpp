#include "config/expression_parser.h"

#include "base/text.h"
#include "config/expression_names.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace sluice::config {
namespace {

constexpr std::size_t kLongest = 4096;
constexpr int kDeepest = 32;

// Of an operator between two values.
Op op_of(TokenKind kind) {
  switch (kind) {
    case TokenKind::Equal:
      return Op::Equal;
    case TokenKind::NotEqual:
      return Op::NotEqual;
    case TokenKind::Less:
      return Op::Less;
    case TokenKind::LessOrEqual:
      return Op::LessOrEqual;
    case TokenKind::Greater:
      return Op::Greater;
    case TokenKind::GreaterOrEqual:
      return Op::GreaterOrEqual;
    case TokenKind::Plus:
      return Op::Add;
    case TokenKind::Minus:
      return Op::Subtract;
    case TokenKind::Star:
      return Op::Multiply;
    case TokenKind::Slash:
      return Op::Divide;
    default:
      return Op::Remainder;
  }
}

bool is_comparison(TokenKind kind) {
  return kind >= TokenKind::Equal && kind <= TokenKind::Matches;
}

bool is_sum(TokenKind kind) {
  return kind == TokenKind::Plus || kind == TokenKind::Minus;
}

bool is_product(TokenKind kind) {
  return kind == TokenKind::Star || kind == TokenKind::Slash || kind == TokenKind::Percent;
}

// The letters of a header's name.
bool is_field_name(std::string_view name) {
  constexpr std::string_view kSigns = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char letter) {
    return (letter >= '0' && letter <= '9') ||
           (text::lower(letter) >= 'a' && text::lower(letter) <= 'z') || kSigns.contains(letter);
  });
}

}  // namespace

std::expected<ExpressionProgram, ExpressionError> ExpressionParser::parse(ValueType wanted) && {
  if (text_.size() > kLongest) {
    return std::unexpected(ExpressionError{kLongest, "expected at most " +
                                                         std::to_string(kLongest) + " bytes, not " +
                                                         std::to_string(text_.size())});
  }
  take();
  const Operand whole = either();
  require_end(whole, wanted);
  if (error_) return std::unexpected(*std::move(error_));
  return std::move(writer_).take();
}

ExpressionParser::Operand ExpressionParser::either() {
  return joined(&ExpressionParser::both, TokenKind::Or, Op::JumpIfTrue);
}

ExpressionParser::Operand ExpressionParser::both() {
  return joined(&ExpressionParser::negation, TokenKind::And, Op::JumpIfFalse);
}

// What decides the result is not followed by a look at the rest.
ExpressionParser::Operand ExpressionParser::joined(Level level, TokenKind kind, Op jump) {
  Operand one = (this->*level)();
  std::vector<std::size_t> jumps;
  while (at(kind)) {
    const Token by = take();
    require(one, ValueType::Bool, by);
    jumps.push_back(writer_.jump(jump));
    const Operand other = (this->*level)();
    require(other, ValueType::Bool, by);
    one = {.type = ValueType::Bool, .offset = one.offset, .end = other.end};
  }
  for (const std::size_t each : jumps) writer_.land(each);
  return one;
}

ExpressionParser::Operand ExpressionParser::negation() {
  if (!at(TokenKind::Not)) return comparison();
  return prefixed(&ExpressionParser::negation, ValueType::Bool, Op::Not);
}

ExpressionParser::Operand ExpressionParser::comparison() {
  Operand one = sum();
  if (!is_comparison(token_.kind)) return one;
  one = at(TokenKind::In) ? listed(one) : at(TokenKind::Matches) ? matched(one) : compared(one);
  if (is_comparison(token_.kind)) {
    fail(token_.offset, "expected one comparison at a time: join two with &&");
  }
  return one;
}

ExpressionParser::Operand ExpressionParser::compared(const Operand& one) {
  const Token by = take();
  const bool ordered = by.kind != TokenKind::Equal && by.kind != TokenKind::NotEqual;
  if (ordered) require(one, ValueType::Number, by);
  const Operand other = sum();
  if (ordered) {
    require(other, ValueType::Number, by);
  } else {
    require_same(one, other, by);
  }
  writer_.apply(op_of(by.kind));
  return {.type = ValueType::Bool, .offset = one.offset, .end = other.end};
}

ExpressionParser::Operand ExpressionParser::listed(const Operand& one) {
  const Token by = take();
  expect(TokenKind::OpenList, "[ and a list such as ['a', 'b']");
  std::vector<std::size_t> jumps;
  do {
    const Operand item = deeper(&ExpressionParser::either, by);
    require_same(one, item, by);
    jumps.push_back(writer_.jump(Op::JumpIfMember));
  } while (at(TokenKind::Comma) && take().kind == TokenKind::Comma);
  expect(TokenKind::CloseList, ", or ]");
  writer_.apply(Op::NoMember);
  for (const std::size_t each : jumps) writer_.land(each);
  return {.type = ValueType::Bool, .offset = one.offset, .end = end_};
}

ExpressionParser::Operand ExpressionParser::matched(const Operand& one) {
  const Token by = take();
  require(one, ValueType::Text, by);
  const Token pattern = token_;
  expect(TokenKind::Text, "a pattern in quotes such as 'gpt-*'");
  writer_.match(pattern.text);
  return {.type = ValueType::Bool, .offset = one.offset, .end = end_};
}

ExpressionParser::Operand ExpressionParser::sum() {
  return calculated(&ExpressionParser::product, is_sum);
}

ExpressionParser::Operand ExpressionParser::product() {
  return calculated(&ExpressionParser::sign, is_product);
}

ExpressionParser::Operand ExpressionParser::calculated(Level level,
                                                       bool (*is_operator)(TokenKind)) {
  Operand one = (this->*level)();
  while (is_operator(token_.kind)) {
    const Token by = take();
    require(one, ValueType::Number, by);
    const Operand other = (this->*level)();
    require(other, ValueType::Number, by);
    writer_.apply(op_of(by.kind));
    one = {.type = ValueType::Number, .offset = one.offset, .end = other.end};
  }
  return one;
}

ExpressionParser::Operand ExpressionParser::sign() {
  if (at(TokenKind::Minus)) {
    return prefixed(&ExpressionParser::sign, ValueType::Number, Op::Negate);
  }
  if (at(TokenKind::Bang)) return prefixed(&ExpressionParser::sign, ValueType::Bool, Op::Not);
  return value();
}

ExpressionParser::Operand ExpressionParser::prefixed(Level level, ValueType type, Op op) {
  const Token by = take();
  const Operand operand = deeper(level, by);
  require(operand, type, by);
  writer_.apply(op);
  return {.type = type, .offset = by.offset, .end = operand.end};
}

ExpressionParser::Operand ExpressionParser::deeper(Level level, const Token& by) {
  if (++depth_ > kDeepest) {
    fail(by.offset, "expected at most " + std::to_string(kDeepest) + " levels of nesting");
  }
  const Operand inner = (this->*level)();
  --depth_;
  return inner;
}

ExpressionParser::Operand ExpressionParser::value() {
  const Token token = take();
  Operand found{.offset = token.offset, .end = token.end};
  switch (token.kind) {
    case TokenKind::True:
    case TokenKind::False:
      writer_.truth(token.kind == TokenKind::True);
      break;
    case TokenKind::Number:
      found.type = ValueType::Number;
      writer_.number(token.number);
      break;
    case TokenKind::Text:
      found.type = ValueType::Text;
      found.literal = token.text;
      writer_.text(token.text);
      break;
    case TokenKind::Word:
      found = named(token);
      break;
    case TokenKind::Open:
      found = deeper(&ExpressionParser::either, token);
      expect(TokenKind::Close, "an operator or )");
      found.offset = token.offset;
      found.end = end_;
      return found;
    default:
      fail(token.offset,
           "expected a value: a name, a number, a text in quotes, true or false, not " +
               what_stands(token));
  }
  if (!writer_.fits()) fail(token.offset, "this is nested too deeply or too long");
  return found;
}

ExpressionParser::Operand ExpressionParser::named(const Token& word) {
  const std::string_view name = written(word.offset, word.end);
  for (const std::string_view prefix : {kTags, kHeaders}) {
    if (!name.starts_with(prefix)) continue;
    const std::string_view rest = name.substr(prefix.size());
    if (rest.empty()) return member(word, prefix);
    if (rest.front() == '.') return tag_or_header(word, prefix, rest.substr(1));
  }
  const auto found = find_name(name);
  if (!found) {
    fail(word.offset, unknown_name(name));
    return {};
  }
  writer_.name(*found);
  return {.type = name_type(*found), .offset = word.offset, .end = word.end, .name = found};
}

// request.headers['x-name']
ExpressionParser::Operand ExpressionParser::member(const Token& word, std::string_view prefix) {
  const std::string list(prefix);
  expect(TokenKind::OpenList, "a name such as " + list + ".NAME or " + list + "['NAME']");
  const Token name = token_;
  expect(TokenKind::Text, "a name in quotes such as 'x-name'");
  expect(TokenKind::CloseList, "]");
  Operand found = tag_or_header(word, prefix, name.text);
  found.end = end_;
  return found;
}

ExpressionParser::Operand ExpressionParser::tag_or_header(const Token& word,
                                                          std::string_view prefix,
                                                          std::string_view name) {
  if (name.empty()) {
    fail(word.offset, "expected a name: " + std::string(prefix) + ".NAME");
  } else if (prefix == kTags) {
    writer_.tag(name);
  } else if (!is_field_name(name)) {
    fail(word.offset, shown(name) + " can be the name of no header");
  } else {
    std::string lower_case(name);
    std::ranges::transform(lower_case, lower_case.begin(), text::lower);
    writer_.header(lower_case);
  }
  Operand found{.type = ValueType::Text, .offset = word.offset, .end = word.end};
  found.is_tag_or_header = true;
  return found;
}

Token ExpressionParser::take() {
  Token taken = std::exchange(token_, Token{.offset = text_.size(), .end = text_.size()});
  end_ = taken.end;
  if (!error_) token_ = lexer_.next();
  if (at(TokenKind::Wrong)) fail(token_.offset, token_.text);
  return taken;
}

void ExpressionParser::expect(TokenKind kind, std::string_view what) {
  if (!at(kind)) {
    fail(token_.offset, "expected " + std::string(what) + ", not " + what_stands(token_));
  }
  take();
}

}  // namespace sluice::config
