#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice::text {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Text, ComparesAsciiLettersWhateverTheirCase) {
  EXPECT_TRUE(iequals("Content-Type", "content-tYPE"));
  EXPECT_FALSE(iequals("content-type", "content-typ"));
  EXPECT_FALSE(iequals("@", "`"));
}

TEST(Text, TrimsWhiteSpaceAtBothEndsOnly) {
  EXPECT_EQ(trim(" \ta b\r\n"), "a b");
  EXPECT_EQ(trim(" \t "), "");
}

TEST(Text, ParsesDigitsAndNothingElse) {
  EXPECT_EQ(parse_uint("0"), 0U);
  EXPECT_EQ(parse_uint("18446744073709551615"), UINT64_MAX);
  for (const auto* bad : {"", "+1", "-1", " 1", "1 ", "0x1", "1.0", "18446744073709551616"}) {
    EXPECT_EQ(parse_uint(bad), std::nullopt) << bad;
  }
}

TEST(Text, KnowsUtf8FromWhatOnlyLooksLikeIt) {
  for (const std::string_view good : {"", "a", "ä", "€", "𝄞", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
    if (!good.empty()) {
      EXPECT_EQ(utf8_sequence(good, 0), good.size()) << good;
    }
  }
  // Alone, cut off, overlong, a surrogate, beyond the last code point.
  for (const std::string_view bad :
       {"\x80", "\xC3", "\xE2\x82", "\xF0\x9D\x84", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\x80",
        "\xF0\x80\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_FALSE(is_utf8(bad));
    EXPECT_EQ(utf8_sequence(bad, 0), 0U);
  }
}

TEST(Text, AgreesWithItselfOnEveryPairAndTripleOfBytes) {
  for (int lead = 0x80; lead < 0x100; ++lead) {
    for (int second = 0; second < 0x100; ++second) {
      const std::string pair{static_cast<char>(lead), static_cast<char>(second)};
      const std::string triple = pair + "\x80";
      EXPECT_EQ(utf8_sequence(pair, 0) == 2, is_utf8(pair));
      EXPECT_EQ(utf8_sequence(triple, 0) == 3, is_utf8(triple));
    }
  }
}

TEST(Text, NamesTheNearestFirst) {
  const std::string_view names[] = {"claude-opus", "gpt-4.1-mini", "gpt-4o", "gpt-4o-mini"};

  EXPECT_THAT(nearest("gpt-4o-mimi", names, 3), ElementsAre("gpt-4o-mini", "gpt-4.1-mini"));
  EXPECT_THAT(nearest("GPT-4O", names, 1), ElementsAre("gpt-4o"));
}

TEST(Text, TakesSwappedNeighboursForOneMistake) {
  const std::string_view names[] = {"form", "farm"};

  EXPECT_THAT(nearest("from", names, 2), ElementsAre("form"));
}

TEST(Text, NamesNothingWhenNothingIsNear) {
  const std::string_view names[] = {"claude-opus"};

  EXPECT_THAT(nearest("gpt-4o", names, 3), IsEmpty());
  EXPECT_THAT(nearest("", names, 3), IsEmpty());
  EXPECT_THAT(nearest(std::string(100'000, 'x'), names, 3), IsEmpty());
}

}  // namespace
}  // namespace sluice::text
