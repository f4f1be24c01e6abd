#include "routing/told_so_far.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace sluice::routing {
namespace {

ToldSoFar after(std::initializer_list<Event> events) {
  ToldSoFar told;
  for (const Event& event : events) told.add(event);
  return told;
}

const Event kStart = ReplyStarted{.id = "c1", .model = "m"};
const Event kText = TextDelta{.text = "Hello"};

TEST(WhatWasTold, IsNothingBeforeTheFirstContent) {
  EXPECT_TRUE(after({}).nothing());
  const ToldSoFar begun = after({kStart, TextDelta{.text = ""}, Usage{.input = 3}});
  EXPECT_TRUE(begun.nothing());
  EXPECT_TRUE(begun.started());
  EXPECT_FALSE(after({kText}).started());
}

TEST(WhatWasTold, IsTheTextOfAllItsPieces) {
  const ToldSoFar told = after({kStart, kText, LogprobsDelta{}, TextDelta{.text = ", world"}});
  EXPECT_EQ(told.text(), "Hello, world");
  EXPECT_FALSE(told.nothing());
  EXPECT_TRUE(told.is_plain_text());
}

TEST(WhatWasTold, MayBeThoughtsThatAnybodyCanRead) {
  const ToldSoFar told = after({ReasoningDelta{.text = "Hm."}, BlockEnded{}, kText});
  EXPECT_TRUE(told.is_plain_text());
  EXPECT_EQ(told.text(), "Hello") << "thoughts are no words";
  EXPECT_FALSE(after({ReasoningDelta{.text = "Hm."}}).nothing());
}

TEST(WhatWasTold, IsNotPlainBehindSealedThoughts) {
  const ToldSoFar told =
      after({ReasoningDelta{.text = "Hm."}, ReasoningSealed{.choice = 0, .seal = {}}, kText});
  EXPECT_FALSE(told.is_plain_text());
}

TEST(WhatWasTold, IsNotPlainWithinToolCallsAndOtherThings) {
  EXPECT_FALSE(after({kText, ToolCallDelta{.id = "t"}}).is_plain_text());
  EXPECT_FALSE(after({RefusalDelta{.choice = 0, .text = "No."}}).is_plain_text());
  EXPECT_FALSE(after({kText, CitationMade{}}).is_plain_text());
  EXPECT_FALSE(after({AudioDelta{}}).is_plain_text());
  EXPECT_FALSE(after({MediaMade{}}).is_plain_text());
  EXPECT_FALSE(after({ForeignMade{}}).is_plain_text());
}

TEST(WhatWasTold, IsNotPlainInSeveralChoices) {
  EXPECT_FALSE(after({kText, TextDelta{.choice = 1, .text = "Hi"}}).is_plain_text());
}

TEST(WhatWasTold, IsNotGoneOnWithWhenItHasStopped) {
  EXPECT_FALSE(after({kText, ReplyStopped{}}).is_plain_text());
}

}  // namespace
}  // namespace sluice::routing
