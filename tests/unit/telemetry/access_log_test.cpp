#include "telemetry/access_log.h"

#include "access_samples.h"
#include "telemetry/metrics/totals.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace sluice::telemetry {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class AccessLogTest : public testing::Test {
 protected:
  AccessLogTest()
      : file(fs::path(testing::TempDir()) / ("access_log." + std::to_string(::getpid()))) {
    fs::remove(file);
  }
  ~AccessLogTest() override { fs::remove(file); }

  std::string target() const { return "file:" + file.string(); }
  std::string written() const {
    std::ifstream text(file);
    return {std::istreambuf_iterator<char>(text), {}};
  }
  std::int64_t dropped() const {
    return metrics::totals_of(registry).cell(metrics::Family::LogLinesDropped);
  }

  const fs::path file;
  metrics::MetricsRegistry registry;
  log::Sink sink;
};

std::set<std::string> ids_in(const std::string& text) {
  std::set<std::string> ids;
  constexpr std::string_view kMark = R"("id":")";
  for (auto at = text.find(kMark); at != std::string::npos; at = text.find(kMark, at + 1)) {
    const auto begin = at + kMark.size();
    ids.insert(text.substr(begin, text.find('"', begin) - begin));
  }
  return ids;
}

TEST_F(AccessLogTest, HasWrittenEveryLineWhenItStops) {
  ASSERT_TRUE(sink.open(target()));
  constexpr int kWorkers = 3;
  constexpr int kEach = 1'000;
  {
    AccessLog log(sink, registry);
    std::vector<std::jthread> workers;
    workers.reserve(kWorkers);
    for (int worker = 0; worker < kWorkers; ++worker) {
      workers.emplace_back([&, worker, &ring = log.open_ring(registry.add_thread())] {
        for (int i = 0; i < kEach; ++i) {
          const auto id = std::to_string(worker) + "-" + std::to_string(i);
          auto record = sample_record();
          record.id = id;
          ring.push(record);
        }
      });
    }
    workers.clear();
  }

  const auto text = written();
  EXPECT_EQ(std::ranges::count(text, '\n'), kWorkers * kEach);
  EXPECT_EQ(ids_in(text).size(), static_cast<std::size_t>(kWorkers * kEach));
  EXPECT_EQ(dropped(), 0);
}

// Holds the reading end and does not read until it is asked to.
class StuckPipe {
 public:
  explicit StuckPipe(const fs::path& path) {
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    reader_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  }
  ~StuckPipe() { ::close(reader_); }

  std::string read_all() const {
    std::string text;
    char bytes[4096];
    for (ssize_t got = 0; (got = ::read(reader_, bytes, sizeof bytes)) > 0;) {
      text.append(bytes, static_cast<std::size_t>(got));
    }
    return text;
  }

 private:
  int reader_ = -1;
};

TEST_F(AccessLogTest, StopsAndCountsWhenNobodyReads) {
  const StuckPipe pipe(file);
  ASSERT_TRUE(sink.open(target()));
  constexpr int kPushed = 10'000;
  AccessLog log(sink, registry, 64 * 1024);
  auto& ring = log.open_ring(registry.add_thread());
  for (int i = 0; i < kPushed; ++i) ring.push(sample_record());

  log.stop(0ms);

  const auto text = pipe.read_all();
  // Of the last line the pipe may have only the beginning.
  const auto lines = std::ranges::count(text, '\n') + (text.ends_with('\n') ? 0 : 1);
  EXPECT_GT(dropped(), 0);
  EXPECT_GT(lines, 0);
  EXPECT_EQ(lines + dropped(), kPushed);
}

TEST_F(AccessLogTest, WritesWholeLinesOfAllWorkersToASlowReader) {
  const StuckPipe pipe(file);
  ASSERT_TRUE(sink.open(target()));
  constexpr int kEach = 1'200;  // Of both more than a pipe takes.
  AccessLog log(sink, registry);
  auto& one = log.open_ring(registry.add_thread());
  auto& two = log.open_ring(registry.add_thread());
  for (int i = 0; i < kEach; ++i) {
    const auto id = std::to_string(i);
    auto record = sample_record();
    record.id = id;
    one.push(record);
    const auto other = "two-" + id;
    record.id = other;
    two.push(record);
  }

  std::string text;
  std::jthread stopping([&] { log.stop(10s); });
  const auto patience = std::chrono::steady_clock::now() + 10s;
  while (std::ranges::count(text, '\n') < 2 * kEach &&
         std::chrono::steady_clock::now() < patience) {
    text += pipe.read_all();
    std::this_thread::yield();
  }

  EXPECT_EQ(ids_in(text).size(), 2U * kEach);
  EXPECT_EQ(dropped(), 0);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    ASSERT_TRUE(line.starts_with(R"({"time":)") && line.ends_with(R"(.0.1"})")) << line;
  }
}

TEST_F(AccessLogTest, FollowsARotatedFile) {
  ASSERT_TRUE(sink.open(target()));
  const auto rotated = file.string() + ".1";
  {
    AccessLog log(sink, registry);
    log.open_ring(registry.add_thread()).push(sample_record());
  }
  fs::rename(file, rotated);
  ASSERT_TRUE(sink.reopen());
  {
    AccessLog log(sink, registry);
    log.open_ring(registry.add_thread()).push(sample_record());
  }

  EXPECT_EQ(ids_in(written()), std::set<std::string>{"req-1"});
  EXPECT_GT(fs::file_size(rotated), 0U);
  fs::remove(rotated);
}

TEST_F(AccessLogTest, StopsTwiceWithoutHarm) {
  ASSERT_TRUE(sink.open(target()));
  AccessLog log(sink, registry);
  log.open_ring(registry.add_thread()).push(sample_record());

  log.stop(1s);
  log.stop(1s);

  EXPECT_EQ(std::ranges::count(written(), '\n'), 1);
}

}  // namespace
}  // namespace sluice::telemetry
