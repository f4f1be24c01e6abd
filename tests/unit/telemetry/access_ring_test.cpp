#include "telemetry/access_ring.h"

#include "access_samples.h"
#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <thread>

namespace sluice::telemetry {
namespace {

using testing::HasSubstr;

class AccessRings : public testing::Test {
 protected:
  ~AccessRings() override { EXPECT_TRUE(log::configure({})); }

  std::string take() { return take_line(ring); }

  void carry_lines_between_threads(AccessRing& through);

  metrics::Cell dropped;
  AccessRing ring{std::size_t{64} * 1024, dropped};
};

TEST_F(AccessRings, GiveBackOneLineForEachRecordInTheirOrder) {
  auto record = sample_record();
  ring.push(record);
  record.id = "req-2";
  ring.push(record);

  const auto line = take();
  EXPECT_THAT(line, testing::StartsWith(R"({"time":"2026-01-02T03:04:05.678Z","level":"info",)"));
  EXPECT_THAT(line, HasSubstr(R"("id":"req-1")"));
  EXPECT_THAT(line, testing::EndsWith("\"client\":\"127.0.0.1\"}\n"));
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
  EXPECT_THAT(take(), HasSubstr(R"("id":"req-2")"));
  EXPECT_EQ(take(), "");
  EXPECT_EQ(ring.fill(), 0U);
}

TEST_F(AccessRings, GiveManyLinesInOnePieceAndKeepWhatWasNotTaken) {
  for (int i = 0; i < 3; ++i) ring.push(sample_record());

  EXPECT_EQ(std::ranges::count(ring.lines(), '\n'), 3);
  take();
  EXPECT_EQ(std::ranges::count(ring.lines(), '\n'), 2);
  EXPECT_EQ(ring.fill(), ring.lines().size());
}

TEST_F(AccessRings, FollowTheFormatOfTheDiagnostics) {
  ASSERT_TRUE(log::configure({.format = log::Format::Text}));
  ring.push(sample_record());
  ASSERT_TRUE(log::configure({.format = log::Format::Json}));
  ring.push(sample_record());

  EXPECT_THAT(take(), testing::StartsWith("2026-01-02T03:04:05.678Z info request 200 POST "));
  EXPECT_THAT(take(), testing::StartsWith("{"));
}

TEST_F(AccessRings, DropAndCountWhatFindsNoRoom) {
  constexpr int kPushed = 1'000;
  for (int i = 0; i < kPushed; ++i) ring.push(sample_record());

  int read = 0;
  while (!take().empty()) ++read;

  EXPECT_GT(read, 50);
  EXPECT_GT(dropped.value(), 0);
  EXPECT_EQ(read + dropped.value(), kPushed);
  ring.push(sample_record());
  EXPECT_NE(take(), "") << "there is room again";
}

TEST_F(AccessRings, TakeALineOfAnyLength) {
  const WorstRecord worst(2 * AccessRecord::kLongestText);

  ring.push(worst.record);

  EXPECT_GT(take().size(), 55'000U);
}

TEST_F(AccessRings, PassOverWhatTheLevelDoesNotWant) {
  auto record = sample_record();
  ASSERT_TRUE(log::configure({.level = log::Level::Warn}));

  ring.push(record);
  record.status = 502;
  ring.push(record);

  EXPECT_THAT(take(), HasSubstr(R"("level":"warning","msg":"request","id":"req-1",)"));
  EXPECT_EQ(take(), "");
  EXPECT_EQ(dropped.value(), 0);
}

void AccessRings::carry_lines_between_threads(AccessRing& through) {
  constexpr int kPushed = 20'000;
  const std::string filler(200, 'x');
  const auto user = [&](int i) { return filler.substr(0, static_cast<std::size_t>(i % 200)); };
  std::jthread worker([&] {
    for (int i = 0; i < kPushed; ++i) {
      const auto id = std::to_string(i);
      const auto name = user(i);
      auto record = sample_record();
      record.id = id;
      record.user = name;
      for (;;) {
        const auto before = dropped.value();
        through.push(record);
        if (dropped.value() == before) break;
        std::this_thread::yield();
      }
    }
  });

  for (int i = 0; i < kPushed; ++i) {
    std::string line = take_line(through);
    for (; line.empty(); line = take_line(through)) std::this_thread::yield();
    ASSERT_THAT(line, HasSubstr(R"("id":")" + std::to_string(i) + '"'));
    if (i % 200 != 0) ASSERT_THAT(line, HasSubstr(R"("user":")" + user(i) + '"'));
    ASSERT_TRUE(line.ends_with("\"client\":\"127.0.0.1\"}\n")) << line;
  }
  EXPECT_EQ(take_line(through), "");
}

TEST_F(AccessRings, CarryLinesOfAnySizeAcrossTheirEndBetweenThreads) {
  carry_lines_between_threads(ring);
}

TEST_F(AccessRings, CarryLinesBetweenThreadsWhereLapsEndEarly) {
  AccessRing large(std::size_t{1} << 20, dropped);
  carry_lines_between_threads(large);
}

TEST_F(AccessRings, WriteAgainWhereTheyDidWhenNothingWaits) {
  AccessRing large(std::size_t{1} << 20, dropped);
  large.push(sample_record());
  const char* const begin = large.lines().data();
  const std::size_t line = take_line(large).size();

  for (std::size_t bytes = line; bytes < std::size_t{160} * 1024; bytes += line) {
    large.push(sample_record());
    take_line(large);
  }
  large.push(sample_record());

  for (int i = 1; i < 1'200; ++i) large.push(sample_record());
  EXPECT_EQ(dropped.value(), 0) << "what was left of the lap before is room, too";
  EXPECT_LT(large.lines().data() - begin, std::ptrdiff_t{128} * 1024);
  for (int i = 1; i < 1'200; ++i) take_line(large);
  EXPECT_EQ(large.lines().size(), line);
  EXPECT_EQ(large.fill(), line);
}

}  // namespace
}  // namespace sluice::telemetry
