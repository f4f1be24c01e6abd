#include "routing/comparison.h"

#include <gtest/gtest.h>

#include <array>

namespace sluice::routing {
namespace {

TEST(Shapes, KnowToolsByNameInWhateverOrder) {
  const std::array<Event, 3> ab{ToolCallDelta{.index = 0, .name = "a"},
                                ToolCallDelta{.index = 0, .arguments = "{}"},
                                ToolCallDelta{.index = 1, .name = "b"}};
  const std::array<Event, 2> ba{ToolCallDelta{.index = 0, .name = "b"},
                                ToolCallDelta{.index = 1, .name = "a"}};
  const std::array<Event, 2> aa{ToolCallDelta{.index = 0, .name = "a"},
                                ToolCallDelta{.index = 1, .name = "a"}};
  Shape one;
  one.add(ab);
  Shape two;
  two.add(ba);
  Shape three;
  three.add(aa);

  EXPECT_EQ(one.tool_calls(), 2U);
  EXPECT_TRUE(one.has_tools_of(two));
  EXPECT_FALSE(one.has_tools_of(three));
}

TEST(Shapes, TellTheEndOfEveryChoice) {
  const std::array<Event, 2> events{ReplyStopped{.choice = 1},
                                    ReplyStopped{.choice = 0, .reason = FinishReason::Length}};
  Shape shape;
  EXPECT_EQ(shape.finishes(), "");
  shape.add(events);

  EXPECT_EQ(shape.finishes(), "length,stop");
}

TEST(Shapes, StaySmallWhateverAProviderSays) {
  Shape shape;
  std::vector<Event> events;
  for (std::uint32_t i = 0; i < 5'000; ++i) {
    events.emplace_back(ToolCallDelta{.choice = i * 900'000, .name = "a"});
    events.emplace_back(ToolCallDelta{.index = i, .name = "a"});
    events.emplace_back(ReplyStopped{.choice = i});
  }
  shape.add(events);

  EXPECT_EQ(shape.tool_calls(), 1024U);
  EXPECT_LT(shape.finishes().size(), 1'000U);
}

}  // namespace
}  // namespace sluice::routing
