// Expressions: every text is an expression of at most one type or a fault that stands within it,
// what it results in has its type, and its negation results in the contrary. Patterns match what a
// table of all pairs of prefixes says.
#include "base/text.h"
#include "config/expression.h"
#include "config/expression_pattern.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// Says nothing, the same of every name, or values of the wrong types.
class Inputs final : public ExpressionInputs {
 public:
  enum class Manner : std::uint8_t { Silent, Plain, Odd };
  explicit Inputs(Manner manner) : manner_(manner) {}

  Value value(Name name) noexcept override {
    if (manner_ == Manner::Silent) return {};
    const auto shift = manner_ == Manner::Odd ? 1U : 0U;
    switch ((static_cast<unsigned>(name_type(name)) + shift) % 3) {
      case 0:
        return true;
      case 1:
        return 8'000.0;
      default:
        return std::string_view("gpt-4o");
    }
  }
  std::optional<std::string_view> tag(std::string_view name) noexcept override {
    if (manner_ == Manner::Silent) return std::nullopt;
    return name;
  }
  std::optional<std::string_view> header(std::string_view name) noexcept override {
    for (const char letter : name) require(text::lower(letter) == letter);
    return tag(name);
  }

 private:
  Manner manner_;
};

bool has_type(const Value& value, ValueType type) {
  if (type == ValueType::Bool) return value.is_bool();
  if (type == ValueType::Text) return value.is_text();
  return value.is_number() || value.is_missing();
}

void run(const Expression& expression, ValueType type) {
  const auto negated =
      Expression::parse("!(" + std::string(expression.text()) + ")", ValueType::Bool);
  for (const auto manner : {Inputs::Manner::Silent, Inputs::Manner::Plain, Inputs::Manner::Odd}) {
    Inputs inputs(manner);
    const Value result = expression.evaluate(inputs);
    require(has_type(result, type));
    require(expression.evaluate(inputs) == result);
    // It may be a little too long, or nested a little too deeply.
    if (negated) require(negated->holds(inputs) != result.truth());
  }
}

void parse(std::string_view text) {
  int accepted = 0;
  for (const auto type : {ValueType::Bool, ValueType::Number, ValueType::Text}) {
    const auto expression = Expression::parse(text, type);
    if (expression) {
      ++accepted;
      require(expression->text() == text);
      run(*expression, type);
    } else {
      require(expression.error().offset <= text.size());
      require(!expression.error().message.empty() && expression.error().message.size() < 500);
      require(text::is_utf8(expression.error().message));
    }
  }
  require(accepted <= 1);
}

bool matches_by_table(std::string_view pattern, std::string_view text) {
  std::vector<bool> row(text.size() + 1, false);  // Of each prefix of the text: matched so far?
  row[0] = true;
  for (const char letter : pattern) {
    bool before = row[0];
    if (letter != '*') row[0] = false;
    for (std::size_t at = 1; at <= text.size(); ++at) {
      const bool here = row[at];
      row[at] = letter == '*' ? here || row[at - 1] : before && text[at - 1] == letter;
      before = here;
    }
  }
  return row[text.size()];
}

void match(std::string_view pattern, std::string_view text) {
  if (pattern.size() > 256 || text.size() > 1'024) return;
  require(TextPattern(pattern).matches(text) == matches_by_table(pattern, text));
}

}  // namespace
}  // namespace sluice::config

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  sluice::config::parse(text);
  const std::size_t line = text.find('\n');
  if (line != std::string_view::npos) {
    sluice::config::match(text.substr(0, line), text.substr(line + 1));
  }
  return 0;
}
