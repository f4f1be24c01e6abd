#include "base/log.h"

#include "base/scrub.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace sluice::log {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Sends the diagnostics to a file of its own, and back to stderr at the end.
class Log : public testing::Test {
 protected:
  Log() : file_(fs::path(testing::TempDir()) / ("log_test." + std::to_string(::getpid()))) {
    fs::remove(file_);
  }
  ~Log() override {
    set_secrets({});
    EXPECT_TRUE(configure({}));
    fs::remove(file_);
  }

  void begin(Level level, Format format) {
    ASSERT_TRUE(configure({.level = level, .format = format, .to = "file:" + file_.string()}));
  }
  // Without the time, which stands first.
  std::string logged(std::string_view from) const {
    const auto text = contents(file_);
    const auto at = text.find(from);
    return at == std::string::npos ? text : text.substr(at);
  }

  const fs::path file_;
};

TEST_F(Log, WritesAJsonObjectPerLine) {
  begin(Level::Info, Format::Json);

  warn("net", "closed \"early\"",
       {{"provider", "openai"}, {"bytes", 12}, {"again", false}, {"share", 0.5}});

  EXPECT_TRUE(contents(file_).starts_with(R"({"time":"20)")) << contents(file_);
  EXPECT_EQ(logged("\"level\""),
            R"("level":"warning","area":"net","msg":"closed \"early\"","provider":"openai",)"
            R"("bytes":12,"again":false,"share":0.5})"
            "\n");
}

TEST_F(Log, WritesAShortLineForPeople) {
  begin(Level::Info, Format::Text);

  info("config", "reloaded", {{"file", "a b.yaml"}, {"models", 3}});

  EXPECT_EQ(logged("info"), "info config: reloaded file=\"a b.yaml\" models=3\n");
}

TEST_F(Log, KeepsALineALine) {
  begin(Level::Info, Format::Text);

  info("net", "one\ntwo", {{"text", "three\nfour"}});

  EXPECT_EQ(logged("info"), "info net: one\\ntwo text=\"three\\nfour\"\n");
}

TEST_F(Log, SaysNothingBelowItsLevel) {
  begin(Level::Warn, Format::Json);

  info("net", "quiet");
  debug("net", "quieter");
  EXPECT_EQ(contents(file_), "");

  begin(Level::Debug, Format::Json);
  debug("net", "loud");
  EXPECT_NE(contents(file_).find("loud"), std::string::npos);
}

TEST_F(Log, ShowsNoConfiguredSecret) {
  begin(Level::Info, Format::Json);
  set_secrets({"hunter2hunter2"});

  error("provider", "said hunter2hunter2", {{"body", "wrong: hunter2hunter2!"}});

  EXPECT_EQ(contents(file_).find("hunter2"), std::string::npos);
  EXPECT_NE(contents(file_).find("wrong: [redacted]!"), std::string::npos);
}

TEST_F(Log, KeepsItsTargetWhenTheNewOneCannotBeOpened) {
  begin(Level::Info, Format::Json);

  const auto result = configure({.level = Level::Info, .to = "file:/nonexistent/folder/log"});
  info("net", "still here");

  ASSERT_FALSE(result);
  EXPECT_NE(result.error()->message.find("/nonexistent/folder/log"), std::string::npos);
  EXPECT_NE(contents(file_).find("still here"), std::string::npos);
}

TEST_F(Log, RefusesATargetItDoesNotKnow) {
  EXPECT_FALSE(configure({.to = "syslog"}));
}

TEST_F(Log, FollowsARotatedFile) {
  begin(Level::Info, Format::Json);
  const auto rotated = file_.string() + ".1";
  info("net", "first");
  fs::rename(file_, rotated);

  ASSERT_TRUE(sink().reopen());
  info("net", "second");

  EXPECT_NE(contents(rotated).find("first"), std::string::npos);
  EXPECT_EQ(contents(file_).find("first"), std::string::npos);
  EXPECT_NE(contents(file_).find("second"), std::string::npos);
  fs::remove(rotated);
}

// A pipe of which the test holds the reading end.
class Pipe {
 public:
  Pipe() : path_(fs::path(testing::TempDir()) / ("log_pipe." + std::to_string(::getpid()))) {
    fs::remove(path_);
    EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    reader_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  }
  ~Pipe() {
    ::close(reader_);
    fs::remove(path_);
  }

