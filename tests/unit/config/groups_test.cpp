// Groups of models: how they are read, and what is wrong with them.
#include "config/describe.h"
#include "unit/config/loading.h"

#include <gmock/gmock.h>

namespace sluice::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kProviders =
    "providers: { one: { type: simulator, tags: { region: eu } }, two: { type: simulator } }\n";

std::string with_models(std::string_view models) {
  return std::string(kProviders) + "models:\n" + std::string(models);
}

// What is wrong, behind "sluice.yaml:"; the first model stands on line 3.
std::vector<std::string> mistakes(std::string_view models) {
  auto errors = errors_of(with_models(models));
  for (auto& error : errors) error.erase(0, std::string_view("sluice.yaml:").size());
  return errors;
}

constexpr std::string_view kWhole = R"(
  big: one/big
  assistant:
    strategy: weighted
    targets:
      - big
      - { model: two/m, weight: 3, if: 'request.stream', limits: { concurrent: 8 } }
    on_context_length: [one/long]
    on_content_policy: [one/frank]
    retry: { attempts: 5, on: [timeout, 503, "4xx"], backoff: 0s, max_backoff: 1s }
    commit: { wait: 3s, bytes: 1KiB }
    timeouts: { request: 5m, first_token: 20s, between_tokens: 30s }
    hedge: { after: p99, at_most: 10% }
    resume: true
    sticky: header:X-Session
    learned: { class: 'request.tags.task', explore: 0.1, weights: { quality: 0.5, cost: 0 } }
    shadow: { target: one/shade, sample: 1 }
    require: { region: eu }
    panic: false
    defaults: { temperature: 0.20, stop: ["a\u0001", null], "odd key": { deep: [1e3, true, "1"] } }
    overrides: { max_tokens: 4096 }
  old: { replaced_by: assistant, sunset: "2027-01-31" }
)";

TEST(Groups, AreReadWhole) {
  const auto snapshot = snapshot_of(with_models(kWhole));
  const auto& models = snapshot->config().models;
  ASSERT_EQ(models.size(), 3U);
  const GroupSettings& group = models[1].group.value();

  EXPECT_EQ(group.strategy, StrategyKind::Weighted);
  ASSERT_EQ(group.targets.size(), 2U);
  EXPECT_EQ(group.targets[1].weight, 3U);
  EXPECT_EQ(group.targets[1].when->text(), "request.stream");
  EXPECT_EQ(group.targets[1].limits.concurrent, 8U);
  EXPECT_EQ(group.retry.attempts, 5U);
  EXPECT_FALSE(group.retry.on.connect);
  EXPECT_TRUE(group.retry.on.timeout);
  EXPECT_THAT(group.retry.on.statuses, ElementsAre(503));
  EXPECT_THAT(group.retry.on.status_classes, ElementsAre(4));
  EXPECT_EQ(std::get<double>(group.hedge->after), 0.99);
  EXPECT_EQ(group.hedge->at_most, 0.1);
  EXPECT_EQ(group.sticky->header, "x-session");
  EXPECT_EQ(group.learned.quality, 0.5);
  EXPECT_EQ(group.learned.latency, 0.2);
  EXPECT_EQ(group.shadow->sample, 1);
  EXPECT_EQ(group.defaults[0].json, "0.20");
  EXPECT_EQ(group.defaults[1].json, "[\"a\\u0001\",null]");
  EXPECT_EQ(group.defaults[2].json, "{\"deep\":[1e3,true,\"1\"]}");
  EXPECT_EQ(models[2].replaced_by, "assistant");
  EXPECT_EQ(models[2].sunset, std::chrono::year(2027) / 1 / 31);
}

TEST(Groups, AreWrittenAsTheyAreRead) {
  const auto snapshot = snapshot_of(with_models(kWhole));
  const auto written = to_yaml_masked(snapshot->config());

  EXPECT_EQ(to_yaml_masked(snapshot_of(written)->config()), written);
  EXPECT_THAT(written, HasSubstr("temperature: 0.20\n"));
  EXPECT_THAT(written, HasSubstr("sunset: \"2027-01-31\"\n"));
  EXPECT_THAT(written, HasSubstr("after: p99\n"));
}

