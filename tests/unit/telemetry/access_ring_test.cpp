#include "telemetry/access_ring.h"

#include "access_samples.h"
#include "base/log.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace sluice::telemetry {
namespace {

constexpr std::size_t kBytes = 64 * 1024;

TEST(AccessRing, GivesBackWhatWasPushed) {
  metrics::Cell dropped;
  AccessRing ring(kBytes, dropped);
  const auto pushed = sample_record();

  ring.push(pushed);

  UnpackedAccess access;
  ASSERT_TRUE(ring.front(access));
  const auto& record = access.record;
  for (const auto text : kAccessTexts) EXPECT_EQ(record.*text, pushed.*text);
  ASSERT_EQ(record.attempts.size(), 2U);
  EXPECT_EQ(record.attempts[0].outcome, "failed");
  EXPECT_EQ(record.attempts[1].provider, "openai");
  EXPECT_EQ(record.attempts[1].microseconds, 20'000U);
  EXPECT_EQ(record.time, pushed.time);
  EXPECT_EQ(record.output_tokens, 20);
  EXPECT_EQ(record.reasoning_tokens, AccessRecord::kUnknown);
  EXPECT_EQ(record.first_token_us, 9'000U);
  EXPECT_EQ(record.bytes_out, 1'270U);
  EXPECT_EQ(record.accounting, Accounting::Exact);
  EXPECT_TRUE(record.stream);
  ring.pop();
  EXPECT_FALSE(ring.front(access));
  EXPECT_EQ(ring.fill(), 0U);
}

TEST(AccessRing, ForgetsTheQuery) {
  metrics::Cell dropped;
  AccessRing ring(kBytes, dropped);
  auto record = sample_record();
  record.path = "/v1beta/models?key=secret";

  ring.push(record);

  UnpackedAccess access;
  ASSERT_TRUE(ring.front(access));
  EXPECT_EQ(access.record.path, "/v1beta/models");
}

TEST(AccessRing, CutsLongTextsBetweenCharacters) {
  metrics::Cell dropped;
  AccessRing ring(kBytes, dropped);
  std::string long_text(AccessRecord::kLongestText - 1, 'x');
  const auto kept = long_text;
  long_text += "\xC3\xBC and more";
  auto record = sample_record();
  record.user = long_text;

  ring.push(record);

  UnpackedAccess access;
  ASSERT_TRUE(ring.front(access));
  EXPECT_EQ(access.record.user, kept);
}

TEST(AccessRing, TellsOnlySoManyAttempts) {
  metrics::Cell dropped;
  AccessRing ring(kBytes, dropped);
  const std::array<AccessAttempt, AccessRecord::kMostAttempts + 3> attempts{};
  auto record = sample_record();
  record.attempts = attempts;

  ring.push(record);

  UnpackedAccess access;
  ASSERT_TRUE(ring.front(access));
  EXPECT_EQ(access.record.attempts.size(), AccessRecord::kMostAttempts);
}

TEST(AccessRing, DropsAndCountsWhatFindsNoRoom) {
  metrics::Cell dropped;
  AccessRing ring(kBytes, dropped);
  constexpr int kPushed = 1'000;
  for (int i = 0; i < kPushed; ++i) ring.push(sample_record());

  UnpackedAccess access;
  int read = 0;
  for (; ring.front(access); ring.pop()) ++read;

  EXPECT_GT(read, 100);
  EXPECT_GT(dropped.value(), 0);
  EXPECT_EQ(read + dropped.value(), kPushed);
}

TEST(AccessRing, PassesOverWhatTheLevelDoesNotWant) {
  metrics::Cell dropped;
  AccessRing ring(kBytes, dropped);
  auto record = sample_record();
  ASSERT_TRUE(log::configure({.level = log::Level::Warn}));

  ring.push(record);
  record.status = 502;
  ring.push(record);

  UnpackedAccess access;
  ASSERT_TRUE(ring.front(access));
  EXPECT_EQ(access.record.status, 502);
  ring.pop();
  EXPECT_FALSE(ring.front(access));
  EXPECT_EQ(dropped.value(), 0);
  ASSERT_TRUE(log::configure({}));
}

TEST(AccessRing, CarriesRecordsOfAnySizeAcrossItsEndBetweenThreads) {
  metrics::Cell dropped;
  AccessRing ring(kBytes, dropped);
  constexpr int kPushed = 20'000;
  std::jthread worker([&] {
    const std::string filler(200, 'x');
    for (int i = 0; i < kPushed; ++i) {
      const auto id = std::to_string(i);
      auto record = sample_record();
      record.id = id;
      record.user = std::string_view(filler).substr(0, static_cast<std::size_t>(i % 200));
      record.bytes_in = static_cast<std::uint64_t>(i);
      for (;;) {
        const auto before = dropped.value();
        ring.push(record);
        if (dropped.value() == before) break;
        std::this_thread::yield();
      }
    }
  });

  UnpackedAccess access;
  for (int i = 0; i < kPushed; ++i) {
    while (!ring.front(access)) std::this_thread::yield();
    ASSERT_EQ(access.record.id, std::to_string(i));
    ASSERT_EQ(access.record.bytes_in, static_cast<std::uint64_t>(i));
    ASSERT_EQ(access.record.user.size(), static_cast<std::size_t>(i % 200));
    ASSERT_EQ(access.record.client, "127.0.0.1");
    ring.pop();
  }
  EXPECT_FALSE(ring.front(access));
}

}  // namespace
}  // namespace sluice::telemetry
