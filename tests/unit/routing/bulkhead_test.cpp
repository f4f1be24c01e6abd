#include "routing/bulkhead.h"

#include "unit/net/drive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace sluice::routing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;

class BulkheadTest : public testing::Test {
 protected:
  // Waits, and stays inside until the slot is dropped.
  Task<void> ask(std::string key, Instant patience) {
    auto slot = co_await bulkhead_.enter(loop_, key, patience);
    if (slot) {
      came_in.push_back(key);
      slots.push_back(*std::move(slot));
    } else {
      refusals.push_back(slot.error()->detail);
    }
  }
  void line_up(const std::string& key) { loop_.spawn(ask(key, net::soon(loop_))); }
  void one_leaves() {
    const std::size_t before = came_in.size();
    const bool somebody_waits = bulkhead_.waiting() > 0;
    slots.erase(slots.begin());
    if (!somebody_waits) return;
    net::turn_until(loop_, [&] { return came_in.size() > before; });
  }

  Bulkhead bulkhead_{1};
  net::Loop loop_;
  std::vector<Bulkhead::Slot> slots;
  std::vector<std::string> came_in;
  std::vector<std::string> refusals;
};

TEST_F(BulkheadTest, LetsInAsManyAsItMay) {
  bulkhead_.apply(2);
  auto first = bulkhead_.try_enter();
  auto second = bulkhead_.try_enter();
  EXPECT_TRUE(first && *first && second);
  EXPECT_FALSE(bulkhead_.has_room());
  EXPECT_FALSE(bulkhead_.try_enter());
  first.reset();
  EXPECT_TRUE(bulkhead_.try_enter());
  EXPECT_EQ(bulkhead_.inside(), 1U);
}

TEST_F(BulkheadTest, CountsNobodyWithoutALimit) {
  bulkhead_.apply(std::nullopt);
  const auto slot = bulkhead_.try_enter();
  ASSERT_TRUE(slot);
  EXPECT_FALSE(*slot);
  EXPECT_TRUE(bulkhead_.has_room());
  EXPECT_EQ(bulkhead_.inside(), 0U);
}

TEST_F(BulkheadTest, LetsKeysTakeTurns) {
  line_up("inside");
  for (const char* key : {"greedy", "greedy", "greedy", "modest", "other", "modest"}) line_up(key);
  EXPECT_EQ(bulkhead_.waiting(), 6U);
  while (!slots.empty()) one_leaves();
  EXPECT_THAT(came_in,
              ElementsAre("inside", "greedy", "modest", "other", "greedy", "modest", "greedy"));
  EXPECT_EQ(bulkhead_.inside(), 0U);
}

TEST_F(BulkheadTest, ServesALateKeyBeforeTheRestOfAGreedyOne) {
  line_up("inside");
  for (int i = 0; i < 4; ++i) line_up("greedy");
  one_leaves();
  one_leaves();
  line_up("late");
  while (!slots.empty()) one_leaves();
  EXPECT_THAT(came_in, ElementsAre("inside", "greedy", "greedy", "late", "greedy", "greedy"));
}

TEST_F(BulkheadTest, LetsNobodyPastThoseWhoWait) {
  line_up("inside");
  line_up("waits");
  slots.clear();
  EXPECT_FALSE(bulkhead_.try_enter());
  net::turn_until(loop_, [&] { return came_in.size() == 2; });
}

TEST_F(BulkheadTest, RefusesWhenItsQueueIsFull) {
  line_up("inside");
  for (int i = 0; i < 16; ++i) line_up("waits");
  EXPECT_FALSE(bulkhead_.has_place());
  EXPECT_TRUE(refusals.empty());
  line_up("one more");
  EXPECT_THAT(refusals, ElementsAre("the queue is full"));
}

