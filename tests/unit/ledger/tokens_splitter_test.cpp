#include "ledger/tokens_splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::ledger {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Pieces = std::vector<std::string>;

Pieces pieces(Encoding encoding, std::string_view text) {
  Pieces found;
  TextSplitter splitter(encoding, text);
  for (auto piece = splitter.next(); !piece.empty(); piece = splitter.next()) {
    found.emplace_back(piece);
  }
  return found;
}
Pieces o200k(std::string_view text) {
  return pieces(Encoding::O200k, text);
}
Pieces cl100k(std::string_view text) {
  return pieces(Encoding::Cl100k, text);
}

TEST(TextSplitter, GivesNothingForNoText) {
  EXPECT_THAT(o200k(""), IsEmpty());
  EXPECT_THAT(cl100k(""), IsEmpty());
}

TEST(TextSplitter, LeavesTheSpaceBeforeAWordToIt) {
  EXPECT_THAT(o200k("one two\tthree"), ElementsAre("one", " two", "\tthree"));
  EXPECT_THAT(cl100k("one (two)"), ElementsAre("one", " (", "two", ")"));
}

TEST(TextSplitter, CutsWhereTheCaseChangesInO200kOnly) {
  EXPECT_THAT(o200k("camelCase HTTPServer ABC"),
              ElementsAre("camel", "Case", " HTTPServer", " ABC"));
  EXPECT_THAT(cl100k("camelCase"), ElementsAre("camelCase"));
}

TEST(TextSplitter, EndsAWordOfCapitalsAtItsLastLetterWithoutCase) {
  EXPECT_THAT(o200k("字AB"), ElementsAre("字", "AB"));
  EXPECT_THAT(o200k("A字BC"), ElementsAre("A字", "BC"));
  EXPECT_THAT(o200k("A字Bc"), ElementsAre("A字Bc"));
}

TEST(TextSplitter, KeepsContractionsWithTheirWordInO200kAndApartInCl100k) {
  EXPECT_THAT(o200k("I'm you'LL it'ſ o'er"), ElementsAre("I'm", " you'LL", " it'ſ", " o", "'er"));
  EXPECT_THAT(cl100k("I'm you'LL it'ſ o'er"),
              ElementsAre("I", "'m", " you", "'LL", " it", "'ſ", " o", "'er"));
  EXPECT_THAT(o200k("a'"), ElementsAre("a", "'"));
  EXPECT_THAT(cl100k("'sun"), ElementsAre("'s", "un"));
}

TEST(TextSplitter, CutsNumbersInThrees) {
  EXPECT_THAT(o200k("1234567 ½"), ElementsAre("123", "456", "7", " ", "½"));
}

TEST(TextSplitter, KeepsOneSpaceForTheWordBehind) {
  EXPECT_THAT(o200k("a   b"), ElementsAre("a", "  ", " b"));
  EXPECT_THAT(o200k("a   1"), ElementsAre("a", "  ", " ", "1"));
  EXPECT_THAT(o200k("a   "), ElementsAre("a", "   "));
}

TEST(TextSplitter, EndsBlankSpaceAtItsLastLineEnd) {
  EXPECT_THAT(o200k("a \n\n  b"), ElementsAre("a", " \n\n", " ", " b"));
  EXPECT_THAT(o200k("\r\n"), ElementsAre("\r\n"));
}

TEST(TextSplitter, TakesLineEndsBehindSignsAndSlashesInO200kOnly) {
  EXPECT_THAT(o200k(";\n/\n x"), ElementsAre(";\n/\n", " x"));
  EXPECT_THAT(cl100k(";\n/\n x"), ElementsAre(";\n", "/\n", " x"));
}

TEST(TextSplitter, TakesAMarkForPartOfAWordInO200kAndForASignInCl100k) {
  EXPECT_THAT(o200k("e\u0301a"), ElementsAre("e\u0301a"));
  EXPECT_THAT(cl100k("e\u0301!"), ElementsAre("e", "\u0301!"));
}

TEST(TextSplitter, CutsWhatIsNotUtf8SomewhereAndLosesNothing) {
  for (const std::string text : {"a\xFF z", "\xE2\x82", "x\xF0\x9F\x98", "\xC3", "\x80\x80y"}) {
    std::string all;
    for (const auto& piece : o200k(text)) all += piece;
    EXPECT_EQ(all, text);
  }
}

TEST(TextSplitter, LooksAtEachCharacterAFewTimesAtMost) {
  const auto many = [](std::string_view one) {
    std::string text;
    while (text.size() < 100'000) text += one;
    return text;
  };
  for (const std::string_view one : {"a", "A", "字", " ", " \n", "字A", "\u0301A", "1", "!", "'",
                                     "\n ", "aB", " '", "\u0301 "}) {
    for (const std::string& text : {many(one), many(one) + "x", "字" + many(one) + "字"}) {
      for (const auto encoding : {Encoding::O200k, Encoding::Cl100k}) {
        TextSplitter splitter(encoding, text);
        while (!splitter.next().empty()) continue;
        EXPECT_LE(splitter.looked_at(), 8 * text.size()) << one;
      }
    }
  }
}

}  // namespace
}  // namespace sluice::ledger
