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

}  // namespace
}  // namespace sluice::middleware