TEST(Groups, HaveTheDefaultsOfTheFormat) {
  const auto snapshot = snapshot_of(with_models("  a: { targets: [one/a], hedge: {} }\n"));
  const GroupSettings& group = snapshot->config().models[0].group.value();

  EXPECT_EQ(group.retry.attempts, 3U);
  EXPECT_THAT(group.retry.on.statuses, ElementsAre(429));
  EXPECT_EQ(group.commit.wait, Milliseconds(15'000));
  EXPECT_EQ(std::get<double>(group.hedge->after), 0.95);
  EXPECT_FALSE(group.sticky);
  EXPECT_TRUE(group.panic);
}

TEST(Groups, LoadAgainWhateverTheirFieldsAreCalled) {
  const auto snapshot = snapshot_of(
      with_models("  a: { targets: [one/a], defaults: { \"null\": 1, \"x\\ty\": 2, '${HOME}': 3, "
                  "v: '$${HOME}' } }\n  \"null\": one/b\n"));
  const auto written = to_yaml_masked(snapshot->config());

  EXPECT_EQ(to_yaml_masked(snapshot_of(written)->config()), written);
}

TEST(Groups, AreEitherTargetsOrAnOldName) {
  EXPECT_THAT(mistakes("  a: { strategy: weighted }\n"),
              ElementsAre("3:6: models.a: lacks \"targets\", or \"replaced_by\" for an old name"));
  EXPECT_THAT(mistakes("  a: { targets: [one/a], replaced_by: one/b }\n"),
              ElementsAre("3:8: models.a.targets: means nothing beside replaced_by"));
  EXPECT_THAT(mistakes("  a: { targets: [one/a], sunset: 2027-01-31 }\n"),
              ElementsAre("3:26: models.a.sunset: needs replaced_by beside it"));
}

TEST(Groups, NameTheirTargetsAndWhereTheMistakeStands) {
  EXPECT_THAT(mistakes("  assistant: one/a\n  a: { targets: [one/a, asistant] }\n"),
              ElementsAre("4:25: models.a.targets[1]: expected PROVIDER/MODEL or another name of "
                          "models, not \"asistant\"; did you mean \"assistant\"?"));
  EXPECT_THAT(mistakes("  a: { targets: [{ model: ona/a }] }\n"),
              ElementsAre("3:27: models.a.targets[0].model: there is no provider \"ona\"; did you "
                          "mean \"one\"?"));
  EXPECT_THAT(mistakes("  a: { targets: [one/a], on_context_length: [x] }\n"),
              ElementsAre(HasSubstr("3:46: models.a.on_context_length[0]: expected PROVIDER/")));
  EXPECT_THAT(mistakes("  a: { targets: [one/a], shadow: { target: x } }\n"),
              ElementsAre(HasSubstr("3:44: models.a.shadow.target: expected PROVIDER/")));
  EXPECT_THAT(mistakes("  a: { replaced_by: x }\n"),
              ElementsAre(HasSubstr("3:21: models.a.replaced_by: expected PROVIDER/")));
  EXPECT_THAT(mistakes("  \"a-*\": { targets: [\"$0\"] }\n"),
              ElementsAre("3:22: models.a-*.targets[0]: expected PROVIDER/ before * and $0, not "
                          "\"$0\""));
}

TEST(Groups, LeadNowhereInACircle) {
  EXPECT_THAT(mistakes("  a: { targets: [one/a, b] }\n  b: c\n  c: { replaced_by: a }\n"),
              ElementsAre("5:21: models.c.replaced_by: leads back to itself: a → b → c → a"));
  EXPECT_THAT(mistakes("  a: { targets: [a] }\n"),
              ElementsAre("3:18: models.a.targets[0]: leads back to itself: a → a"));
  EXPECT_THAT(mistakes("  a: { targets: [one/a], on_context_length: [a] }\n"),
              ElementsAre("3:46: models.a.on_context_length[0]: leads back to itself: a → a"));
  EXPECT_THAT(mistakes("  \"a-*\": a-b\n"), ElementsAre(HasSubstr("a-* → a-*")));
  EXPECT_THAT(mistakes("  one/a: { targets: [one/a, two/a] }\n"), IsEmpty());
  EXPECT_THAT(mistakes("  a: { targets: [one/a], on_context_length: [b] }\n"
                       "  b: { targets: [one/b], on_context_length: [a] }\n"),
              IsEmpty());
}

TEST(Groups, AreOfBoundedSize) {
  std::string chain = "  a0: one/a\n";
  for (int i = 1; i < 18; ++i)
    chain += "  a" + std::to_string(i) + ": a" + std::to_string(i - 1) + "\n";
  EXPECT_THAT(mistakes(chain),
              ElementsAre("19:8: models.a16: names others over more than 16 levels"));

  std::string doubling = "  a0: one/a\n";
  for (int i = 1; i < 9; ++i) {
    const auto before = "a" + std::to_string(i - 1);
    doubling += "  a" + std::to_string(i) + ": { targets: [" + before + ", " + before + "] }\n";
  }
  EXPECT_THAT(mistakes(doubling), ElementsAre("11:7: models.a8: has more than 255 targets in all"));
}

TEST(Groups, NeedAWeightAboveZero) {
  EXPECT_THAT(mistakes("  a: { targets: [{ model: one/a, weight: 0 }] }\n"),
              ElementsAre("3:17: models.a.targets: expected a weight above zero for one of them"));
  EXPECT_THAT(mistakes("  a: { targets: [one/a, { model: one/b, weight: 0 }] }\n"), IsEmpty());
}

TEST(Groups, NeedATargetWithTheTagsThatTheyRequire) {
  const std::string why = "no target's provider has the tags that are required";
  EXPECT_THAT(mistakes("  a: { targets: [two/a], require: { region: eu } }\n"),
              ElementsAre("3:35: models.a.require: " + why));
  EXPECT_THAT(mistakes("  a: { targets: [one/a], shadow: { target: two/a }, "
                       "require: { region: eu } }\n"),
              ElementsAre("3:34: models.a.shadow: " + why));
  EXPECT_THAT(mistakes("  a: { targets: [b, two/a], require: { region: eu } }\n"
                       "  b: { targets: [two/a, one/a] }\n"),
              IsEmpty());
}

TEST(Groups, TellTheColumnOfAMistakeInACondition) {
  const auto column = [](const std::string& condition) {
    const auto found = mistakes("  a: { targets: [{ model: one/a, if: " + condition + " }] }\n");
    return found.size() == 1 ? found[0].substr(0, found[0].find(": ")) : "";
  };
  EXPECT_EQ(column("'request.stream and nope'"), "3:58");
  EXPECT_EQ(column("\"request.stream and nope\""), "3:58");
  EXPECT_EQ(column("request.stream and nope"), "3:57");
  EXPECT_EQ(column("'request.user == ''a'' and nope'"), "3:65");
  EXPECT_EQ(column("\"request.user == \\\"a\\\" and nope\""), "3:65");
  EXPECT_THAT(mistakes("  a:\n    targets:\n      - model: one/a\n        if: >-\n"
                       "          request.stream\n          and nope\n"),
              ElementsAre(HasSubstr("(at byte 20 of the text)")));
}

TEST(Groups, RepeatNothingThatAVariableGave) {
  FakeEnvironment environment;
  environment.variables["CANARY"] = "canary";
  for (const auto* models :
       {"  a: { targets: [{ model: one/a, if: '${CANARY}' }] }\n", "  a: '${CANARY}/x'\n",
        "  a: { targets: ['${CANARY}'] }\n", "  a: { replaced_by: '${CANARY}' }\n"}) {
    const auto errors = errors_of(with_models(models), environment);
    ASSERT_EQ(errors.size(), 1U) << models;
    EXPECT_THAT(errors[0], testing::Not(HasSubstr("canary")));
  }
}

TEST(Groups, RefuseBadWords) {
  const auto group = [](const std::string& rest) {
    return mistakes("  a: { targets: [one/a], " + rest + " }\n");
  };
  EXPECT_THAT(group("retry: { on: [\"200\"] }"), ElementsAre(HasSubstr("expected connect, time")));
  EXPECT_THAT(group("hedge: { after: p5 }"), ElementsAre(HasSubstr("expected p50 to p99, or")));
  EXPECT_THAT(group("sticky: key"), ElementsAre(HasSubstr("expected user, prompt or header:NAME")));
  EXPECT_THAT(group("strategy: cheap"), ElementsAre(HasSubstr("expected fallback, weighted,")));
  EXPECT_THAT(group("defaults: { messages: [] }"),
              ElementsAre("3:38: models.a.defaults.messages: this field is the caller's alone"));
  EXPECT_THAT(group("overrides: { n: 0x10 }"), ElementsAre(HasSubstr("as JSON writes them")));
  EXPECT_THAT(group("learned: { weights: { quality: 0, cost: 0, latency: 0 } }"),
              ElementsAre(HasSubstr("models.a.learned.weights: expected a weight above zero")));
  EXPECT_THAT(errors_of("providers: { p: { type: simulator, breaker: { ratio: 0 } } }\n"),
              ElementsAre(HasSubstr("providers.p.breaker.ratio: expected a ratio above zero")));
}

}  // namespace
}  // namespace sluice::config
