#include "cli/commands.h"

#include "config/built_in.h"
#include "providers/simulator/models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace sluice::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class TextFile {
 public:
  explicit TextFile(const std::string& text) {
    std::string name = std::filesystem::temp_directory_path() / "sluice-commands-XXXXXX";
    ::close(::mkstemp(name.data()));
    path_ = name;
    std::ofstream(path_) << text;
  }
  ~TextFile() { std::filesystem::remove(path_); }
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

Ran ran(const Invocation& invocation) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = run(invocation, out, err);
  return {code, out.str(), err.str()};
}

Ran checked(const std::string& path, bool no_secrets = false) {
  return ran({.command = Command::Check, .config = path, .no_secrets = no_secrets});
}

const std::string kGood = R"(
providers:
  sim: { type: simulator }
  up: { type: openai-compatible, base_url: "https://up.example/v1" }
models:
  fast: up/gpt-fast
  "claude-*": up/*
auth: { required: false }
)";

TEST(Check, SaysThatAFileIsGood) {
  const TextFile file(kGood);

  const Ran done = checked(file.path());

  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.out, file.path() + ": ok\n");
}

TEST(Check, SaysWhatIsWrongAndWhere) {
  const TextFile file("version: 1\nservr: {}\n");

  const Ran done = checked(file.path());

  EXPECT_EQ(done.code, 1);
  EXPECT_EQ(done.out, "");
  EXPECT_THAT(done.err, StartsWith(file.path() + ":2:1: "));
}

TEST(Check, SaysThatAFileIsNotThere) {
  const Ran done = checked("/nowhere/sluice.yaml");

  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.err, StartsWith("/nowhere/sluice.yaml:1:1: "));
}

TEST(Check, WantsSecretsUnlessToldOtherwise) {
  ::unsetenv("SLUICE_TEST_NOTHING");
  const TextFile file(kGood.substr(0, kGood.find("auth:")) +
                      "auth: { keys: [{ name: one, secret: \"${SLUICE_TEST_NOTHING}\" }] }\n");

  EXPECT_EQ(checked(file.path()).code, 1);
  EXPECT_THAT(checked(file.path()).err, HasSubstr("SLUICE_TEST_NOTHING"));
  EXPECT_EQ(checked(file.path(), true).code, 0);
}

TEST(Check, PrintsWarningsOfAGoodFile) {
  const TextFile file(
      "providers: { up: { type: openai, tls: { verify: false }, keys: [x] } }\n"
      "auth: { required: false }\n");

  const Ran done = checked(file.path());

  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(done.err, HasSubstr(": warning: "));
  EXPECT_EQ(done.out, file.path() + ": ok\n");
}

TEST(Schema, IsJson) {
  const Ran done = ran({.command = Command::Schema});

  EXPECT_EQ(done.code, 0);
  EXPECT_TRUE(nlohmann::json::parse(done.out)["properties"].contains("providers"));
}

TEST(Providers, ListsEveryTypeAndWhatItCanDo) {
  const Ran done = ran({.command = Command::Providers});

  std::istringstream lines(done.out);
  std::string line;
  std::getline(lines, line);
  EXPECT_THAT(line, StartsWith("TYPE "));
  for (const ProviderKind& kind : config::built_in_kinds()) {
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_THAT(line, StartsWith(std::string(kind.type) + " "));
    EXPECT_THAT(line, HasSubstr(" " + std::to_string(kind.models.size()) + " "));
    EXPECT_THAT(line, HasSubstr(kind.base_url.empty() ? " - " : std::string(kind.base_url)));
    EXPECT_THAT(line, HasSubstr("raw"));
  }
  EXPECT_FALSE(std::getline(lines, line)) << line;
}

TEST(Models, ListsWhatTheCatalogueKnowsOfThem) {
  const TextFile file("providers: { ai: { type: openai, keys: [k] } }\n");

  const Ran done = ran({.command = Command::Models, .config = file.path()});

  EXPECT_THAT(done.out, HasSubstr("\nai/gpt-4o "));
  EXPECT_THAT(done.out, HasSubstr("  128000 tokens, up to 16384 of output\n"));
}

TEST(Models, ListsWhatCallersMayAskFor) {
  const TextFile file(kGood);

  const Ran done = ran({.command = Command::Models, .config = file.path()});

  EXPECT_EQ(done.code, 0);
  EXPECT_THAT(done.out, HasSubstr("\nfast "));
  EXPECT_THAT(done.out, HasSubstr("  up/gpt-fast\n"));
  EXPECT_THAT(done.out, HasSubstr("\nclaude-* "));
  EXPECT_THAT(done.out, HasSubstr("\nup/... "));
  for (const auto& model : providers::simulator::known_models()) {
    EXPECT_THAT(done.out, HasSubstr("\nsim/" + std::string(model.name) + " "));
  }
  EXPECT_THAT(done.out, HasSubstr("\nsim/lorem-N "));
}

TEST(Models, ListsOnlyEntriesWhereProvidersCannotBeNamed) {
  const TextFile file(kGood + "server: { direct_models: false }\n");

  const Ran done = ran({.command = Command::Models, .config = file.path()});

  EXPECT_THAT(done.out, HasSubstr("\nfast "));
  EXPECT_THAT(done.out, Not(HasSubstr("sim/")));
}

TEST(Models, NeedsAFileThatIsGood) {
  const TextFile file("models: 5\n");

  const Ran done = ran({.command = Command::Models, .config = file.path()});

  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.err, StartsWith(file.path() + ":1:"));
}

TEST(Version, NamesWhatItIsBuiltWith) {
  const Ran text = ran({.command = Command::Version});
  const auto json = nlohmann::json::parse(ran({.command = Command::Version, .json = true}).out);

  EXPECT_THAT(text.out, StartsWith("sluice 0.1.0\nOpenSSL 3"));
  EXPECT_EQ(json["version"], "0.1.0");
  EXPECT_THAT(json["openssl"].get<std::string>(), StartsWith("OpenSSL 3"));
  EXPECT_THAT(json["compiler"].get<std::string>(), StartsWith("clang "));
}

TEST(Run, PassesOnWhatParsingFound) {
  EXPECT_EQ(ran({.command = Command::None, .exit_code = 2}).code, 2);
}

}  // namespace
}  // namespace sluice::cli
