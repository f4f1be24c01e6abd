#include "routing/overlap.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::routing {
namespace {

using Repeats = Overlap::Repeats;

// What goes out of these pieces behind `told`.
std::string behind(std::string_view told, const std::vector<std::string>& pieces,
                   Repeats repeats = Repeats::Perhaps) {
  const std::size_t words = told.find_last_not_of(" \t\r\n") + 1;
  Overlap seam(told, told.size() - words, repeats);
  std::string out;
  for (const std::string& piece : pieces) out += seam.take(piece);
  out += seam.finish();
  return out;
}

TEST(Overlaps, OfNothingLetEverythingPass) {
  Overlap none;
  EXPECT_EQ(none.take("The"), "The");
  EXPECT_EQ(none.take(" end"), " end");
  EXPECT_EQ(none.finish(), "");
}

TEST(Overlaps, SayOnceWhatIsRepeated) {
  EXPECT_EQ(behind("The quick brown fox", {"quick brown fox jumps"}), " jumps");
  EXPECT_EQ(behind("The quick brown fox", {"The quick brown fox jumps"}), " jumps");
}

TEST(Overlaps, SayOnceWhatIsRepeatedInPieces) {
  EXPECT_EQ(behind("The quick brown fox", {"qu", "ick br", "own ", "fox", " jumps", " high"}),
            " jumps high");
}

TEST(Overlaps, TakeTheLongestRepetition) {
  EXPECT_EQ(behind("na na na na na na na na", {"na na na na na na na na hey"}), " hey");
}

TEST(Overlaps, LeaveShortOnesToTheLanguage) {
  EXPECT_EQ(behind("one, two, ", {"two, three"}), "two, three");
  EXPECT_EQ(behind("I had had", {" had enough"}), " had enough");
}

TEST(Overlaps, CompareTheEndOfALongText) {
  const std::string told = std::string(1000, 'x') + "and this is how it ended";
  EXPECT_EQ(behind(told, {"this is how it ended, at last" + std::string(300, '.')}),
            ", at last" + std::string(300, '.'));
}

TEST(Overlaps, HoldNothingBackForEver) {
  EXPECT_EQ(behind("A text of a certain length", {" and"}), " and") << "it ended early";
  Overlap seam("A text of a certain length", 0, Repeats::Perhaps);
  EXPECT_EQ(seam.take(" that goes on for"), "");
  EXPECT_EQ(seam.take(" a while"), "") << "not yet as long as what was told";
  EXPECT_EQ(seam.take(" yet"), " that goes on for a while yet");
  EXPECT_EQ(seam.take(" and yet"), " and yet");
}

TEST(Overlaps, CompareNoWordsWhereNothingIsRepeated) {
  Overlap seam("The quick brown fox", 0, Repeats::No);
  EXPECT_EQ(seam.take("The quick"), "The quick") << "nothing is held back";
  EXPECT_EQ(seam.take(" brown fox"), " brown fox");
}

TEST(Overlaps, SayWhiteSpaceOnceThatWasNotToldOf) {
  EXPECT_EQ(behind("The end. ", {" Or not"}, Repeats::No), "Or not");
  EXPECT_EQ(behind("The end.\n\n", {"\n\nOr not"}, Repeats::No), "Or not");
  EXPECT_EQ(behind("The end.\n\n", {"\nOr not"}, Repeats::No), "Or not");
  EXPECT_EQ(behind("The end. ", {"Or not"}, Repeats::No), "Or not");
  EXPECT_EQ(behind("The end.", {" Or not"}, Repeats::No), " Or not");
}

TEST(Overlaps, AreViewsThatLiveUntilTheNextPiece) {
  Overlap seam("The quick brown fox ", 1, Repeats::Perhaps);
  EXPECT_EQ(seam.take("quick br"), "");
  const std::string_view given = seam.take("own fox jumps");
  EXPECT_EQ(given, "jumps");
}

}  // namespace
}  // namespace sluice::routing
