// Who is not asked for now: it rests, it has enough to do, or it was granted no more.
#include "unit/routing/planned_scene.h"

#include <gmock/gmock.h>

namespace sluice::routing {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PlansForNow : public PlannedScene {
 protected:
  PlansForNow() { models("  m: { targets: [one/a, two/b] }\n"); }

  // Lets the one key that it has rest.
  void let_keys_rest(std::size_t provider, seconds pause) {
    KeyPool& keys = *ground_->destinations[provider].keys;
    UpstreamHead head;
    head.status = 429;
    head.retry_after = pause;
    const KeyWish wish{.lane = KeyPool::lane_of("a")};
    const auto use = keys.pick(wish, dice_, clock_.now());
    ASSERT_TRUE(use);
    keys.refused(*use, head, {.code = "upstream_rate_limited"}, clock_);
  }
};

TEST_F(PlansForNow, PassOverWhoRests) {
  break_down("one/a");
  EXPECT_EQ(first(), "two/b");
  EXPECT_THAT(order(), ElementsAre("two/b", "one/a")) << "when nobody else is left";
}

TEST_F(PlansForNow, TryWhoRestsBeforeTheyRefuse) {
  break_down("one/a");
  break_down("two/b");
  ask();
  const auto pick = plan().next(false);
  ASSERT_TRUE(pick);
  EXPECT_EQ(label(pick), "one/a");
  EXPECT_FALSE(pick->claim);
}

TEST_F(PlansForNow, RefuseWhereNoPanicIsWanted) {
  models("  m: { panic: false, targets: [one/a, two/b] }\n");
  break_down("one/a");
  clock_.turn_by(seconds(5));
  break_down("two/b");

  EXPECT_THAT(order(), IsEmpty());

  const ApiError error = plan().nobody();
  EXPECT_EQ(error.code, "no_healthy_target");
  EXPECT_EQ(error.retry_after, seconds(10)) << "when the first of them has rested";
}

TEST_F(PlansForNow, SendOneRequestAtATimeToWhoRecovers) {
  break_down("one/a");
  clock_.turn_by(seconds(15));
  dice_.side = 0;  // Of the few that go to one that recovers.

  ask();
  const auto probe = plan().next(false);
  ASSERT_TRUE(probe);
  EXPECT_EQ(label(probe), "one/a");
  EXPECT_TRUE(probe->claim.is_probe());
  EXPECT_EQ(first(), "two/b") << "the probe is under way";

  state("one/a").breaker.succeeded(probe->claim, clock_.now());
  EXPECT_EQ(first(), "one/a");
}

TEST_F(PlansForNow, SendLittleToWhoRecovers) {
  break_down("one/a");
  clock_.turn_by(seconds(15));
  int sent = 0;
  for (std::uint64_t i = 0; i < 100; ++i) {
    dice_.side = i * (UINT64_MAX / 100);
    ask();
    const auto pick = plan().next(false);
    ASSERT_TRUE(pick);
    if (label(pick) != "one/a") continue;
    ++sent;
    pick->state->breaker.neutral(pick->claim);
  }
  EXPECT_GE(sent, 5);
  EXPECT_LE(sent, 15);
}

TEST_F(PlansForNow, PassOverWhoWasGrantedNoMore) {
  models("  m: { targets: [{ model: one/a, limits: { requests_per_minute: 6 } }, two/b] }\n");
  EXPECT_EQ(first(), "one/a");
  EXPECT_EQ(first(), "two/b");
  clock_.turn_by(seconds(10));
  EXPECT_EQ(first(), "one/a");
}

TEST_F(PlansForNow, CountTheTokensThatAreExpected) {
  models("  m: { targets: [{ model: one/a, limits: { tokens_per_minute: 6000 } }, two/b] }\n");
  EXPECT_EQ(first(R"("max_tokens":900)"), "one/a");
  EXPECT_EQ(first(R"("max_tokens":900)"), "two/b");
  EXPECT_EQ(first(R"("max_tokens":10)"), "one/a");
}

TEST_F(PlansForNow, PassOverProvidersThatWereGrantedNoMore) {
  configure(R"(
providers: { one: { type: simulator, limits: { requests_per_minute: 6 } }, two: { type: simulator } }
models: { m: { targets: [one/a, one/b, two/c] } }
)");
  EXPECT_EQ(first(), "one/a");
  EXPECT_EQ(first(), "two/c") << "both of its models share what it grants";
}

TEST_F(PlansForNow, TakeNothingForWhoIsNotAsked) {
  configure(R"(
providers: { one: { type: simulator, limits: { requests_per_minute: 12 } }, two: { type: simulator } }
models: { m: { targets: [{ model: one/a, limits: { requests_per_minute: 6 } }, two/b] } }
)");
  for (int i = 0; i < 2; ++i) ground_->destinations[0].allowance->take(1, 0, clock_.now());
  EXPECT_EQ(first(), "two/b") << "the provider grants none yet";
  clock_.turn_by(seconds(5));
  EXPECT_EQ(first(), "one/a") << "nothing was taken of the target's own meanwhile";
}

TEST_F(PlansForNow, PassOverProvidersWhoseKeysRest) {
  let_keys_rest(0, seconds(30));
  EXPECT_EQ(first(), "two/b");
  clock_.turn_by(seconds(29));
  EXPECT_EQ(first(), "two/b");
  clock_.turn_by(seconds(1));
  EXPECT_EQ(first(), "one/a");
}

TEST_F(PlansForNow, SayWhenAKeyMayBeUsedAgain) {
  models("  m: { panic: false, targets: [one/a] }\n");
  let_keys_rest(0, seconds(30));
  EXPECT_THAT(order(), IsEmpty());
  EXPECT_EQ(plan().nobody().code, "upstream_rate_limited");
  EXPECT_EQ(plan().nobody().retry_after, seconds(30));
}

TEST_F(PlansForNow, SpareWhoSpentItsSecondTries) {
  for (int i = 0; i < 120; ++i) state("one/a").retries.failed(clock_.now());
  EXPECT_EQ(first(), "one/a") << "a first try is always allowed";
  ask();
  EXPECT_EQ(label(plan().next(true)), "two/b");
  EXPECT_THAT(rest(), ElementsAre("one/a", "two/b"));
  for (int i = 0; i < 120; ++i) state("two/b").retries.failed(clock_.now());
  ask();
  EXPECT_FALSE(plan().next(true));
}

TEST_F(PlansForNow, LookAgainAtEachTry) {
  break_down("two/b");
  ask();
  const auto pick = plan().next(false);
  plan().tried(*pick);
  clock_.turn_by(seconds(15));
  EXPECT_EQ(label(plan().next(true)), "two/b") << "it has rested meanwhile";
}

TEST_F(PlansForNow, AskBesideASlowOneAtAnotherPlace) {
  models("  m: { targets: [one/a, one/b, two/c] }\n");
  ask();
  const auto slow = plan().next(false);
  ASSERT_TRUE(slow);
  EXPECT_EQ(label(plan().beside(*slow)), "two/c");
}

TEST_F(PlansForNow, AskNobodyBesideASlowOneAtTheSameHost) {
  configure(R"(
providers:
  one: { type: openai, base_url: "https://same.example/v1", keys: [sk-aaaaaaaaaaaaaaaaaaaa] }
  two: { type: openai, base_url: "https://same.example/v2", keys: [sk-aaaaaaaaaaaaaaaaaaaa] }
models: { m: { targets: [one/a, two/b] } }
)");
  ask();
  const auto slow = plan().next(false);
  ASSERT_TRUE(slow);
  EXPECT_FALSE(plan().beside(*slow));
}

TEST_F(PlansForNow, AskNobodyBesideASlowOneWhoRests) {
  break_down("two/b");
  ask();
  const auto slow = plan().next(false);
  ASSERT_TRUE(slow);
  EXPECT_FALSE(plan().beside(*slow));
}

TEST_F(PlansForNow, AskNobodyWhoseProbeIsUnderWay) {
  break_down("two/b");
  clock_.turn_by(seconds(15));
  TargetState& two = state("two/b");
  const auto probe = two.breaker.claim(clock_.now());
  ASSERT_TRUE(probe.is_probe());
  ask();
  const auto slow = plan().next(false);
  ASSERT_TRUE(slow);
  EXPECT_FALSE(plan().beside(*slow));
}

}  // namespace
}  // namespace sluice::routing
