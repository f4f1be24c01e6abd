// What this build reads of the whole format, and what its own files say.
#include "config/describe.h"
#include "unit/config/loading.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace sluice::config {
namespace {

using testing::ElementsAreArray;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kSource = SLUICE_SOURCE_DIR;

std::string content(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The key of "FILE:LINE:COL: PATH: message", names of providers and models as *.
std::string path_of(const Diagnostic& diagnostic) {
  auto path = diagnostic.message.substr(0, diagnostic.message.find(": "));
  for (const std::string section : {"providers.", "models."}) {
    if (!path.starts_with(section)) continue;
    const auto end = std::min(path.find('.', section.size()), path.size());
    path.replace(section.size(), end - section.size(), "*");
  }
  for (auto at = path.find("[0]"); at != std::string::npos; at = path.find("[0]")) {
    path.replace(at, 3, "[]");
  }
  return path;
}

TEST(Contract, RefusesExactlyWhatThisBuildHasNotOfTheWholeFormat) {
  const ProcessEnvironment environment;
  const auto loaded = load(kSource + "/tests/unit/config/data/sluice.reference.yaml", environment,
                           {.max_errors = 1000});
  ASSERT_FALSE(loaded);

  std::set<std::string> refused;
  for (const auto& error : loaded.error()) {
    EXPECT_THAT(error.message, EndsWith("is not in this build yet"));
    refused.insert(path_of(error));
  }
  std::set<std::string> expected;
  for (const auto& [path, value] : not_in_this_build()) expected.insert(path);
  // The format names these only in comments, or shows another of their values.
  for (const auto* path : {"auth.keys[].limits", "auth.keys[].budget", "admin.tokens[].role",
                           "providers.*.limits.burst", "models.*.targets[].limits.burst"}) {
    EXPECT_EQ(expected.erase(path), 1U) << path;
  }
  EXPECT_EQ(refused, expected);
}

TEST(Contract, ListsWhatThisBuildHasNot) {
  std::vector<std::string> keys;
  std::vector<std::string> values;
  for (const auto& [path, value] : not_in_this_build()) {
    if (value.empty()) {
      keys.push_back(path);
    } else {
      values.push_back(path + "=" + value);
    }
  }

  EXPECT_THAT(keys, ElementsAreArray(
                        {"storage", "providers.*.limits.burst", "models.*.targets[].limits.burst",
                         "models.*.cache", "auth.keys[].team", "auth.keys[].limits",
                         "auth.keys[].budget", "auth.jwt", "teams", "limits", "cache", "redaction",
                         "guardrails", "prompts", "telemetry.metrics.litellm_names",
                         "telemetry.traces", "telemetry.audit", "telemetry.alerts"}));
  EXPECT_THAT(values, testing::ElementsAre("admin.tokens[].role=team_admin"));
}

TEST(Contract, ChecksTheShapeOfWhatThisBuildHasNot) {
  EXPECT_THAT(errors_of("storage: { durability: soon, databse: x }\n"),
              testing::UnorderedElementsAre(
                  HasSubstr("1:1: storage: is not in this build yet"),
                  HasSubstr("storage.durability: expected a duration such as 10ms, or strict"),
                  HasSubstr("storage.databse: unknown key; did you mean \"database\"?")));
  EXPECT_THAT(errors_of("models: { a: { targets: [{ model: p/m, limits: { burst: x } }] } }\n"),
              testing::UnorderedElementsAre(
                  HasSubstr("1:50: models.a.targets[0].limits.burst: is not in this build yet"),
                  HasSubstr("models.a.targets[0].limits.burst: expected a count")));
}

TEST(Contract, LoadsEveryFileThatItComesWith) {
  FakeEnvironment environment;
  environment.variables["SLUICE_APP_KEY"] = "sk-app";
  int loaded_files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kSource + "/config")) {
    const auto path = entry.path().string();
    if (!path.ends_with("sluice.yaml") && path.find("/examples/") == std::string::npos) continue;
    const auto loaded = load_text(content(path), path, environment);
    EXPECT_TRUE(loaded) << testing::PrintToString(loaded ? std::vector<std::string>()
                                                         : texts(loaded.error()));
    ++loaded_files;
  }
  EXPECT_GE(loaded_files, 5);
}

TEST(Contract, ServesByDefaultWithoutAKeyAndOnlyThisMachine) {
  const auto snapshot = snapshot_of(content(kSource + "/config/sluice.yaml"));
  const auto& config = snapshot->config();

  EXPECT_THAT(snapshot->warnings(), IsEmpty());
  EXPECT_FALSE(config.auth.required);
  for (const auto& address : config.server.listen) EXPECT_TRUE(address.is_local());
  EXPECT_TRUE(config.admin.listen.is_local());
  ASSERT_EQ(config.providers.size(), 1U);
  EXPECT_TRUE(config.providers[0].is(Api::Simulator));
  Arena arena;
  EXPECT_TRUE(snapshot->models().find("hello", arena));
}

// SLUICE_UPDATE=1 writes the page instead.
TEST(Contract, HasAReferencePageThatIsTheTable) {
  const auto path = kSource + "/docs/configuration.md";
  if (std::getenv("SLUICE_UPDATE")) std::ofstream(path) << reference_markdown();

  EXPECT_EQ(content(path), reference_markdown()) << "write it again with SLUICE_UPDATE=1";
}

}  // namespace
}  // namespace sluice::config
