#include "routing/strategies/numbered_names.h"

#include "routing/strategies/stable_hash.h"

#include <gtest/gtest.h>

namespace sluice::routing {
namespace {

TEST(NumberedNames, NumbersInTheOrderInWhichTheyCame) {
  NumberedNames names;

  for (std::size_t i = 0; i < 1'000; ++i) EXPECT_EQ(names.add(mixed(i)), i);

  EXPECT_EQ(names.size(), 1'000U);
  for (std::size_t i = 0; i < 1'000; ++i) {
    EXPECT_EQ(names.find(mixed(i)), i);
    EXPECT_TRUE(names.is(i, mixed(i)));
  }
}

TEST(NumberedNames, FindsNothingOfWhatNeverCame) {
  NumberedNames names;
  EXPECT_FALSE(names.find(0));

  names.add(7);

  EXPECT_FALSE(names.find(8));
  EXPECT_FALSE(names.is(0, 8));
  EXPECT_FALSE(names.is(1, 7));
}

TEST(NumberedNames, TellsNamesApartThatBeginAtOneSlot) {
  NumberedNames names;
  constexpr std::uint64_t kApart = std::uint64_t{1} << 32;

  for (std::uint64_t i = 0; i < 100; ++i) names.add(15 + i * kApart);

  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(names.find(15 + i * kApart), i);
  EXPECT_FALSE(names.find(15 + 100 * kApart));
}

}  // namespace
}  // namespace sluice::routing
