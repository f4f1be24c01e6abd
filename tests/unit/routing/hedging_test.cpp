// A second target beside one that is slow.
#include "unit/routing/routed_scene.h"

#include <gmock/gmock.h>

namespace sluice::routing {
namespace {

using testing::ElementsAre;

class Hedges : public RoutedScene {
 protected:
  void group(std::string_view settings) {
    configure(R"(
providers:
  one: { type: simulator }
  two: { type: simulator }
  three: { type: simulator }
models:
  m: { targets: [one/a, two/b, three/c], )" +
              std::string(settings) + " }\n");
  }
  static constexpr std::string_view kAlways = "hedge: { after: 2s, at_most: 1 }";
};

TEST_F(Hedges, AreNotNeededByWhoIsQuick) {
  group(kAlways);
  will_say("one", "hi", seconds(1));

  EXPECT_EQ(answerer("m"), "one/a");
  EXPECT_TRUE(at("two").asked.empty());
}

TEST_F(Hedges, BeginWhenTheFirstIsSlow) {
  group(kAlways);
  will_say("one", "slow", seconds(10));
  will_say("two", "hi", seconds(1));
  const Instant begun = clock_.now();
  const auto asked = request("m");

  auto reply = route(*asked);

  ASSERT_TRUE(reply);
  EXPECT_EQ(clock_.now(), begun + seconds(3));
  EXPECT_EQ(at("two").asked_at.front(), begun + seconds(2));
  EXPECT_THAT(asked->targets(), ElementsAre("one/a", "two/b"));
  EXPECT_EQ(asked->context.account.teller()->provider, "two");
  const Attempt& loser = *asked->context.account.first();
  EXPECT_FALSE(loser.hedge);
  EXPECT_EQ(loser.outcome, Outcome::Unfinished);
  EXPECT_EQ(loser.ended, clock_.now()) << "it is accounted for";
  EXPECT_TRUE(loser.next->hedge);
  EXPECT_EQ(common_.tally.hedges_won, 1U);
}

TEST_F(Hedges, SayNothingOfWhoLost) {
  group(kAlways);
  will_say("one", "slow", seconds(10));
  will_say("two", "hi", seconds(1));

  ASSERT_TRUE(route(*request("m")));

  EXPECT_EQ(state("one/a").failures, 0U);
  EXPECT_EQ(state("one/a").successes, 0U);
  EXPECT_EQ(state("one/a").busy, 0U) << "its call was dropped";
  EXPECT_EQ(state("one/a").requests, 1U);
}

TEST_F(Hedges, AreDroppedWhereTheFirstAnswersAllTheSame) {
  group(kAlways);
  will_say("one", "hi", seconds(3));
  will_say("two", "slow", seconds(10));
  const auto asked = request("m");

  auto reply = route(*asked);

  ASSERT_TRUE(reply);
  EXPECT_EQ(asked->context.account.teller()->provider, "one");
  EXPECT_EQ(state("two/b").busy, 0U);
  EXPECT_EQ(asked->context.account.last()->ended, clock_.now());
  EXPECT_EQ(common_.tally.hedges_lost, 1U);
}

TEST_F(Hedges, AreWaitedForWhereTheFirstFails) {
  group(kAlways);
  will_answer("one", json_answer(500, "{}", seconds(3)));
  will_say("two", "hi", seconds(10));

  EXPECT_EQ(answerer("m"), "two/b");
}

TEST_F(Hedges, AreWaitedForAlsoWhereNobodyMoreMayBeTried) {
  group("hedge: { after: 2s, at_most: 1 }, retry: { attempts: 2 }");
  will_answer("one", json_answer(500, "{}", seconds(3)));
  will_say("two", "hi", seconds(10));

  EXPECT_EQ(answerer("m"), "two/b");
}

TEST_F(Hedges, LeaveTheFirstItsTimeWhereTheyFail) {
  group(kAlways);
  will_say("one", "hi", seconds(10));
  will_answer("two", json_answer(500, "{}"));
  const auto asked = request("m");

  auto reply = route(*asked);

  ASSERT_TRUE(reply);
  EXPECT_EQ(asked->context.account.teller()->provider, "one");
}

TEST_F(Hedges, AreFollowedByTheNextWhereBothFail) {
  group(kAlways);
  will_answer("one", json_answer(500, "{}", seconds(3)));
  will_answer("two", json_answer(500, "{}", seconds(5)));
  will_say("three", "hi");
  const auto asked = request("m");

  EXPECT_EQ(answerer(*asked), "three/c");
  EXPECT_THAT(asked->targets(), ElementsAre("one/a", "two/b", "three/c"));
}

TEST_F(Hedges, EndBothWhereOneWasToldThatItIsWrong) {
  group(kAlways);
  will_answer("one", json_answer(400, R"({"error":{"message":"no"}})", seconds(3)));
  will_say("two", "hi", seconds(10));
  const Instant begun = clock_.now();

  EXPECT_EQ(answerer("m"), "invalid_request");
  EXPECT_EQ(clock_.now(), begun + seconds(3));
  EXPECT_EQ(state("two/b").busy, 0U);
}

TEST_F(Hedges, AreAShareOfTheRequests) {
  group("hedge: { after: 2s, at_most: 0.25 }");
  for (int i = 0; i < 8; ++i) {
    will_say("one", "slow", seconds(3));
    will_say("two", "slow", seconds(3));
    EXPECT_EQ(route(*request("m")).has_value(), true);
  }
  EXPECT_EQ(at("one").asked.size(), 8U);
  EXPECT_EQ(at("two").asked.size(), 2U);
}

TEST_F(Hedges, AreNoneTheMoreForRequestsThatAreTriedAgain) {
  group("hedge: { after: 2s, at_most: 0.5 }");
  will_answer("one", json_answer(500, "{}"));
  will_say("two", "slow", seconds(3));

  EXPECT_EQ(answerer("m"), "two/b");
  EXPECT_TRUE(at("three").asked.empty());
}

TEST_F(Hedges, BeginAfterWhatIsUsual) {
  group("hedge: { after: p95, at_most: 1 }");
  for (int i = 0; i < 1000; ++i) state("one/a").latency.first_token(seconds(1), clock_.now());
  will_say("one", "slow", seconds(30));
  will_say("two", "hi");
  const Instant begun = clock_.now();

  ASSERT_TRUE(route(*request("m")));

  ASSERT_EQ(at("two").asked_at.size(), 1U);
  EXPECT_GE(at("two").asked_at.front(), begun + milliseconds(900));
  EXPECT_LE(at("two").asked_at.front(), begun + milliseconds(1200));
}

TEST_F(Hedges, DoNotBeginWhileNothingIsUsual) {
  group("hedge: { after: p95, at_most: 1 }");
  will_say("one", "slow", seconds(30));

  EXPECT_EQ(answerer("m"), "one/a");
  EXPECT_TRUE(at("two").asked.empty());
}

TEST_F(Hedges, DoNotBeginBehindTheDeadline) {
  group(kAlways);
  will_say("one", "slow", seconds(30));
  const auto asked = request("m");
  asked->context.deadline = clock_.now() + seconds(1);

  EXPECT_EQ(answerer(*asked), "upstream_timeout");
  EXPECT_TRUE(at("two").asked.empty());
}

TEST_F(Hedges, DoNotBeginWhenTheCallerHasLeft) {
  group(kAlways);
  will_say("one", "slow", seconds(30));
  const auto asked = request("m");
  asked->context.abandoned = true;

  EXPECT_EQ(answerer(*asked), "one/a");
  EXPECT_TRUE(at("two").asked.empty());
}

TEST_F(Hedges, EndWithTheTaskThatAskedForThem) {
  group(kAlways);
  will_say("one", "slow", seconds(30));
  will_say("two", "slow", seconds(30));
  const auto asked = request("m");
  {
    auto task = router_->call(asked->context, asked->request);
    clock_.begin(task);
    clock_.turn_by(seconds(5));
    EXPECT_EQ(state("one/a").busy, 1U);
    EXPECT_EQ(state("two/b").busy, 1U);
  }
  EXPECT_EQ(state("one/a").busy, 0U);
  EXPECT_EQ(state("two/b").busy, 0U);
  EXPECT_EQ(state("one/a").failures + state("two/b").failures, 0U);
}

TEST_F(Hedges, OfStreamsEndWithTheFirstContent) {
  group(kAlways);
  will_answer("one", stream_answer({{text_frame("one"), seconds(30)}}));
  will_answer("two", stream_answer({{text_frame("two") + stop_frame() + done_frame()}, finish()},
                                   seconds(1)));
  const auto asked = request("m", kStream);

  auto reply = route(*asked);

  ASSERT_TRUE(reply);
  auto batch = clock_.run(reply->items->next());
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->items[0].raw, text_frame("two") + stop_frame() + done_frame());
}

}  // namespace
}  // namespace sluice::routing
