#include "config/expression.h"

#include "sluice/operation.h"

#include "config/expression_pattern.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace sluice::config {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

class Inputs final : public ExpressionInputs {
 public:
  Value value(Name name) noexcept override {
    asked.push_back(name);
    const auto found = values.find(name);
    return found == values.end() ? Value() : found->second;
  }
  std::optional<std::string_view> tag(std::string_view name) noexcept override {
    return find(tags, name);
  }
  std::optional<std::string_view> header(std::string_view name) noexcept override {
    return find(headers, name);
  }

  std::map<Name, Value> values{
      {Name::RequestModel, "gpt-4o"sv},
      {Name::RequestOperation, "chat"sv},
      {Name::RequestStream, true},
      {Name::RequestInputTokens, 7'999},
      {Name::RequestTemperature, 0},
      {Name::NeedsVision, false},
      {Name::NeedsTools, true},
      {Name::PrincipalTeam, "search"sv},
      {Name::TimeHour, 14},
      {Name::TimeWeekday, "tue"sv},
  };
  using Texts = std::map<std::string, std::string, std::less<>>;
  Texts tags{{"task", "summary"}, {"x-y", "dashed"}};
  Texts headers{{"x-tier", "gold"}};
  std::vector<Name> asked;

 private:
  static std::optional<std::string_view> find(const Texts& texts, std::string_view name) {
    const auto found = texts.find(name);
    if (found == texts.end()) return std::nullopt;
    return found->second;
  }
};

Expression parsed(std::string_view text, ValueType wanted) {
  auto expression = Expression::parse(text, wanted);
  if (expression) return *expression;
  ADD_FAILURE() << text << " at " << expression.error().offset << ": "
                << expression.error().message;
  return *Expression::parse(wanted == ValueType::Bool     ? "false"
                            : wanted == ValueType::Number ? "0"
                                                          : "''",
                            wanted);
}

bool holds(std::string_view text) {
  Inputs inputs;
  return parsed(text, ValueType::Bool).holds(inputs);
}

std::optional<double> number(std::string_view text) {
  Inputs inputs;
  return parsed(text, ValueType::Number).evaluate(inputs).number();
}

std::string text_of(std::string_view text) {
  Inputs inputs;
  return std::string(parsed(text, ValueType::Text).evaluate(inputs).text());
}

// "OFFSET: MESSAGE"
std::string refusal(std::string_view text, ValueType wanted = ValueType::Bool) {
  const auto expression = Expression::parse(text, wanted);
  if (expression) return "accepted";
  return std::to_string(expression.error().offset) + ": " + expression.error().message;
}

TEST(Expression, ComparesWhatIsKnownOfARequest) {
  EXPECT_TRUE(holds("request.input_tokens < 8000"));
  EXPECT_TRUE(holds("request.input_tokens < 8k"));
  EXPECT_FALSE(holds("request.input_tokens < 7.999k"));
  EXPECT_TRUE(holds("request.input_tokens <= 7.999k"));
  EXPECT_TRUE(holds("request.input_tokens > 7998 && request.input_tokens >= 7999"));
  EXPECT_TRUE(holds("request.model == 'gpt-4o'"));
  EXPECT_TRUE(holds("request.model != \"gpt-4\""));
  EXPECT_TRUE(holds("request.stream"));
  EXPECT_TRUE(holds("request.stream == true"));
  EXPECT_TRUE(holds("request.temperature == 0"));
  EXPECT_TRUE(holds("principal.team in ['ads', 'search']"));
  EXPECT_FALSE(holds("principal.team in ['ads']"));
  EXPECT_TRUE(holds("time.hour >= 9 and time.hour < 17 and not time.weekday in ['sat', 'sun']"));
}

TEST(Expression, GivesATextOrANumberWhereOneIsWanted) {
  EXPECT_EQ(text_of("request.tags.task"), "summary");
  EXPECT_EQ(text_of("'it\\'s \\\"a\\\" \\\\ \\n\\t'"), "it's \"a\" \\ \n\t");
  EXPECT_EQ(text_of("\"it's\""), "it's");
  EXPECT_EQ(number("2M"), 2'000'000);
  EXPECT_EQ(number("request.input_tokens + 1"), 8'000);
}

TEST(Expression, FindsTagsAndHeadersByName) {
  EXPECT_EQ(text_of("request.tags['x-y']"), "dashed");
  EXPECT_EQ(text_of("request.headers['X-Tier']"), "gold");
  EXPECT_EQ(text_of("request.headers.absent"), "");
  EXPECT_EQ(text_of("request.tags.absent"), "");
  EXPECT_TRUE(holds("request.tags.absent == ''"));
}

TEST(Expression, HasTheUsualPrecedence) {
  EXPECT_EQ(number("2 + 3 * 4"), 14);
  EXPECT_EQ(number("(2 + 3) * 4"), 20);
  EXPECT_EQ(number("10 - 3 - 2"), 5);
  EXPECT_EQ(number("64 / 4 / 2"), 8);
  EXPECT_EQ(number("17 % 5 * 2"), 4);
  EXPECT_EQ(number("-2 * -3"), 6);
  EXPECT_EQ(number("1 - -1"), 2);
  EXPECT_EQ(number("-7 % 4"), -3);
  EXPECT_TRUE(holds("true || true && false"));
  EXPECT_FALSE(holds("(true || true) && false"));
  EXPECT_TRUE(holds("1 + 1 == 2 && 3 > 2"));
  EXPECT_TRUE(holds("!false && !!true"));
  EXPECT_FALSE(holds("!true || false"));
  EXPECT_TRUE(holds("false == !true"));
}

TEST(Expression, TakesTheWordNotForAllOfAComparison) {
  EXPECT_TRUE(holds("not request.model == 'other'"));
  EXPECT_FALSE(holds("not request.model matches 'gpt-*'"));
  EXPECT_TRUE(holds("not not request.stream"));
  EXPECT_EQ(refusal("!request.model == 'x'"),
            "1: ! takes conditions, true or false, but request.model is a text");
}

TEST(Expression, AcceptsWordsForSigns) {
  EXPECT_TRUE(holds("false or true and not false"));
  EXPECT_TRUE(holds("request.stream and request.needs.tools"));
}

TEST(Expression, LooksIntoLists) {
  EXPECT_TRUE(holds("3 in [1, 2, 3]"));
  EXPECT_TRUE(holds("1 in [1]"));
  EXPECT_FALSE(holds("4 in [1, 2, 3]"));
  EXPECT_TRUE(holds("request.model in [request.tags.task, 'gpt-' , 'gpt-4o', 'z'] && true"));
  EXPECT_TRUE(holds("true in [1 == 2, 2 == 2]"));
  EXPECT_FALSE(holds("request.max_tokens in [0, 1]"));
}

TEST(Expression, HoldsForNoComparisonWithWhatIsMissing) {
  for (const auto* sign : {"==", "!=", "<", "<=", ">", ">="}) {
    EXPECT_FALSE(holds("request.max_tokens " + std::string(sign) + " 5")) << sign;
    EXPECT_FALSE(holds("5 " + std::string(sign) + " request.max_tokens")) << sign;
    EXPECT_TRUE(holds("!(request.max_tokens " + std::string(sign) + " 5)")) << sign;
  }
  EXPECT_FALSE(holds("request.max_tokens == request.max_tokens"));
  EXPECT_EQ(number("request.max_tokens + 1"), std::nullopt);
  EXPECT_EQ(number("-request.max_tokens"), std::nullopt);
}

TEST(Expression, TakesAMissingTextForEmptyAndAMissingBoolForFalse) {
  EXPECT_TRUE(holds("request.user == ''"));
  EXPECT_TRUE(holds("request.user matches '*'"));
  EXPECT_FALSE(holds("request.needs.audio"));
  EXPECT_TRUE(holds("request.needs.audio == false"));
}

TEST(Expression, IsNotMisledByInputsOfAnotherType) {
  Inputs inputs;
  inputs.values = {{Name::RequestModel, 1},
                   {Name::RequestStream, "yes"sv},
                   {Name::RequestInputTokens, true},
                   {Name::RequestTemperature, std::numeric_limits<double>::infinity()}};
  EXPECT_TRUE(parsed("request.model == ''", ValueType::Bool).holds(inputs));
  EXPECT_FALSE(parsed("request.stream", ValueType::Bool).holds(inputs));
  EXPECT_FALSE(parsed("request.input_tokens == 1", ValueType::Bool).holds(inputs));
  EXPECT_FALSE(parsed("request.temperature > 1", ValueType::Bool).holds(inputs));
}

TEST(Expression, HasNoNumberForWhatHasNoResult) {
  EXPECT_EQ(number("1 / 0"), std::nullopt);
  EXPECT_EQ(number("0 / 0"), std::nullopt);
  EXPECT_EQ(number("1 % 0"), std::nullopt);
  const std::string huge(300, '9');
  EXPECT_EQ(number(huge + " * " + huge), std::nullopt);
  EXPECT_FALSE(holds("1 / 0 == 1 / 0"));
  EXPECT_FALSE(holds("1 / 0 > 5"));
}

TEST(Expression, AsksForNothingThatCannotChangeTheResult) {
  Inputs inputs;
  const auto both =
      parsed("request.needs.vision && request.input_tokens < 5 && request.stream", ValueType::Bool);
  EXPECT_FALSE(both.holds(inputs));
  EXPECT_EQ(inputs.asked, std::vector{Name::NeedsVision});
  inputs.asked.clear();
  const auto either = parsed("request.stream || request.input_tokens < 5", ValueType::Bool);
  EXPECT_TRUE(either.holds(inputs));
  EXPECT_EQ(inputs.asked, std::vector{Name::RequestStream});
}

TEST(Expression, TellsWhichNamesItUses) {
  const auto expression = parsed("request.stream || request.input_tokens < 5", ValueType::Bool);
  EXPECT_TRUE(expression.uses(Name::RequestInputTokens));
  EXPECT_TRUE(expression.uses(Name::RequestStream));
  EXPECT_FALSE(expression.uses(Name::RequestModel));
}

TEST(Expression, IsEqualToOneOfTheSameText) {
  Expression one = parsed("1 < 2", ValueType::Bool);
  const Expression other = parsed("1  < 2", ValueType::Bool);
  EXPECT_EQ(one, parsed("1 < 2", ValueType::Bool));
  EXPECT_NE(one, other);
  const Expression moved = std::move(one);  // NOLINT(performance-move-const-arg): a copy,
  EXPECT_EQ(moved.text(), "1 < 2");
  EXPECT_EQ(one.text(), "1 < 2");  // NOLINT(bugprone-use-after-move): by design.
}

TEST(Expression, KnowsEveryNameByItsText) {
  for (std::size_t at = 0; at < kNames; ++at) {
    const auto name = static_cast<Name>(at);
    const auto expression = Expression::parse(name_text(name), name_type(name));
    ASSERT_TRUE(expression.has_value()) << name_text(name);
    EXPECT_TRUE(expression->uses(name)) << name_text(name);
  }
}

TEST(ExpressionErrors, NameTheNearestName) {
  EXPECT_EQ(refusal("request.input_token < 5"),
            "0: there is no name request.input_token; do you mean request.input_tokens?");
  EXPECT_EQ(refusal("1 < requst.max_tokens"),
            "4: there is no name requst.max_tokens; do you mean request.max_tokens?");
  EXPECT_EQ(refusal("vision"), "0: there is no name vision; do you mean request.needs.vision?");
  EXPECT_EQ(refusal("user == ''"),
            "0: there is no name user; do you mean request.user or principal.user?");
  EXPECT_EQ(refusal("request.tag.task == ''"),
            "0: there is no name request.tag.task; do you mean request.tags.task?");
  EXPECT_EQ(refusal("header.tier == ''"),
            "0: there is no name header.tier; names begin with request., principal. or time.");
  EXPECT_EQ(refusal("request.model == llama"),
            "17: there is no name llama; names begin with request., principal. or time., and a "
            "text has quotes: 'llama'");
  EXPECT_EQ(refusal("request.model AND true"),
            "14: expected an operator such as && or ==, or the end, not AND; do you mean and?");
}

TEST(ExpressionErrors, NameTheNearestWordOfNamesThatHaveFew) {
  EXPECT_EQ(refusal("time.weekday == 'tues'"),
            "16: time.weekday is never 'tues'; do you mean tue?");
  EXPECT_EQ(refusal("'x' != time.weekday"),
            "0: time.weekday is never 'x', but one of sun mon tue wed thu fri sat");
  EXPECT_EQ(refusal("request.operation in ['chat', 'embedings']"),
            "30: request.operation is never 'embedings'; do you mean embeddings?");
  for (const auto& row : kOperationTable) {
    EXPECT_EQ(refusal("request.operation == '" + std::string(row.name) + "'"), "accepted");
  }
}

TEST(ExpressionErrors, SayWhichTypesDoNotFit) {
  EXPECT_EQ(refusal("request.model == 5"),
            "17: == compares two of one type, but request.model is a text and 5 is a number");
  EXPECT_EQ(refusal("request.model < 'x'"), "0: < takes numbers, but request.model is a text");
  EXPECT_EQ(refusal("1 + request.stream > 2"),
            "4: + takes numbers, but request.stream is true or false");
  EXPECT_EQ(refusal("5 && true"), "0: && takes conditions, true or false, but 5 is a number");
  EXPECT_EQ(refusal("true or 1 + 2"),
            "8: or takes conditions, true or false, but 1 + 2 is a number");
  EXPECT_EQ(refusal("5 matches '5'"), "0: matches takes texts, but 5 is a number");
  EXPECT_EQ(refusal("5 in [1, 'a']"),
            "9: in compares two of one type, but 5 is a number and 'a' is a text");
  EXPECT_EQ(refusal("request.headers.x-tier == 'gold'"),
            "0: - takes numbers, but request.headers.x is a text; a name with a dash is written "
            "in brackets, as in request.headers['x-name']");
  EXPECT_EQ(refusal("request.input_tokens"),
            "0: expected a condition, true or false, but request.input_tokens is a number");
  EXPECT_EQ(refusal("request.stream", ValueType::Text),
            "0: expected a text, but request.stream is true or false");
  EXPECT_EQ(refusal("'1'", ValueType::Number), "0: expected a number, but '1' is a text");
}

TEST(ExpressionErrors, SayWhatWasExpected) {
  const std::string a_value =
      "expected a value: a name, a number, a text in quotes, true or false, not ";
  const std::vector<std::pair<std::string_view, std::string>> cases{
      {"", "0: " + a_value + "the end"},
      {"  ", "2: " + a_value + "the end"},
      {"1 <", "3: " + a_value + "the end"},
      {"1 < )", "4: " + a_value + ")"},
      {"1 == == 2", "5: " + a_value + "=="},
      {"(true", "5: expected an operator or ), not the end"},
      {"true)", "4: expected an operator such as && or ==, or the end, not )"},
      {"1 < 2 < 3", "6: expected one comparison at a time: join two with &&"},
      {"(1 == 2 == 3)", "8: expected one comparison at a time: join two with &&"},
      {"1 in 2", "5: expected [ and a list such as ['a', 'b'], not 2"},
      {"1 in []", "6: " + a_value + "]"},
      {"1 in [1,]", "8: " + a_value + "]"},
      {"1 in [1 2]", "8: expected , or ], not 2"},
      {"request.user matches request.model",
       "21: expected a pattern in quotes such as 'gpt-*', not request.model"},
      {"request.model = 'x'", "14: expected ==, not ="},
      {"true & false", "5: expected &&, not &"},
      {"true | false", "5: expected ||, not |"},
      {"request.model == 'x", "17: this text has no end: expected '"},
      {"request.model == 'x\\", "17: this text has no end: expected '"},
      {"request.model == '\\x'", R"(18: expected one of the escapes \\ \' \" \n \t)"},
      {"1 < 8kb", "4: expected a number such as 8000, 8k, 2M or 0.5, not 8kb"},
      {"1 < 010", "4: expected a number such as 8000, 8k, 2M or 0.5, not 010"},
      {"1 < 1e3", "4: expected a number such as 8000, 8k, 2M or 0.5, not 1e3"},
      {"1 < 1.", "4: expected a number such as 8000, 8k, 2M or 0.5, not 1."},
      {"1 < 1.2.3", "4: expected a number such as 8000, 8k, 2M or 0.5, not 1.2.3"},
      {"1 < .5", "4: . has no meaning here"},
      {"1 < $x", "4: $ has no meaning here"},
      {"1 < é", "4: é has no meaning here"},
      {"1 < \x01", "4: ? has no meaning here"},
      {"f(1)",
       "0: there is no name f; names begin with request., principal. or time., and a text "
       "has quotes: 'f'"},
      {"request.stream(1)", "14: expected an operator such as && or ==, or the end, not ("},
      {"request.tags == ''",
       "13: expected a name such as request.tags.NAME or request.tags['NAME'], not =="},
      {"request.tags. == ''", "0: expected a name: request.tags.NAME"},
      {"request.tags[1] == ''", "13: expected a name in quotes such as 'x-name', not 1"},
      {"request.tags['a' == ''", "17: expected ], not =="},
      {"request.headers['a b'] == ''", "0: a b can be the name of no header"},
      {"request.headers[''] == ''", "0: expected a name: request.headers.NAME"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(refusal(text), expected) << text;
}

TEST(ExpressionErrors, DoNotShowWhatCannotBePrinted) {
  EXPECT_EQ(refusal("1 + '\x1b[2J\xff' > 1"), "4: + takes numbers, but '?[2J?' is a text");
  const std::string long_name = "request." + std::string(200, 'a');
  EXPECT_LT(refusal(long_name).size(), 200U);
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(ExpressionLimits, RefuseWhatIsNestedTooDeeply) {
  EXPECT_EQ(refusal(repeated("(", 32) + "true" + repeated(")", 32)), "accepted");
  EXPECT_EQ(refusal(repeated("(", 33) + "true" + repeated(")", 33)),
            "32: expected at most 32 levels of nesting");
  EXPECT_EQ(refusal(repeated("!", 33) + "true"), "32: expected at most 32 levels of nesting");
  EXPECT_EQ(refusal(repeated("not ", 33) + "true"), "128: expected at most 32 levels of nesting");
  EXPECT_EQ(refusal(repeated("-", 33) + "1 < 2"), "32: expected at most 32 levels of nesting");
  EXPECT_EQ(refusal(repeated("true in [", 31) + "true" + repeated("]", 31)), "accepted");
  EXPECT_EQ(refusal(repeated("true in [", 400) + "true" + repeated("]", 400)),
            "288: this is nested too deeply or too long");
}

TEST(ExpressionLimits, RefuseWhatKeepsTooManyValuesWaiting) {
  const auto tower = [](int levels) {
    return repeated("1 + 2 * (", levels) + "1" + repeated(")", levels) + " > 0";
  };
  EXPECT_EQ(refusal(tower(15)), "accepted");
  EXPECT_NE(refusal(tower(20)).find("nested too deeply"), std::string::npos);
}

TEST(ExpressionLimits, RefuseWhatIsTooLong) {
  const std::string padded = "true" + std::string(4'092, ' ');
  EXPECT_EQ(refusal(padded), "accepted");
  EXPECT_EQ(refusal(padded + " "), "4096: expected at most 4096 bytes, not 4097");
  EXPECT_EQ(refusal("1" + repeated("+1", 500) + " > 0"), "accepted");
  EXPECT_NE(refusal("1" + repeated("+1", 600) + " > 0").find("too long"), std::string::npos);
}

TEST(TextPattern, LetsAStarStandForAnyBytes) {
  struct Case {
    std::string_view pattern;
    std::string_view text;
    bool matches;
  };
  constexpr std::array kCases{
      Case{"gpt-*", "gpt-4o", true},
      Case{"gpt-*", "gpt-", true},
      Case{"gpt-*", "gpt", false},
      Case{"gpt-*", "my-gpt-4o", false},
      Case{"*-mini", "o4-mini", true},
      Case{"*-mini", "o4-mini-high", false},
      Case{"*", "", true},
      Case{"**", "x", true},
      Case{"", "", true},
      Case{"", "x", false},
      Case{"exact", "exact", true},
      Case{"exact", "exactly", false},
      Case{"a*a", "a", false},
      Case{"a*a", "aa", true},
      Case{"*sonnet*", "a-sonnet-4", true},
      Case{"*b*c*", "abxc", true},
      Case{"*b*c*", "acxb", false},
      Case{"a*bc*d", "abbcd", true},
      Case{"*aab*", "aaaab", true},
      Case{"*abab*ab", "abaabab", false},
      Case{"*abab*ab", "abaababab", true},
      Case{"GPT-*", "gpt-4o", false},
      Case{"a*b*c", "abc", true},
      Case{"a.c", "abc", false},
      Case{"[ab]", "a", false},
      Case{"a?c", "abc", false},
  };
  for (const Case& each : kCases) {
    EXPECT_EQ(TextPattern(each.pattern).matches(each.text), each.matches)
        << each.pattern << " " << each.text;
  }
}

TEST(Expression, MatchesPatterns) {
  EXPECT_TRUE(holds("request.model matches 'gpt-*'"));
  EXPECT_TRUE(holds("request.tags.task matches '*mm*' && !(request.model matches '*mini')"));
}

TEST(ExpressionTime, IsInUtc) {
  const auto at = std::chrono::sys_days(std::chrono::year(2027) / 3 / 31) + 23h + 59min + 58s;
  EXPECT_EQ(time_value(Name::TimeHour, at), 23);
  EXPECT_EQ(time_value(Name::TimeMinute, at), 59);
  EXPECT_EQ(time_value(Name::TimeWeekday, at), "wed"sv);
  EXPECT_EQ(time_value(Name::TimeDay, at), 31);
  EXPECT_EQ(time_value(Name::TimeMonth, at), 3);
  EXPECT_TRUE(time_value(Name::RequestModel, at).is_missing());
  const auto before_1970 = std::chrono::sys_days(std::chrono::year(1969) / 12 / 28) + 1min;
  EXPECT_EQ(time_value(Name::TimeWeekday, before_1970), "sun"sv);
  EXPECT_EQ(time_value(Name::TimeHour, before_1970), 0);
  EXPECT_EQ(time_value(Name::TimeMinute, before_1970), 1);
}

}  // namespace
}  // namespace sluice::config
