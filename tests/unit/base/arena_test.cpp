#include "sluice/arena.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Arena, KeepsTextsApartAndAlive) {
  Arena arena;

  auto first = arena.keep("hello");
  auto second = arena.join("wor", "ld", "");

  EXPECT_EQ(first, "hello");
  EXPECT_EQ(second, "world");
}

TEST(Arena, TakesWhatIsLargerThanABlock) {
  Arena arena;
  std::string large(100'000, 'x');

  EXPECT_EQ(arena.keep(large), large);
  EXPECT_EQ(arena.keep("after"), "after");
}

TEST(Arena, RunsDestructorsThroughItsPointers) {
  struct Guard {
    bool& gone;
    ~Guard() { gone = true; }
  };
  Arena arena;
  bool gone = false;

  {
    auto guard = arena.make<Guard>(gone);
  }

  EXPECT_TRUE(gone);
}

TEST(Arena, ServesAgainAfterReset) {
  Arena arena;
  arena.keep(std::string(5000, 'x'));

  arena.reset();

  EXPECT_EQ(arena.keep("again"), "again");
}

}  // namespace
}  // namespace sluice
