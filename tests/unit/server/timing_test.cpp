#include "server/timing.h"

#include "support/fake_clock.h"

#include <gtest/gtest.h>

namespace sluice::server {
namespace {

using std::chrono::milliseconds;

class Timings : public testing::Test {
 protected:
  Instant at(int milli) const { return start_ + milliseconds(milli); }
  // One whose connection took five milliseconds.
  Attempt& attempt(int begun, int sent) {
    Attempt& made = account_.begin_attempt(arena_, "p", "m", at(begun));
    if (sent < 0) return made;
    made.sent = at(sent);
    made.connecting = milliseconds(5);
    return made;
  }
  std::int64_t waited(int now = 1000) const {
    return std::chrono::duration_cast<milliseconds>(waited_for(account_, at(now))).count();
  }

  const Instant start_ = FakeClock().now() + std::chrono::hours(1);
  Arena arena_;
  Account account_;
};

TEST_F(Timings, CountTheConnectionAndTheAnswer) {
  attempt(0, 10).ended = at(110);

  EXPECT_EQ(waited(), 105);
}

TEST_F(Timings, CountUntilNowWhatHasNotEnded) {
  attempt(0, 10);

  EXPECT_EQ(waited(50), 45);
}

TEST_F(Timings, CountAllOfATryThatNeverConnected) {
  attempt(20, -1).ended = at(50);

  EXPECT_EQ(waited(), 30);
}

TEST_F(Timings, LeaveOutWhatLiesBetweenTwoTries) {
  attempt(0, 10).ended = at(20);
  attempt(60, 70).ended = at(90);

  EXPECT_EQ(waited(), 15 + 25);
}

TEST_F(Timings, CountOnceWhenTwoAreWaitedFor) {
  attempt(0, 10).ended = at(100);
  attempt(50, 60).ended = at(80);
  attempt(85, 95).ended = at(120);

  EXPECT_EQ(waited(), 115);
}

TEST_F(Timings, CountNothingWhereNothingWasTried) {
  EXPECT_EQ(waited(), 0);
}

TEST_F(Timings, TellOurOwnTimeAndTheProviders) {
  FakeClock clock;
  Arena draft;
  Context context(arena_, draft, clock);
  const Instant now = std::chrono::steady_clock::now();
  context.arrival = now - milliseconds(300);
  Attempt& made = context.account.begin_attempt(arena_, "p", "m", context.arrival);
  made.sent = context.arrival + milliseconds(100);
  made.first_content = context.arrival + milliseconds(250);

  const std::string_view told = server_timing(context, draft);

  EXPECT_TRUE(told.starts_with("gw;dur=")) << told;
  EXPECT_TRUE(told.ends_with(", ttft;dur=250.000, up;dur=150.000")) << told;
}

}  // namespace
}  // namespace sluice::server
