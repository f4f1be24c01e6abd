#include "config/watch.h"

#include "config/environment.h"

#include <gtest/gtest.h>

#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace sluice::config {
namespace {

class TemporaryFolder : public testing::Test {
 protected:
  TemporaryFolder() {
    std::string pattern = testing::TempDir() + "sluice-config-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
  }

  std::string folder_;
};

using Watch = TemporaryFolder;

bool readable(const FileWatch& watch) {
  pollfd waiting{watch.fd(), POLLIN, 0};
  return ::poll(&waiting, 1, 0) == 1;
}

TEST_F(Watch, SeesAFileThatIsWritten) {
  write("a.yaml", "one");
  FileWatch watch({path("a.yaml")});
  EXPECT_FALSE(watch.changed());

  write("a.yaml", "longer");

  EXPECT_TRUE(readable(watch));
  EXPECT_TRUE(watch.changed());
  EXPECT_FALSE(watch.changed());
  EXPECT_FALSE(readable(watch));
}

TEST_F(Watch, SeesAFileThatIsRenamedOverIt) {
  write("a.yaml", "one");
  FileWatch watch({path("a.yaml")});

  write("a.yaml.new", "two");
  std::filesystem::rename(path("a.yaml.new"), path("a.yaml"));

  EXPECT_TRUE(readable(watch));
  EXPECT_TRUE(watch.changed());
}

TEST_F(Watch, DoesNotCareForOtherFilesOfTheFolder) {
  write("a.yaml", "one");
  FileWatch watch({path("a.yaml")});

  write("b.yaml", "two");

  EXPECT_FALSE(watch.changed());
}

TEST_F(Watch, SeesTheLinksOfKubernetesSwapped) {
  std::filesystem::create_directory(path("..1"));
  std::filesystem::create_directory(path("..2"));
  write("..1/a.yaml", "one");
  write("..2/a.yaml", "two");
  std::filesystem::create_symlink("..1", path("..data"));
  std::filesystem::create_symlink("..data/a.yaml", path("a.yaml"));
  FileWatch watch({path("a.yaml")});

  std::filesystem::create_symlink("..2", path("..data_tmp"));
  std::filesystem::rename(path("..data_tmp"), path("..data"));
  std::filesystem::remove_all(path("..1"));

  EXPECT_TRUE(readable(watch));
  EXPECT_TRUE(watch.changed());
  EXPECT_FALSE(watch.changed());
}

TEST_F(Watch, SeesAFileGoAndComeBack) {
  write("a.yaml", "one");
  FileWatch watch({path("a.yaml")});

  std::filesystem::remove(path("a.yaml"));
  EXPECT_TRUE(watch.changed());
  EXPECT_FALSE(watch.changed());

  write("a.yaml", "one");
  EXPECT_TRUE(readable(watch));
  EXPECT_TRUE(watch.changed());
}

TEST_F(Watch, FollowsTheFilesOfTheNextConfiguration) {
  write("a.yaml", "one");
  write("b.pem", "one");
  FileWatch watch({path("a.yaml")});

  watch.replace({path("a.yaml"), path("b.pem")});
  write("b.pem", "longer");

  EXPECT_TRUE(readable(watch));
  EXPECT_TRUE(watch.changed());
}

using ThisProcess = TemporaryFolder;

TEST_F(ThisProcess, ReadsFilesWhole) {
  const std::string text(100'000, 'x');
  write("a", text);
  write("empty", "");

  EXPECT_EQ(*ProcessEnvironment().file(path("a")), text);
  EXPECT_EQ(*ProcessEnvironment().file(path("empty")), "");
}

TEST_F(ThisProcess, RefusesFoldersMissingFilesAndLargeFiles) {
  write("large", std::string(kMaxFileBytes + 1, 'x'));
  const auto error = [](const std::string& path) {
    const auto read = ProcessEnvironment().file(path);
    return read ? "" : read.error()->message;
  };

  EXPECT_EQ(error(folder_), "cannot read it: it is a folder");
  EXPECT_EQ(error(path("gone")), "cannot read it: No such file or directory");
  EXPECT_EQ(error(path("large")), "cannot read it: it is larger than 4MiB");
}

TEST_F(ThisProcess, ReadsVariables) {
  ::setenv("SLUICE_CONFIG_TEST", "value", 1);

  EXPECT_EQ(ProcessEnvironment().variable("SLUICE_CONFIG_TEST"), "value");
  EXPECT_EQ(ProcessEnvironment().variable("SLUICE_CONFIG_TEST_MISSING"), std::nullopt);
}

}  // namespace
}  // namespace sluice::config
