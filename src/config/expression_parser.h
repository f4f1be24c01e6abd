// Reads an expression, checks its types, and writes its program.
//
//   or         = and { ("||" | "or") and }
//   and        = not { ("&&" | "and") not }
//   not        = "not" not | comparison
//   comparison = sum [ ("==" | "!=" | "<" | "<=" | ">" | ">=") sum
//                    | "in" "[" or { "," or } "]" | "matches" TEXT ]
//   sum        = product { ("+" | "-") product }
//   product    = sign { ("*" | "/" | "%") sign }
//   sign       = ("-" | "!") sign | value
//   value      = NUMBER | TEXT | "true" | "false" | NAME | "(" or ")"
#pragma once

#include "config/expression.h"
#include "config/expression_lexer.h"
#include "config/expression_program.h"

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::config {

class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : text_(text), lexer_(text), writer_(text) {}

  std::expected<ExpressionProgram, ExpressionError> parse(ValueType wanted) &&;

 private:
  // What was just written to the program: a value that is on the stack when it runs.
  struct Operand {
    ValueType type = ValueType::Bool;
    std::size_t offset = 0;
    std::size_t end = 0;
    std::optional<Name> name = std::nullopt;            // It is that and nothing else,
    std::optional<std::string> literal = std::nullopt;  // or this text,
    bool is_tag_or_header = false;                      // or one of these.
  };

  Operand either();
  Operand both();
  Operand negation();
  Operand comparison();
  Operand sum();
  Operand product();
  Operand sign();
  Operand value();

  using Level = Operand (ExpressionParser::*)();
  Operand joined(Level level, TokenKind kind, Op jump);
  Operand calculated(Level level, bool (*is_operator)(TokenKind));
  Operand prefixed(Level level, ValueType type, Op op);
  Operand compared(const Operand& one);
  Operand listed(const Operand& one);
  Operand matched(const Operand& one);
  Operand deeper(Level level, const Token& by);
  Operand named(const Token& word);
  Operand member(const Token& word, std::string_view prefix);
  Operand tag_or_header(const Token& word, std::string_view prefix, std::string_view name);

  void require(const Operand& operand, ValueType type, const Token& by);
  void require_same(const Operand& one, const Operand& other, const Token& by);
  void require_word(const Operand& name, const Operand& literal);
  void require_end(const Operand& whole, ValueType wanted);

  Token take();  // The current token; the next becomes the current one.
  bool at(TokenKind kind) const { return token_.kind == kind; }
  void expect(TokenKind kind, std::string_view what);
  // Keeps the first of all faults, and ends the text so that all levels return.
  void fail(std::size_t offset, std::string message);

  std::string_view written(std::size_t offset, std::size_t end) const;
  std::string what_stands(const Token& token) const;
  std::string described(const Operand& operand) const;

  std::string_view text_;
  ExpressionLexer lexer_;
  ProgramWriter writer_;
  Token token_;
  std::size_t end_ = 0;  // Of the last token that was taken.
  int depth_ = 0;
  std::optional<ExpressionError> error_;
};

}  // namespace sluice::config
