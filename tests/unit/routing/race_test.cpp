#include "routing/race.h"

#include "support/run_now.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace sluice::routing {
namespace {

// Something that happens when the test says so.
class Signal {
 public:
  auto operator co_await() {
    struct Awaiter {
      Signal& signal;
      ~Awaiter() { signal.waiting_ = nullptr; }
      bool await_ready() const { return false; }
      void await_suspend(std::coroutine_handle<> waiting) const { signal.waiting_ = waiting; }
      void await_resume() const {}
    };
    return Awaiter{*this};
  }
  void happen() { waiting_.resume(); }
  bool awaited() const { return waiting_ != nullptr; }

 private:
  std::coroutine_handle<> waiting_ = nullptr;
};

Task<std::string> after(Signal& signal, std::string text) {
  co_await signal;
  if (text == "throw") throw std::runtime_error("thrown");
  co_return text;
}

Task<std::string> first_of(Race<std::string, 2>& race) {
  const std::size_t place = co_await race.one();
  co_return race.take(place);
}

TEST(Race, GoesOnWithTheFirstThatEnds) {
  Signal slow;
  Signal fast;
  Race<std::string, 2> race;
  race.enter(0, after(slow, "slow"));
  race.enter(1, after(fast, "fast"));
  Task<std::string> winner = first_of(race);
  winner.enter(std::noop_coroutine()).resume();
  EXPECT_FALSE(winner.done());
  fast.happen();
  ASSERT_TRUE(winner.done());
  EXPECT_EQ(winner.take(), "fast");
  EXPECT_TRUE(race.running(0));
  EXPECT_FALSE(race.running(1));
}

TEST(Race, AbandonsTheOneThatIsDropped) {
  Signal slow;
  Signal fast;
  Race<std::string, 2> race;
  race.enter(0, after(slow, "slow"));
  race.enter(1, after(fast, "fast"));
  EXPECT_TRUE(slow.awaited());
  race.drop(0);
  EXPECT_FALSE(slow.awaited());
  EXPECT_TRUE(fast.awaited());
}

TEST(Race, IsOverAtOnceWhenOneHasEndedAlready) {
  Signal one;
  Race<std::string, 2> race;
  race.enter(0, after(one, "early"));
  one.happen();
  EXPECT_EQ(run_now(first_of(race)), "early");
}

TEST(Race, TakesTheSecondAfterTheFirst) {
  Signal one;
  Signal two;
  Race<std::string, 2> race;
  race.enter(0, after(one, "1"));
  race.enter(1, after(two, "2"));
  one.happen();
  two.happen();
  EXPECT_EQ(run_now(first_of(race)), "1");
  EXPECT_EQ(run_now(first_of(race)), "2");
  EXPECT_FALSE(race.ended().has_value());
}

TEST(Race, AbandonsAllWhenItIsDestroyed) {
  Signal one;
  {
    Race<std::string, 2> race;
    race.enter(0, after(one, "1"));
    EXPECT_TRUE(one.awaited());
  }
  EXPECT_FALSE(one.awaited());
}

TEST(Race, WakesNobodyWhoNoLongerWaits) {
  Signal one;
  Race<std::string, 2> race;
  race.enter(0, after(one, "1"));
  {
    Task<std::string> gone = first_of(race);
    gone.enter(std::noop_coroutine()).resume();
  }
  one.happen();
  EXPECT_EQ(race.take(0), "1");
}

TEST(Race, HandsOnWhatIsThrown) {
  Signal one;
  Race<std::string, 2> race;
  race.enter(0, after(one, "throw"));
  one.happen();
  EXPECT_THROW(race.take(0), std::runtime_error);
}

}  // namespace
}  // namespace sluice::routing
