#include "base/json_writer.h"

#include "base/json.h"
#include "base/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>

namespace sluice::json {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  append_escaped(out, text);
  return out;
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  std::string out;

  Writer(out)
      .begin_object()
      .member("a", 1)
      .key("b")
      .begin_array()
      .begin_array()
      .end_array()
      .value("x")
      .null()
      .begin_object()
      .end_object()
      .end_array()
      .member("c", true)
      .key("d")
      .raw("[1, 2]")
      .end_object();

  EXPECT_EQ(out, R"({"a":1,"b":[[],"x",null,{}],"c":true,"d":[1, 2]})");
}

TEST(JsonWriter, WritesEveryNumberThatJsonHas) {
  std::string out;

  Writer(out)
      .begin_array()
      .value(INT64_MIN)
      .value(UINT64_MAX)
      .value(0)
      .value(0.1)
      .value(1e300)
      .value(std::nan(""))
      .value(-INFINITY)
      .end_array();

  EXPECT_EQ(out, "[-9223372036854775808,18446744073709551615,0,0.1,1e+300,null,null]");
}

TEST(JsonWriter, AppendsToWhatIsThere) {
  std::string out = "data: ";

  Writer(out).begin_array().end_array();

  EXPECT_EQ(out, "data: []");
}

TEST(JsonWriter, GrowsWithinAnArena) {
  Arena arena;
  Writer writer(arena);
  const std::string piece(100, 'x');

  writer.begin_array();
  for (int i = 0; i < 1000; ++i) writer.value(piece);
  writer.end_array();

  EXPECT_EQ(writer.text().size(), 1000 * 103 + 1U);
  Reader reader;
  EXPECT_TRUE(reader.parse(writer.text(), {.strict_up_to = SIZE_MAX}));
}

TEST(JsonWriter, EscapesWhatMustBeEscaped) {
  EXPECT_EQ(escaped("a\"b\\c/d"), R"(a\"b\\c/d)");
  EXPECT_EQ(escaped("\b\f\n\r\t"), R"(\b\f\n\r\t)");
  EXPECT_EQ(escaped(std::string_view("\0\x1F\x7F", 3)), "\\u0000\\u001f\x7F");
  EXPECT_EQ(escaped("ä€𝄞"), "ä€𝄞");
  EXPECT_EQ(escaped(""), "");
}

TEST(JsonWriter, EscapesEveryLetterWhereverItStands) {
  for (std::size_t size = 1; size < 20; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      for (int letter = 0; letter < 0x80; ++letter) {
        std::string text(size, 'x');
        text[place] = static_cast<char>(letter);
        const auto alone = escaped({&text[place], 1});

        EXPECT_EQ(alone.size() > 1, letter < 0x20 || letter == '"' || letter == '\\');
        EXPECT_EQ(escaped(text),
                  std::string(place, 'x') + alone + std::string(size - place - 1, 'x'));
      }
    }
  }
}

TEST(JsonWriter, EscapesLongTexts) {
  std::string text;
  std::string expected;
  for (int line = 0; line < 1000; ++line) {
    text += "é \"" + std::to_string(line) + "\"\n\x01";
    expected += R"(é \")" + std::to_string(line) + R"(\"\n\u0001)";
  }

  EXPECT_EQ(escaped(text), expected);
}

TEST(JsonWriter, ReplacesMalformedUtf8) {
  EXPECT_EQ(escaped("a\xFF\"z"), "a\xEF\xBF\xBD\\\"z");
  EXPECT_EQ(escaped("ä\xED\xA0\x80"), "ä\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(escaped("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(JsonWriter, WritesWhatTheReaderReadsBackWhateverTheBytes) {
  std::mt19937 random(1);
  Reader reader;
  for (int round = 0; round < 2000; ++round) {
    Arena arena;
    std::string text(random() % 40, '\0');
    for (auto& letter : text) letter = static_cast<char>(random() % 3 ? random() % 96 : random());

    const auto written = quoted(text, arena);

    const auto root = reader.parse(written);
    ASSERT_TRUE(root) << written;
    if (text::is_utf8(text)) {
      EXPECT_EQ(root->string(arena), text);
    }
  }
}

}  // namespace
}  // namespace sluice::json