  std::string target() const { return "file:" + path_.string(); }
  std::string read_all() const {
    std::string text;
    char bytes[4096];
    for (ssize_t got = 0; (got = ::read(reader_, bytes, sizeof bytes)) > 0;) {
      text.append(bytes, static_cast<std::size_t>(got));
    }
    return text;
  }

 private:
  const fs::path path_;
  int reader_ = -1;
};

TEST_F(Log, DropsAndCountsWhenNobodyReads) {
  const Pipe pipe;
  ASSERT_TRUE(configure({.to = pipe.target()}));
  const auto before = lines_dropped();
  const std::string filler(4000, 'x');

  for (int i = 0; i < 1000; ++i) info("net", filler);

  EXPECT_GT(lines_dropped(), before);
  EXPECT_LT(lines_dropped(), before + 1000);
}

TEST_F(Log, CutsNoLineInTwo) {
  const Pipe pipe;
  ASSERT_TRUE(configure({.to = pipe.target()}));
  const std::string filler(3001, 'x');
  for (int i = 0; i < 1000; ++i) info("net", filler);

  auto text = pipe.read_all();
  info("net", "afterwards");
  text += pipe.read_all();

  std::istringstream lines(text);
  std::string line;
  std::string last;
  std::size_t count = 0;
  while (std::getline(lines, line)) {
    ASSERT_TRUE(line.starts_with("{\"time\"") && line.ends_with('}')) << count << line;
    ++count;
    last = line;
  }
  EXPECT_GT(count, 10U);
  EXPECT_NE(last.find("afterwards"), std::string::npos);
}

TEST(LogNames, AreThoseOfTheConfiguration) {
  EXPECT_EQ(level_named("warn"), Level::Warn);
  EXPECT_EQ(level_named("loud"), std::nullopt);
  EXPECT_EQ(format_named("text"), Format::Text);
  EXPECT_EQ(format_named("xml"), std::nullopt);
}

TEST(Scrub, TakesOutConfiguredSecrets) {
  const std::string secrets[] = {"correct-horse", "correct-horse-battery", "abc"};

  EXPECT_EQ(scrub("a correct-horse-battery, a correct-horse", secrets),
            "a [redacted], a [redacted]");
  EXPECT_EQ(scrub("abc is too short to be one", secrets), "abc is too short to be one");
}

TEST(Scrub, KnowsTheKeysOfProviders) {
  EXPECT_EQ(scrub("Incorrect API key provided: sk-proj-12345678_abc. Find"),
            "Incorrect API key provided: [redacted] Find");
  EXPECT_EQ(scrub("(AIzaSyA1234567890)"), "([redacted])");
  EXPECT_EQ(scrub("gsk_0123456789 xai-0123456789"), "[redacted] [redacted]");
}

TEST(Scrub, KnowsCredentialsInHeaders) {
  EXPECT_EQ(scrub("authorization: Bearer abcdefgh12345"), "authorization: Bearer [redacted]");
  EXPECT_EQ(scrub("Authorization: bearer  abcdefgh12345\r\n"),
            "Authorization: bearer  [redacted]\r\n");
  EXPECT_EQ(scrub("x-goog-api-key: abc, next"), "x-goog-api-key: [redacted], next");
}

TEST(Scrub, KnowsKeysInUrlsAndJson) {
  EXPECT_EQ(scrub("GET /v1beta/models?key=abc&alt=sse"),
            "GET /v1beta/models?key=[redacted]&alt=sse");
  EXPECT_EQ(scrub(R"({"api_key": "abc"})"), R"({"api_key": "[redacted]"})");
  EXPECT_EQ(scrub(R"({\"api_key\":\"abc\"})"), R"({\"api_key\":\"[redacted]\"})");
}

TEST(Scrub, LeavesProseAlone) {
  constexpr std::string_view prose =
      "The bearer of a task-force-keyboard: monkey see, key: value, sk-short basic risk-assessment";

  EXPECT_EQ(scrub(prose), prose);
}

TEST(Scrub, IsStableWhenRepeated) {
  const auto once = scrub("?key=abc Bearer abcdefgh12345 sk-1234567890");

  EXPECT_EQ(scrub(once), once);
}

}  // namespace
}  // namespace sluice::log
