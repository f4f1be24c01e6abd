// Cuts the text of an expression into its words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::config {

enum class TokenKind : std::uint8_t {
  End,
  Wrong,  // Its text says what is.
  Number,
  Text,
  Word,  // A name, with its points
  True,
  False,
  Or,
  And,
  Not,   // The word
  Bang,  // The sign
  Equal,
  NotEqual,
  Less,
  LessOrEqual,
  Greater,
  GreaterOrEqual,
  In,
  Matches,
  Plus,
  Minus,
  Star,
  Slash,
  Percent,
  Open,
  Close,
  OpenList,
  CloseList,
  Comma,
};

struct Token {
  TokenKind kind = TokenKind::End;
  std::size_t offset = 0;
  std::size_t end = 0;
  double number = 0;
  std::string text = {};  // A text without quotes and escapes; what is wrong.
};

class ExpressionLexer {
 public:
  explicit ExpressionLexer(std::string_view text) : text_(text) {}

  // Of no more use behind Wrong; behind the last token always End.
  Token next();

 private:
  Token number(std::size_t begin);
  Token quoted(std::size_t begin);
  Token word(std::size_t begin);
  Token sign(std::size_t begin);
  Token token(TokenKind kind, std::size_t begin) const;
  static Token wrong(std::size_t offset, std::string message);

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace sluice::config
