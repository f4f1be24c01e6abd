// Who may answer a request, and in which order they are asked.
#include "unit/routing/planned_scene.h"

#include <gmock/gmock.h>

#include <limits>

namespace sluice::routing {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

class Plans : public PlannedScene {
 protected:
  // In the next requests. Each is a token.
  void say_words(int count) {
    content_.clear();
    for (int i = 0; i < count; ++i) content_ += " word";
  }
};

TEST_F(Plans, AskInTheOrderOfTheFile) {
  models("  m: { targets: [one/a, two/b, three/c] }\n");
  EXPECT_THAT(order(), ElementsAre("one/a", "two/b", "three/c"));
}

TEST_F(Plans, AskByWeightAndNobodyTwice) {
  models("  m: { strategy: weighted, targets: [one/a, { model: two/b, weight: 3 }] }\n");
  dice_.side = kMost / 4 - kMost / 100;
  EXPECT_THAT(order(), ElementsAre("one/a", "two/b"));
  dice_.side = kMost / 4 + kMost / 100;
  EXPECT_THAT(order(), ElementsAre("two/b", "one/a"));
}

TEST_F(Plans, AskInTurns) {
  models("  m: { strategy: round_robin, targets: [one/a, two/b, three/c] }\n");
  EXPECT_EQ(first(), "one/a");
  EXPECT_EQ(first(), "two/b");
  EXPECT_EQ(first(), "three/c");
  EXPECT_EQ(first(), "one/a");
}

TEST_F(Plans, AskWhoHasTheLeastToDo) {
  models("  m: { strategy: least_busy, targets: [one/a, two/b, three/c] }\n");
  state("one/a").busy = 3;
  state("two/b").busy = 1;
  state("three/c").busy = 2;
  EXPECT_THAT(order(), ElementsAre("two/b", "three/c", "one/a"));
}

TEST_F(Plans, AskTheFastest) {
  models("  m: { strategy: least_latency, targets: [one/a, two/b] }\n");
  for (const auto& [name, took] :
       {std::pair("one/a", seconds(3)), std::pair("two/b", seconds(1))}) {
    for (int i = 0; i < 20; ++i) state(name).latency.first_token(took, clock_.now());
  }
  EXPECT_EQ(first(), "two/b");
}

TEST_F(Plans, AskTheCheapest) {
  configure(R"(
providers: { openai: { type: openai, keys: [sk-aaaaaaaaaaaaaaaaaaaa] }, one: { type: simulator } }
models:
  m: { strategy: cheapest, targets: [one/unknown, openai/gpt-4o, openai/gpt-4o-mini] }
)");
  EXPECT_THAT(order(), ElementsAre("openai/gpt-4o-mini", "openai/gpt-4o", "one/unknown"));
}

TEST_F(Plans, AskAllOfAGroupWithinTheGroupAtItsPlace) {
  models(
      "  inner: { strategy: round_robin, targets: [one/a, two/b] }\n"
      "  m: { targets: [three/first, inner, three/last] }\n");
  EXPECT_THAT(order(), ElementsAre("three/first", "one/a", "two/b", "three/last"));
}

TEST_F(Plans, FollowNamesForOtherNames) {
  models("  plain: one/a\n  old: { replaced_by: plain }\n  m: { targets: [old, two/b] }\n");
  EXPECT_THAT(order(), ElementsAre("one/a", "two/b"));
}

TEST_F(Plans, GiveOneCallerTheSameTargetEveryTime) {
  models("  m: { sticky: user, targets: [one/a, two/b, three/c] }\n");
  Order firsts;
  for (const char* user : {"ann", "bob", "cleo", "dan", "eve", "fay", "gus", "hal"}) {
    const std::string says = R"("user":")" + std::string(user) + R"(")";
    const std::string before = first(says);
    dice_.side += kMost / 3;
    EXPECT_EQ(first(says), before);
    firsts.push_back(before);
  }
  EXPECT_THAT(firsts, testing::Contains("one/a"));
  EXPECT_THAT(firsts, testing::Contains(testing::Not("one/a"))) << "not all of them the same";
}

TEST_F(Plans, LeaveOutWhoseConditionDoesNotHold) {
  models("  m: { targets: [{ model: one/a, if: 'request.stream' }, two/b] }\n");
  EXPECT_THAT(order(), ElementsAre("two/b"));
  EXPECT_THAT(order(kStream), ElementsAre("one/a", "two/b"));
}

TEST_F(Plans, LeaveOutWholeGroupsWhoseConditionDoesNotHold) {
  models(
      "  innermost: { targets: [one/a] }\n"
      "  inner: { targets: [innermost, two/b] }\n"
      "  m: { targets: [{ model: inner, if: 'request.input_tokens < 1000' }, three/c] }\n");
  EXPECT_THAT(order(), ElementsAre("one/a", "two/b", "three/c"));
  EXPECT_THAT(order(R"("prediction":")" + std::string(8000, 'x') + R"(")"), ElementsAre("three/c"));
}

TEST_F(Plans, AskOnlyWhoCarriesTheTags) {
  models("  m: { require: { region: eu }, targets: [one/a, two/b, three/c] }\n");
  EXPECT_THAT(order(), ElementsAre("one/a", "three/c"));
  models("  m: { require: { region: eu, tier: gold }, targets: [one/a, two/b, three/c] }\n");
  EXPECT_THAT(order(), ElementsAre("one/a"));
  models("  m: { require: { region: us }, targets: [two/b] }\n");
  EXPECT_THAT(order(), ElementsAre("two/b"));
}

TEST_F(Plans, HoldGroupsWithinGroupsToTheTagsOfBoth) {
  models(
      "  inner: { require: { tier: gold }, targets: [one/a, two/b, three/c] }\n"
      "  m: { require: { region: eu }, targets: [inner, three/d] }\n");
  EXPECT_THAT(order(), ElementsAre("one/a", "three/d"));
}

TEST_F(Plans, LeaveOutWhatAPolicyTookAway) {
  models("  m: { targets: [one/a, two/b, three/c] }\n");
  ask();
  asked_->request.candidates = asked_->request.candidates.subspan(1, 1);
  EXPECT_THAT(rest(), ElementsAre("two/b"));
}

constexpr std::string_view kOpenAi = R"(
providers:
  openai: { type: openai, keys: [sk-aaaaaaaaaaaaaaaaaaaa] }
  one: { type: simulator }
models:
)";
constexpr std::string_view kTools =
    R"("tools":[{"type":"function","function":{"name":"f","parameters":{}}}])";

