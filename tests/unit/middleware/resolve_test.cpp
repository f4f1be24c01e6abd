#include "middleware/resolve.h"

#include "unit/middleware/scene.h"

#include <gmock/gmock.h>

namespace sluice::middleware {
namespace {

using testing::HasSubstr;

constexpr std::string_view kConfig = R"(
providers:
  one: { type: simulator }
  two: { type: simulator }
models:
  cheap: one/sim-small
  fast: two/sim-large
  "team-*": two/*
  group: { targets: [one/a, { model: two/b, if: 'request.stream' }], timeouts: { request: 5s } }
  old: { replaced_by: group, sunset: "2027-01-31" }
  older: { replaced_by: old }
)";

class Resolving : public Scene {
 protected:
  Resolving() { configure(kConfig); }

  // "provider model" of the only candidate, or the failure's code.
  std::string resolved(std::string_view model) {
    request_.model = model;
    const auto reply = run_now(resolve_.handle(context_, request_, Next({}, caller_)));
    if (!reply) {
      message_ = reply.error()->message;
      return std::string(reply.error()->code);
    }
    const Candidate& only = caller_.candidates.at(0);
    return context_.config->config().providers[only.provider].name + " " + std::string(only.model);
  }

  Resolve resolve_;
  std::string message_;
};

TEST_F(Resolving, FindsEntriesProvidersAndWildcards) {
  EXPECT_EQ(resolved("cheap"), "one sim-small");
  EXPECT_EQ(resolved("two/any/thing"), "two any/thing");
  EXPECT_EQ(resolved("team-red"), "two red");
}

TEST_F(Resolving, TellsTheNearestNamesOfOneThatIsNotThere) {
  EXPECT_EQ(resolved("chaep"), "model_not_found");
  EXPECT_THAT(message_, HasSubstr("cheap"));
  EXPECT_EQ(caller_.calls, 0);
}

TEST_F(Resolving, WantsAModelWhereTheOperationNeedsOne) {
  EXPECT_EQ(resolved(""), "invalid_request");
  request_.operation = Operation::Moderations;
  EXPECT_EQ(resolved(""), "one ");
}

TEST_F(Resolving, TakesTheProviderThatThePathNames) {
  request_.provider = "two";
  EXPECT_EQ(resolved("cheap"), "two cheap");
  request_.provider = "three";
  EXPECT_EQ(resolved("cheap"), "not_found");
}

TEST_F(Resolving, KnowsOnlyEntriesWhereModelsAreNotDirect) {
  configure(std::string(kConfig) + "server: { direct_models: false }\n");

  EXPECT_EQ(resolved("cheap"), "one sim-small");
  EXPECT_EQ(resolved("one/sim-small"), "model_not_found");
  request_.provider = "one";
  EXPECT_EQ(resolved("sim-small"), "model_not_found");
}

TEST_F(Resolving, HandsOnEveryTargetOfAGroup) {
  EXPECT_EQ(resolved("group"), "one a");
  ASSERT_EQ(caller_.candidates.size(), 2U);
  EXPECT_EQ(caller_.candidates[1].model, "b");
  EXPECT_EQ(caller_.candidates[1].place, 1);
  EXPECT_EQ(request_.entry, 3);
  EXPECT_TRUE(context_.notices.empty());
  EXPECT_EQ(resolved("two/b"), "two b");
  EXPECT_FALSE(request_.entry);
}

TEST_F(Resolving, MovesTheDeadlineCloserAndNeverFurther) {
  context_.arrival = clock_.now();
  context_.deadline = kNever;
  resolved("group");
  EXPECT_EQ(context_.deadline, context_.arrival + std::chrono::seconds(5));
  context_.deadline = context_.arrival + std::chrono::seconds(1);
  resolved("group");
  EXPECT_EQ(context_.deadline, context_.arrival + std::chrono::seconds(1));
}

TEST_F(Resolving, SaysThatANameWillGoAway) {
  EXPECT_EQ(resolved("old"), "one a");
  ASSERT_EQ(context_.notices.size(), 3U);
  EXPECT_EQ(context_.notices[0].name, "deprecation");
  EXPECT_EQ(context_.notices[0].value, "true");
  EXPECT_EQ(context_.notices[1].name, "sunset");
  EXPECT_EQ(context_.notices[1].value, "Sun, 31 Jan 2027 23:59:59 GMT");
  EXPECT_EQ(context_.notices[2].name, "x-sluice-replaced-by");
  EXPECT_EQ(context_.notices[2].value, "group");
  EXPECT_EQ(request_.entry, 3);

  EXPECT_EQ(resolved("older"), "one a");
  ASSERT_EQ(context_.notices.size(), 2U);
  EXPECT_EQ(context_.notices[1].value, "group");
}

}  // namespace
}  // namespace sluice::middleware
