// The grammar, by example: what is JSON and what only looks like it.
#include "base/json.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::json {
namespace {

using namespace std::string_literals;

constexpr Limits kStrict{.strict_up_to = SIZE_MAX};
constexpr Limits kLax{.strict_up_to = 0};

const std::vector<std::string>& good_documents() {
  static const std::vector<std::string> documents = {
      "null",
      "true",
      "false",
      "0",
      "-0",
      "-0.0",
      "10",
      "-12.5e+3",
      "1E-2",
      "0e1",
      "1e400",
      "12345678901234567890123",
      "\"\"",
      "\"a\"",
      R"("\"\\\/\b\f\n\r\t")",
      R"("\u0000\u00e9\u20AC")",
      R"("\ud834\udd1e")",
      R"("\uD834\uDD1E\\u")",
      "\"\xE2\x82\xAC\xF0\x9D\x84\x9E\"",
      "\"\x7F\"",
      "\"\xE2\x80\xA8\"",  // U+2028
      "\"\xEF\xBB\xBF\"",  // A byte order mark is a letter like any other within a string.
      R"("\\")",
      R"("a\\\"b")",
      "[]",
      "[ ]",
      "{}",
      "{ }",
      "[1]",
      "[1,2]",
      "[[],[[]],{}]",
      "[null,true,false,0,\"\",[],{}]",
      R"({"a":1})",
      R"({"a":{"b":[{}]}})",
      R"({"":0})",
      R"({"a":1,"a":2})",
      " \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n] \t\r\n",
      "[\"]\",\"[\",\"{,}:\"]",
      R"({"a":"\"}"})",
      "1 ",
      "\"a\"\n",
  };
  return documents;
}

const std::vector<std::string>& bad_documents() {
  static const std::vector<std::string> documents = {
      "",
      " ",
      "\n",
      // Numbers and literals.
      "+1",
      "-",
      "01",
      "-01",
      ".5",
      "1.",
      "1.e1",
      "1e",
      "1e+",
      "0x1",
      "1_000",
      "--1",
      "1-",
      "NaN",
      "Infinity",
      "-Infinity",
      "True",
      "nul",
      "nulll",
      "truefalse",
      "'a'",
      "a",
      "1\f",
      "\xC2\xA0\x31",  // No-break space.
      // Strings.
      "\"",
      "\"a",
      "\"\\\"",
      "\"\n\"",
      "\"\t\"",
      "\"\0\""s,
      "\"\x1F\"",
      R"("\x41")",
      R"("\a")",
      R"("\u12")",
      R"("\u12g4")",
      R"("\U0041")",
      R"("\)",
      "\"a\"b",
      "1\"a\"",
      "\"a\"\"b\"",
      "[\"a\"\"b\"]",
      "\\u0022a\"",
      // Arrays and objects.
      "[",
      "]",
      "{",
      "}",
      "[1",
      "[1,",
      "[,1]",
      "[1,]",
      "[1,,2]",
      "[1 2]",
      "[1:2]",
      "[1}",
      "{1]",
      "[}",
      "{]",
      "[\"a\":1]",
      "{\"a\"}",
      "{\"a\":}",
      "{\"a\":1,}",
      "{,\"a\":1}",
      "{\"a\":1,,\"b\":2}",
      "{\"a\" 1}",
      "{\"a\"::1}",
      "{\"a\",1}",
      "{a:1}",
      "{1:1}",
      "{null:1}",
      "{[]:1}",
      "{\"a\":1 \"b\":2}",
      "{\"a\":1",
      "{\"a\":",
      "{\"a\"",
      "[1]]",
      "{}{}",
      "[][]",
      "{}}",
      ",",
      ":",
      "[:]",
      // Comments, other encodings, what follows.
      "[1] // one",
      "[1/**/]",
      "1 2",
      "{} x",
      "{}\0"s,
      "123\0"s,
      "[1]\x01",
      "\xEF\xBB\xBF{}",
      "\xFF\xFE[\0]\0"s,
      "\0[\0]"s,
  };
  return documents;
}

TEST(JsonGrammar, AcceptsEveryKindOfValue) {
  Reader reader;
  for (const auto& document : good_documents()) {
    EXPECT_TRUE(reader.parse(document, kStrict)) << document;
    EXPECT_TRUE(reader.parse(document, kLax)) << document;
  }
}

TEST(JsonGrammar, RefusesWhatIsNotJson) {
  Reader reader;
  for (const auto& document : bad_documents()) {
    const auto root = reader.parse(document, kStrict);
    ASSERT_FALSE(root) << document;
    EXPECT_EQ(root.error()->code, "invalid_json") << document;
    EXPECT_EQ(root.error()->kind, ErrorKind::InvalidRequest) << document;
  }
}

TEST(JsonGrammar, RefusesMalformedRootsWhateverTheSize) {
  Reader reader;
  for (const auto& document : bad_documents()) {
    // In an array the smallest parts are only looked at when they are read.
    if (document.starts_with('[')) continue;
    EXPECT_FALSE(reader.parse(document, kLax)) << document;
  }
}

TEST(JsonGrammar, RefusesEveryPrefixOfADocument) {
  Reader reader;
  const std::string document = R"({"a":[1,-2.5e3,{"b":"\ud834\udd1e\n"}],"c":null,"d":[true,[]]})";
  ASSERT_TRUE(reader.parse(document));

  for (std::size_t size = 0; size < document.size(); ++size) {
    EXPECT_FALSE(reader.parse(document.substr(0, size), kStrict)) << size;
    EXPECT_FALSE(reader.parse(document.substr(0, size), kLax)) << size;
  }
}

TEST(JsonGrammar, NamesWhatIsWrongAndWhere) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "it is empty, at byte 0."},
      {"{\"a\" 1}", "expected a colon behind the key, at byte 5."},
      {"{\"a\":1 2}", "expected a comma or a closing brace, at byte 7."},
      {"[1 2]", "expected a comma or a closing bracket, at byte 3."},
      {"{1}", "expected a key in quotes, at byte 1."},
      {"[01]", "expected a value, at byte 1."},
      {"[1", "it ends too early, at byte 2."},
      {"[] []", "something follows the value, at byte 3."},
      {"[\"ok\", \"\\x\"]", "a string holds an invalid escape, at byte 8."},
      {"[\"\\\"\", \"a\nb\"]", "a string holds an unescaped control character, at byte 9."},
      {"[\"a\", \"b]", "a string is not closed, at byte 6."},
      {"[\"a\xFF\"]", "it is not valid UTF-8, at byte 3."},
      {"\xEF\xBB\xBF[]", "it begins with a byte order mark, at byte 0."},
  };
  Reader reader;
  for (const auto& [document, message] : cases) {
    const auto root = reader.parse(document);
    ASSERT_FALSE(root) << document;
    EXPECT_EQ(root.error()->message, "The body is not valid JSON: " + message);
  }
}

}  // namespace
}  // namespace sluice::json
