// What the names of groups lead to.
#include "unit/config/loading.h"

#include <gmock/gmock.h>

namespace sluice::config {
namespace {

using testing::ElementsAre;

class Routes : public testing::Test {
 protected:
  void load(std::string_view models) {
    snapshot_ =
        snapshot_of("providers: { one: { type: simulator }, two: { type: simulator } }\nmodels:\n" +
                    std::string(models));
  }

  Found find(std::string_view asked) {
    const auto found = snapshot_->models().find(asked, arena_);
    EXPECT_TRUE(found) << asked;
    return found.value_or(Found{});
  }

  // "PROVIDER/MODEL" of each place.
  std::vector<std::string> candidates(std::string_view asked) {
    std::vector<std::string> texts;
    std::uint16_t place = 0;
    for (const Candidate& each : find(asked).candidates) {
      EXPECT_EQ(each.place, place++);
      texts.push_back(snapshot_->config().providers[each.provider].name + "/" +
                      std::string(each.model));
    }
    return texts;
  }

  // "name(0 inner(1 2))"
  static std::string tree(const RouteNode* node) {
    if (!node) return "none";
    std::string text = std::string(node->name) + "(";
    for (const RouteMember& member : node->members) {
      if (&member != node->members.data()) text += " ";
      text += member.group ? tree(member.group) : std::to_string(member.place);
    }
    return text + ")";
  }

  std::shared_ptr<const Snapshot> snapshot_;
  Arena arena_;
};

TEST_F(Routes, AreTreesWhosePlacesCountEveryTarget) {
  load(R"(
  outer:
    targets: [one/a, inner, two/b]
    on_context_length: [inner]
    on_content_policy: [two/c]
    shadow: { target: alias }
  inner: { targets: [one/x, one/x], on_context_length: [two/never] }
  alias: one/a
)");
  const Found found = find("outer");

  EXPECT_THAT(candidates("outer"),
              ElementsAre("one/a", "one/x", "one/x", "two/b", "one/x", "one/x", "two/c", "one/a"));
  EXPECT_EQ(tree(found.route->targets), "outer(0 inner(1 2) 3)");
  EXPECT_EQ(tree(found.route->on_context_length), "(inner(4 5))");
  EXPECT_EQ(tree(found.route->on_content_policy), "(6)");
  EXPECT_EQ(found.route->shadow, 7);
  EXPECT_EQ(found.route->target_count, 4);
  EXPECT_EQ(found.entry, &snapshot_->config().models[0]);
  EXPECT_EQ(&snapshot_->models().route(found.index), found.route);
  EXPECT_EQ(found.route->targets->settings, &*found.entry->group);
  EXPECT_EQ(found.route->targets->members[1].settings, &found.entry->group->targets[1]);
}

TEST_F(Routes, AreMadeOnce) {
  load("  a: { targets: [one/a, two/a] }\n");

  EXPECT_EQ(find("a").candidates.data(), find("a").candidates.data());
}

TEST_F(Routes, OfOneTargetAreOneTarget) {
  load("  a: one/b\n");

  for (const auto* asked : {"a", "two/x"}) {
    const Found found = find(asked);
    EXPECT_EQ(tree(found.route->targets), "(0)");
    EXPECT_EQ(found.route->targets->settings->retry.attempts, 3U);
    EXPECT_EQ(&snapshot_->models().route(found.index), found.route);
  }
  EXPECT_FALSE(find("two/x").index);
  EXPECT_EQ(find("a").index, 0);
}

TEST_F(Routes, FollowNamesThatOnlyStandForOthers) {
  load("  a: b\n  b: group\n  group: { targets: [c, one/x] }\n  c: a-model\n  \"a-*\": two/$0\n");

  EXPECT_EQ(tree(find("a").route->targets), "group(0 1)");
  EXPECT_EQ(find("a").entry->name, "group");
  EXPECT_THAT(candidates("a"), ElementsAre("two/a-model", "one/x"));
}

TEST_F(Routes, FillInTheGroupsOfWildcards) {
  load(R"(
  "gpt-*":
    targets: ["one/$0", fixed, "two/x-*"]
    shadow: { target: "two/*" }
  fixed: one/f
  nested: { targets: [gpt-5] }
)");

  EXPECT_THAT(candidates("gpt-4"), ElementsAre("one/gpt-4", "one/f", "two/x-4", "two/4"));
  EXPECT_EQ(find("gpt-4").route->shadow, 3);
  EXPECT_THAT(candidates("nested"), ElementsAre("one/gpt-5", "one/f", "two/x-5"));
}

TEST_F(Routes, MeanTheProvidersModelInsideTheEntryOfItsName) {
  load("  one/a: { targets: [one/a, two/a] }\n  other: { targets: [one/a] }\n");

  EXPECT_THAT(candidates("one/a"), ElementsAre("one/a", "two/a"));
  EXPECT_THAT(candidates("other"), ElementsAre("one/a", "two/a"));
}

TEST_F(Routes, OfOldNamesAreThoseOfWhatReplacedThem) {
  load(R"(
  old: { replaced_by: middle, sunset: "2027-01-31" }
  middle: { replaced_by: new }
  new: { targets: [one/a, two/b] }
  gone: { replaced_by: two/x }
  "v1-*": { replaced_by: "one/*" }
)");
  const Found old = find("old");

  EXPECT_EQ(old.entry->name, "new");
  EXPECT_EQ(old.old_entry->name, "old");
  EXPECT_EQ(old.replaced_by, "new");
  EXPECT_EQ(old.route, find("old").route);
  EXPECT_THAT(candidates("old"), ElementsAre("one/a", "two/b"));
  EXPECT_EQ(find("new").old_entry, nullptr);
  EXPECT_FALSE(find("gone").index);
  EXPECT_EQ(find("gone").replaced_by, "two/x");
  EXPECT_EQ(find("v1-a").replaced_by, "one/a");
  EXPECT_THAT(candidates("v1-a"), ElementsAre("one/a"));
}

TEST_F(Routes, AreListedByTheirNameAndTheirFirstTarget) {
  load("  group: { targets: [inner, one/a] }\n  inner: two/b\n  old: { replaced_by: group }\n");
  std::vector<std::string> listed;
  for (const ListedModel& model : snapshot_->models().listed())
    listed.push_back(model.name + "=" + model.target + " of " + std::string(model.provider));

  EXPECT_THAT(listed, ElementsAre("group=two/b of two", "inner=two/b of two", "old=two/b of two"));
}

}  // namespace
}  // namespace sluice::config
