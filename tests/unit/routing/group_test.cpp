#include "routing/group.h"

#include "routing/allowance.h"
#include "unit/config/loading.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>

namespace sluice::routing {
namespace {

using testing::ElementsAre;

class Groups : public testing::Test {
 protected:
  void configure(std::string_view models, std::string_view two = "type: simulator") {
    snapshot_ = config::snapshot_of("providers: { one: { type: simulator }, two: { " +
                                    std::string(two) + " } }\nmodels:\n" + std::string(models));
  }
  // Of the entry with this place.
  std::unique_ptr<Group> group(std::uint16_t entry) {
    return std::make_unique<Group>(*snapshot_, entry, fleet_);
  }

  std::shared_ptr<const config::Snapshot> snapshot_;
  Fleet fleet_;
};

TEST_F(Groups, HoldTheirTargetsInTheOrderOfTheFile) {
  configure(
      "  inner: { targets: [one/a, { model: two/b, weight: 3 }] }\n"
      "  m: { targets: [one/c, inner], on_context_length: [two/long],\n"
      "       shadow: { target: two/shade } }\n");
  const auto m = group(1);

  EXPECT_EQ(m->name(), "m");
  EXPECT_THAT(m->root().places, ElementsAre(0, 1, 2));
  ASSERT_EQ(m->root().members.size(), 2U);
  const Member& inner = m->root().members[1];
  ASSERT_TRUE(inner.group);
  EXPECT_EQ(inner.group->name, "inner");
  EXPECT_THAT(inner.group->places, ElementsAre(1, 2));
  EXPECT_EQ(inner.group->members[1].weight, 3);
  ASSERT_TRUE(m->on_context_length());
  EXPECT_THAT(m->on_context_length()->places, ElementsAre(3));
  EXPECT_EQ(m->on_content_policy(), nullptr);
  EXPECT_EQ(m->shadow(), 4);
  EXPECT_EQ(m->size(), 5U);
  EXPECT_EQ(m->leaf(0).state->name, "one/c");
  EXPECT_EQ(m->leaf(4).state->name, "two/shade");
}

TEST_F(Groups, ShareWhatIsKnownOfATarget) {
  configure("  m: { targets: [one/a, two/b] }\n  n: { targets: [two/b] }\n");
  const auto m = group(0);
  const auto n = group(1);

  EXPECT_EQ(m->leaf(1).state, n->leaf(0).state);
  EXPECT_NE(m->leaf(0).state, n->leaf(0).state);
  EXPECT_EQ(group(0)->leaf(0).state, m->leaf(0).state) << "over a reload, too";
}

TEST_F(Groups, WatchATargetWithLimitsOfItsOwnOnItsOwn) {
  configure(
      "  m: { targets: [{ model: one/a, limits: { concurrent: 3, requests_per_minute: 60 } }] }\n"
      "  n: { targets: [one/a] }\n");
  const auto m = group(0);
  const auto n = group(1);

  EXPECT_NE(m->leaf(0).state, n->leaf(0).state);
  EXPECT_EQ(m->leaf(0).state->bulkhead.limit(), 3U);
  EXPECT_FALSE(n->leaf(0).state->bulkhead.is_limited());
  EXPECT_TRUE(m->leaf(0).allowance);
  EXPECT_FALSE(n->leaf(0).allowance);
  EXPECT_EQ(m->leaf(0).name, n->leaf(0).name) << "it is the same for whoever belongs to it";
}

TEST_F(Groups, GoByTheBreakerOfTheirProviders) {
  configure("  m: { targets: [one/a, two/b] }\n", "type: simulator, breaker: { consecutive: 1 }");
  const auto m = group(0);
  const Instant now = Instant(std::chrono::hours(1));

  for (std::uint16_t place = 0; place < 2; ++place) {
    Breaker& breaker = m->leaf(place).state->breaker;
    breaker.failed(breaker.claim(now), now, 0);
  }

  EXPECT_EQ(m->leaf(0).state->breaker.standing(now), Standing::Closed);
  EXPECT_EQ(m->leaf(1).state->breaker.standing(now), Standing::Open);
}

TEST_F(Groups, OfWildcardsKnowNoTargetBeforeItIsAskedFor) {
  configure("  \"w-*\": { targets: [one/$0, { model: two/$0, limits: { concurrent: 2 } }] }\n");
  const auto w = group(0);

  EXPECT_EQ(w->size(), 2U);
  EXPECT_FALSE(w->leaf(0).state);
  EXPECT_EQ(w->leaf(0).name, 0U);
  EXPECT_EQ(w->leaf(1).name, 0U);
  ASSERT_TRUE(w->leaf(1).state) << "limits hold for all names together";
  EXPECT_EQ(w->leaf(1).state->bulkhead.limit(), 2U);
}

TEST_F(Groups, OfOneTargetAloneAskItOnce) {
  configure("  plain: one/a\n  m: { targets: [one/a], retry: { attempts: 4 } }\n");
  EXPECT_EQ(group(0)->attempts(), 1U);
  EXPECT_EQ(group(1)->attempts(), 4U);
  const Group direct(*snapshot_, std::nullopt, fleet_);
  EXPECT_EQ(direct.attempts(), 1U);
  EXPECT_EQ(direct.size(), 1U);
  EXPECT_FALSE(direct.settings().hedge);
}

TEST_F(Groups, LetAShareOfTheirRequestsBeDoubled) {
  configure("  m: { targets: [one/a, two/b], hedge: { at_most: 0.25 } }\n");
  const auto m = group(0);
  int doubled = 0;
  for (int i = 0; i < 100; ++i) {
    m->count_request();
    if (!m->may_hedge()) continue;
    m->count_hedge();
    ++doubled;
  }
  EXPECT_EQ(doubled, 25);
}

TEST_F(Groups, SaveOnlyAFewOfTheDoublesTheyDidNotNeed) {
  configure("  m: { targets: [one/a, two/b], hedge: { at_most: 0.25 } }\n");
  const auto m = group(0);
  for (int i = 0; i < 1000; ++i) m->count_request();
  int doubled = 0;
  for (; m->may_hedge(); ++doubled) m->count_hedge();
  EXPECT_EQ(doubled, 10);
}

}  // namespace
}  // namespace sluice::routing
