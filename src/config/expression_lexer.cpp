#include "config/expression_lexer.h"

#include "base/text.h"
#include "config/expression_names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace sluice::config {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kWordLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";

constexpr std::string_view kNumbers = "expected a number such as 8000, 8k, 2M or 0.5";

using Spelling = std::pair<std::string_view, TokenKind>;

constexpr std::array kWords{
    Spelling{"true", TokenKind::True},       Spelling{"false", TokenKind::False},
    Spelling{"or", TokenKind::Or},           Spelling{"and", TokenKind::And},
    Spelling{"not", TokenKind::Not},         Spelling{"in", TokenKind::In},
    Spelling{"matches", TokenKind::Matches},
};

// Before each stands what it begins, if anything does.
constexpr std::array kSigns{
    Spelling{"||", TokenKind::Or},          Spelling{"&&", TokenKind::And},
    Spelling{"==", TokenKind::Equal},       Spelling{"!=", TokenKind::NotEqual},
    Spelling{"<=", TokenKind::LessOrEqual}, Spelling{">=", TokenKind::GreaterOrEqual},
    Spelling{"!", TokenKind::Bang},         Spelling{"<", TokenKind::Less},
    Spelling{">", TokenKind::Greater},      Spelling{"+", TokenKind::Plus},
    Spelling{"-", TokenKind::Minus},        Spelling{"*", TokenKind::Star},
    Spelling{"/", TokenKind::Slash},        Spelling{"%", TokenKind::Percent},
    Spelling{"(", TokenKind::Open},         Spelling{")", TokenKind::Close},
    Spelling{"[", TokenKind::OpenList},     Spelling{"]", TokenKind::CloseList},
    Spelling{",", TokenKind::Comma},
};

// What other languages write, and what it is here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kForeign{{
    {"=", "=="},
    {"&", "&&"},
    {"|", "||"},
}};

std::size_t end_of(std::string_view text, std::string_view letters, std::size_t begin) {
  return std::min(text.find_first_not_of(letters, begin), text.size());
}

// 0: there is no such escape.
char unescaped(char letter) {
  switch (letter) {
    case '\\':
    case '\'':
    case '"':
      return letter;
    case 'n':
      return '\n';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

}  // namespace

Token ExpressionLexer::next() {
  at_ = end_of(text_, kSpaces, at_);
  if (at_ == text_.size()) return token(TokenKind::End, at_);
  const char first = text_[at_];
  if (kDigits.contains(first)) return number(at_);
  if (first == '\'' || first == '"') return quoted(at_);
  if (first != '.' && kWordLetters.contains(first)) return word(at_);
  return sign(at_);
}

// digits [. digits] [k | M], without a leading zero.
Token ExpressionLexer::number(std::size_t begin) {
  const std::size_t end = end_of(text_, kWordLetters, begin);
  std::string_view written = text_.substr(begin, end - begin);
  const auto refused = [&] {
    return wrong(begin, std::string(kNumbers) + ", not " + shown(text_.substr(begin, end - begin)));
  };
  double factor = 1;
  if (written.ends_with('k') || written.ends_with('M')) {
    factor = written.ends_with('k') ? 1e3 : 1e6;
    written.remove_suffix(1);
  }
  const bool leading_zero = written.size() > 1 && written[0] == '0' && written[1] != '.';
  if (leading_zero || !kDigits.contains(written.back())) return refused();
  double number = 0;
  const char* stop = written.data() + written.size();
  const auto read = std::from_chars(written.data(), stop, number, std::chars_format::fixed);
  if (read.ec != std::errc() || read.ptr != stop || !std::isfinite(number * factor)) {
    return refused();
  }
  at_ = end;
  Token found = token(TokenKind::Number, begin);
  found.number = number * factor;
  return found;
}

Token ExpressionLexer::quoted(std::size_t begin) {
  const char quote = text_[begin];
  std::string content;
  for (at_ = begin + 1; at_ < text_.size(); ++at_) {
    char letter = text_[at_];
    if (letter == quote) {
      ++at_;
      Token found = token(TokenKind::Text, begin);
      found.text = std::move(content);
      return found;
    }
    if (letter == '\\') {
      if (++at_ == text_.size()) break;
      letter = unescaped(text_[at_]);
      if (letter == 0) {
        return wrong(at_ - 1, R"(expected one of the escapes \\ \' \" \n \t)");
      }
    }
    content += letter;
  }
  return wrong(begin, std::string("this text has no end: expected ") + quote);
}

Token ExpressionLexer::word(std::size_t begin) {
  at_ = end_of(text_, kWordLetters, begin);
  const std::string_view written = text_.substr(begin, at_ - begin);
  for (const auto& [spelling, kind] : kWords) {
    if (spelling == written) return token(kind, begin);
  }
  return token(TokenKind::Word, begin);
}

Token ExpressionLexer::sign(std::size_t begin) {
  const std::string_view rest = text_.substr(begin);
  for (const auto& [spelling, kind] : kSigns) {
    if (!rest.starts_with(spelling)) continue;
    at_ = begin + spelling.size();
    return token(kind, begin);
  }
  for (const auto& [foreign, ours] : kForeign) {
    if (rest.starts_with(foreign)) {
      return wrong(begin, "expected " + std::string(ours) + ", not " + std::string(foreign));
    }
  }
  const auto size = std::max<std::size_t>(1, text::utf8_sequence(rest, 0));
  return wrong(begin, shown(rest.substr(0, size)) + " has no meaning here");
}

Token ExpressionLexer::token(TokenKind kind, std::size_t begin) const {
  return {.kind = kind, .offset = begin, .end = at_};
}

Token ExpressionLexer::wrong(std::size_t offset, std::string message) {
  return {.kind = TokenKind::Wrong, .offset = offset, .end = offset, .text = std::move(message)};
}

}  // namespace sluice::config
