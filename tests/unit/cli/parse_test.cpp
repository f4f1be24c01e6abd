#include "cli/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <vector>

namespace sluice::cli {
namespace {

using ::testing::HasSubstr;

struct Parsed {
  Invocation invocation;
  std::string out;
  std::string err;
};

Parsed parsed(std::initializer_list<const char*> arguments) {
  std::vector<const char*> all{"sluice"};
  all.insert(all.end(), arguments);
  std::ostringstream out;
  std::ostringstream err;
  Invocation invocation = parse(static_cast<int>(all.size()), all.data(), out, err);
  return {std::move(invocation), out.str(), err.str()};
}

Invocation asked(std::initializer_list<const char*> arguments) {
  const Parsed all = parsed(arguments);
  EXPECT_EQ(all.err, "");
  return all.invocation;
}

// A working directory for as long as it lives.
class Within {
 public:
  Within() : before_(std::filesystem::current_path()) {
    std::string name = std::filesystem::temp_directory_path() / "sluice-cli-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    std::filesystem::current_path(folder_);
  }
  ~Within() {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder_);
  }
  Within(const Within&) = delete;
  Within& operator=(const Within&) = delete;

 private:
  std::filesystem::path before_;
  std::filesystem::path folder_;
};

TEST(Parse, ServesWhenNothingElseIsAsked) {
  EXPECT_EQ(asked({}).command, Command::Serve);
  EXPECT_EQ(asked({"serve"}).command, Command::Serve);
  EXPECT_EQ(asked({"-c", "a.yaml"}).config, "a.yaml");
  EXPECT_EQ(asked({"-c", "a.yaml"}).command, Command::Serve);
  EXPECT_EQ(asked({"serve", "-c", "a.yaml"}).config, "a.yaml");
  EXPECT_EQ(asked({"serve", "--config=a.yaml"}).config, "a.yaml");
}

TEST(Parse, PrefersTheConfigurationAtHandToTheSystems) {
  const Within folder;
  EXPECT_EQ(asked({}).config, "/etc/sluice/sluice.yaml");

  std::filesystem::create_directory("config");
  std::ofstream("config/sluice.yaml") << "version: 1\n";

  EXPECT_EQ(asked({}).config, "config/sluice.yaml");
  EXPECT_EQ(asked({"models"}).config, "config/sluice.yaml");
}

TEST(Parse, ReadsTheOtherCommands) {
  EXPECT_EQ(asked({"schema"}).command, Command::Schema);
  EXPECT_EQ(asked({"providers"}).command, Command::Providers);
  EXPECT_EQ(asked({"models", "-c", "a.yaml"}).command, Command::Models);
  EXPECT_EQ(asked({"models", "-c", "a.yaml"}).config, "a.yaml");
  EXPECT_EQ(asked({"version"}).command, Command::Version);
  EXPECT_FALSE(asked({"version"}).json);
  EXPECT_TRUE(asked({"version", "--json"}).json);
}

TEST(Parse, ReadsWhatToCheck) {
  const Invocation plain = asked({"check", "a.yaml"});
  EXPECT_EQ(plain.command, Command::Check);
  EXPECT_EQ(plain.config, "a.yaml");
  EXPECT_FALSE(plain.no_secrets);
  EXPECT_TRUE(asked({"check", "--no-secrets", "a.yaml"}).no_secrets);
  EXPECT_TRUE(asked({"check", "a.yaml", "--no-secrets"}).no_secrets);
}

TEST(Parse, ReadsHowToSimulate) {
  const Invocation all = asked({"simulate", "--port", "9000", "--host", "::1", "--workers", "3",
                                "--seed", "7", "--delay", "20ms", "--key", "sk-1"});

  EXPECT_EQ(all.command, Command::Simulate);
  EXPECT_EQ(all.simulate.port, 9000);
  EXPECT_EQ(all.simulate.host, "::1");
  EXPECT_EQ(all.simulate.workers, 3u);
  EXPECT_EQ(all.simulate.seed, 7u);
  EXPECT_EQ(all.simulate.delay, std::chrono::milliseconds(20));
  EXPECT_EQ(all.simulate.key, "sk-1");
  EXPECT_FALSE(all.simulate.tls_self_signed);
}

TEST(Parse, ReadsWhichCertificateToSimulateWith) {
  const SimulateOptions own =
      asked({"simulate", "--port", "0", "--tls-certificate", "c.pem", "--tls-key", "k.pem"})
          .simulate;
  EXPECT_EQ(own.tls_certificate, "c.pem");
  EXPECT_EQ(own.tls_key, "k.pem");
  const SimulateOptions made =
      asked({"simulate", "--port", "0", "--tls-self-signed", "--ca-out", "ca.pem"}).simulate;
  EXPECT_TRUE(made.tls_self_signed);
  EXPECT_EQ(made.ca_out, "ca.pem");
}

TEST(Parse, HelpsWithExamples) {
  const Parsed help = parsed({"--help"});

  EXPECT_EQ(help.invocation.command, Command::None);
  EXPECT_EQ(help.invocation.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("Examples:"));
  EXPECT_THAT(help.out, HasSubstr("simulate"));
  EXPECT_THAT(parsed({"simulate", "--help"}).out, HasSubstr("--tls-self-signed"));
}

TEST(Parse, SaysItsVersion) {
  const Parsed version = parsed({"--version"});

  EXPECT_EQ(version.invocation.exit_code, 0);
  EXPECT_EQ(version.out, "sluice 0.1.0\n");
}

class Wrong : public ::testing::TestWithParam<std::vector<const char*>> {};

TEST_P(Wrong, IsSaidInShortWithStatusTwo) {
  std::vector<const char*> all{"sluice"};
  all.insert(all.end(), GetParam().begin(), GetParam().end());
  std::ostringstream out;
  std::ostringstream err;

  const Invocation invocation = parse(static_cast<int>(all.size()), all.data(), out, err);

  EXPECT_EQ(invocation.command, Command::None);
  EXPECT_EQ(invocation.exit_code, 2);
  EXPECT_EQ(out.str(), "");
  EXPECT_THAT(err.str(), ::testing::StartsWith("sluice: "));
  EXPECT_LE(std::ranges::count(err.str(), '\n'), 2);
}

using Arguments = std::vector<const char*>;
INSTANTIATE_TEST_SUITE_P(
    Parse, Wrong,
    ::testing::Values(Arguments{"nonsense"}, Arguments{"--nonsense"}, Arguments{"serve", "a.yaml"},
                      Arguments{"check"}, Arguments{"check", "a", "b"}, Arguments{"-c"},
                      Arguments{"schema", "providers"}, Arguments{"simulate"},
                      Arguments{"simulate", "--port", "65536"},
                      Arguments{"simulate", "--port", "-1"},
                      Arguments{"simulate", "--port", "http"},
                      Arguments{"simulate", "--port", "0", "--workers", "0"},
                      Arguments{"simulate", "--port", "0", "--delay", "soon"},
                      Arguments{"simulate", "--port", "0", "--tls-key", "k"},
                      Arguments{"simulate", "--port", "0", "--tls-certificate", "c"},
                      Arguments{"simulate", "--port", "0", "--ca-out", "ca"},
                      Arguments{"simulate", "--port", "0", "--tls-self-signed", "--tls-certificate",
                                "c", "--tls-key", "k"}));

}  // namespace
}  // namespace sluice::cli