TEST_F(Plans, LeaveOutWhoCannotDoWhatIsAsked) {
  configure(std::string(kOpenAi) +
            "  m: { targets: [openai/gpt-3.5-turbo-instruct, openai/gpt-4o] }");
  EXPECT_THAT(order(kTools), ElementsAre("openai/gpt-4o"));
}

TEST_F(Plans, LeaveOutWhoseWindowIsTooSmall) {
  configure(std::string(kOpenAi) + "  m: { targets: [openai/gpt-4, openai/gpt-4o] }");
  say_words(6000);
  EXPECT_THAT(order(R"("max_tokens":4000)"), ElementsAre("openai/gpt-4o"));
  EXPECT_THAT(order(R"("max_tokens":100)"), ElementsAre("openai/gpt-4", "openai/gpt-4o"));
}

TEST_F(Plans, SayWhatNobodyCanDo) {
  configure(
      std::string(kOpenAi) +
      "  m: { targets: [openai/gpt-3.5-turbo-instruct, openai/gpt-3.5-turbo-instruct-0914] }");
  EXPECT_THAT(order(kTools), IsEmpty());
  const ApiError error = plan().nobody();
  EXPECT_EQ(error.code, "unsupported_parameter");
  EXPECT_EQ(error.param, "tools");
  EXPECT_THAT(error.message, HasSubstr("\"m\""));
}

TEST_F(Plans, SayThatNobodyReadsSoMuch) {
  configure(std::string(kOpenAi) + "  m: { targets: [openai/gpt-4, openai/gpt-3.5-turbo] }");
  say_words(20'000);
  EXPECT_THAT(order(), IsEmpty());
  const ApiError error = plan().nobody();
  EXPECT_EQ(error.code, "context_length_exceeded");
  EXPECT_THAT(error.message, HasSubstr("16385"));
}

TEST_F(Plans, LetOneTargetAloneSayItselfWhatItCannot) {
  configure(std::string(kOpenAi) + "  m: openai/gpt-3.5-turbo-instruct");
  EXPECT_THAT(order(kTools), ElementsAre("openai/gpt-3.5-turbo-instruct"));
}

TEST_F(Plans, LeaveOutProvidersWithoutAKey) {
  configure(R"(
providers:
  openai: { type: openai, keys: ["${NONE:-}"] }
  one: { type: simulator }
models:
  m: { targets: [openai/gpt-4o, one/a] }
)");
  EXPECT_THAT(order(), ElementsAre("one/a"));
}

TEST_F(Plans, SayThatTheOnlyProviderHasNoKey) {
  configure(R"(
providers: { openai: { type: openai, keys: ["${NONE:-}"] } }
models: { m: openai/gpt-4o }
)");
  EXPECT_THAT(order(), IsEmpty());
  EXPECT_EQ(plan().nobody().code, "no_healthy_target");
  EXPECT_THAT(plan().nobody().message, HasSubstr("\"openai\" has no key"));
}

TEST_F(Plans, FillInTheNameThatWasAskedFor) {
  configure(std::string(kProviders) + "models:\n  \"w-*\": { targets: [one/$0, two/*-big] }\n");
  asked_ = request("w-x");
  EXPECT_THAT(rest(), ElementsAre("one/w-x", "two/x-big"));
}

TEST_F(Plans, AskThoseOfAListAndNoMoreTheOthers) {
  models(
      "  m: { targets: [one/a, two/b], require: { tier: gold },\n"
      "       on_context_length: [one/long, three/longer, two/longest] }\n");
  ask();
  EXPECT_EQ(label(plan().next(false)), "one/a");
  plan().turn_to(*group_->on_context_length());
  EXPECT_THAT(rest(), ElementsAre("one/long", "two/longest")) << "with the tags of the group";
}

TEST_F(Plans, HoldAListToWhatItsTargetsCanDo) {
  configure(std::string(kOpenAi) +
            "  m: { targets: [one/a], on_context_length: [openai/gpt-4, openai/gpt-4o] }");
  say_words(6000);
  ask(R"("max_tokens":4000)");
  plan().turn_to(*group_->on_context_length());
  EXPECT_THAT(rest(), ElementsAre("openai/gpt-4o"));
}

TEST_F(Plans, ForgetWhatWasTriedWhenAskedTo) {
  models("  m: { targets: [one/a, two/b] }\n");
  EXPECT_FALSE(plan().forget_tries()) << "nobody was tried";
  EXPECT_THAT(rest(), ElementsAre("one/a", "two/b"));
  EXPECT_FALSE(plan().has_another(true));
  EXPECT_TRUE(plan().forget_tries());
  EXPECT_TRUE(plan().has_another(true));
  EXPECT_THAT(rest(), ElementsAre("one/a", "two/b"));
}

}  // namespace
}  // namespace sluice::routing