TEST_F(BulkheadTest, RefusesAtOnceWhereThereIsNoTime) {
  line_up("inside");
  const auto refused = net::run(loop_, bulkhead_.enter(loop_, "late", loop_.now()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error()->code, "overloaded");
  EXPECT_EQ(refused.error()->retry, Retry::OtherTarget);
}

TEST_F(BulkheadTest, WaitsNoLongerThanItsPatience) {
  line_up("inside");
  loop_.spawn(ask("hasty", loop_.now() + milliseconds(1)));
  line_up("patient");
  net::turn_until(loop_, [&] { return !refusals.empty(); });
  EXPECT_THAT(refusals, ElementsAre("waited too long"));
  one_leaves();
  EXPECT_THAT(came_in, ElementsAre("inside", "patient"));
}

TEST_F(BulkheadTest, ForgetsAWaiterThatWasAbandoned) {
  line_up("inside");
  auto abandoned = bulkhead_.enter(loop_, "gone", net::soon(loop_));
  abandoned.enter(std::noop_coroutine()).resume();
  line_up("stays");
  EXPECT_EQ(bulkhead_.waiting(), 2U);

  abandoned.reset();

  EXPECT_EQ(bulkhead_.waiting(), 1U);
  one_leaves();
  EXPECT_THAT(came_in, ElementsAre("inside", "stays"));
}

TEST_F(BulkheadTest, HandsOnThePlaceOfAWaiterAbandonedOnItsWayIn) {
  line_up("inside");
  auto abandoned = bulkhead_.enter(loop_, "gone", net::soon(loop_));
  abandoned.enter(std::noop_coroutine()).resume();
  line_up("next");
  slots.clear();
  EXPECT_EQ(bulkhead_.waiting(), 1U);  // It is admitted and has not heard of it.

  abandoned.reset();

  net::turn_until(loop_, [&] { return came_in.size() == 2; });
  EXPECT_THAT(came_in, ElementsAre("inside", "next"));
  slots.clear();
  EXPECT_EQ(bulkhead_.inside(), 0U);
}

TEST_F(BulkheadTest, GivesNothingBackForAWaiterAbandonedAfterItGaveUp) {
  line_up("inside");
  auto late = std::make_unique<Task<Result<Bulkhead::Slot>>>(
      bulkhead_.enter(loop_, "late", loop_.now() + milliseconds(1)));
  late->enter(std::noop_coroutine()).resume();
  // Runs in the same round of the loop, before the one whose time is up is resumed.
  struct Destroyer final : net::Timer {
    explicit Destroyer(std::unique_ptr<Task<Result<Bulkhead::Slot>>>& victim) : task(victim) {}
    void on_time() override { task.reset(); }
    std::unique_ptr<Task<Result<Bulkhead::Slot>>>& task;
  } destroyer(late);
  loop_.timers().arm(destroyer, loop_.now() + milliseconds(1));

  net::turn_until(loop_, [&] { return !late; });

  EXPECT_EQ(bulkhead_.inside(), 1U);
  EXPECT_EQ(bulkhead_.waiting(), 0U);
}

TEST_F(BulkheadTest, TakesANewLimitAtOnce) {
  line_up("inside");
  for (int i = 0; i < 3; ++i) line_up("waits");
  bulkhead_.apply(3);
  net::turn_until(loop_, [&] { return came_in.size() == 3; });
  EXPECT_EQ(bulkhead_.waiting(), 1U);
  bulkhead_.apply(1);
  slots.resize(1);
  EXPECT_EQ(bulkhead_.waiting(), 1U);
  bulkhead_.apply(std::nullopt);
  net::turn_until(loop_, [&] { return came_in.size() == 4; });
  slots.clear();
  EXPECT_EQ(bulkhead_.inside(), 0U);
}

// Several loops on threads of their own; tasks wait, are cut short, give up.
class Crowd {
 public:
  explicit Crowd(Bulkhead& bulkhead) : bulkhead_(bulkhead) {}

  void run(unsigned seed) {
    net::Loop loop;
    for (unsigned round = 0; round < 150; ++round) {
      for (unsigned i = 0; i < 4; ++i) loop.spawn(visit(loop, round * 4 + i));
      // Abandoned wherever it stands a turn later.
      Task<void> visitor = visit(loop, seed + round);
      visitor.enter(std::noop_coroutine()).resume();
      loop.run_once(Duration::zero());
      visitor.reset();
      while (loop.spawned() > 3) loop.run_once(milliseconds(1));
    }
    while (loop.spawned() > 0) loop.run_once(milliseconds(10));
  }

  static std::atomic<int> most;
  static std::atomic<int> inside;
  static std::atomic<int> visits;

 private:
  struct Counted {
    Counted() {
      const int now = ++inside;
      int before = most.load();
      while (now > before && !most.compare_exchange_weak(before, now)) {
      }
    }
    ~Counted() { --inside; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
  };

  Task<void> visit(net::Loop& loop, unsigned number) {
    const std::string key = "key " + std::to_string(number % 5);
    const Instant patience =
        loop.now() + (number % 7 == 0 ? milliseconds(10) : milliseconds(20'000));
    auto slot = co_await bulkhead_.enter(loop, key, patience);
    if (!slot) co_return;
    const Counted counted;
    ++visits;
    if (number % 13 == 0) co_await loop.sleep_until(loop.now() + milliseconds(1));
  }

  Bulkhead& bulkhead_;
};
std::atomic<int> Crowd::most = 0;
std::atomic<int> Crowd::inside = 0;
std::atomic<int> Crowd::visits = 0;

TEST(Bulkhead, KeepsItsCountAcrossThreads) {
  Bulkhead bulkhead(3);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&bulkhead, t] { Crowd(bulkhead).run(t); });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(bulkhead.inside(), 0U);
  EXPECT_EQ(bulkhead.waiting(), 0U);
  EXPECT_LE(Crowd::most.load(), 3);
  EXPECT_GT(Crowd::visits.load(), 100);
  EXPECT_TRUE(bulkhead.try_enter());
}

}  // namespace
}  // namespace sluice::routing
