#include "base/blocking_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>

namespace sluice {
namespace {

TEST(BlockingPool, RunsWorkBesideWorkThatIsStuck) {
  BlockingPool pool({.threads = 2, .queue = 8});
  std::promise<void> release;
  std::promise<int> result;

  ASSERT_TRUE(pool.submit([held = release.get_future()]() mutable { held.wait(); }));
  ASSERT_TRUE(pool.submit([&] { result.set_value(7); }));

  EXPECT_EQ(result.get_future().get(), 7);
  release.set_value();
}

TEST(BlockingPool, RefusesWorkBeyondItsQueue) {
  BlockingPool pool({.threads = 1, .queue = 1});
  std::promise<void> begun;
  std::promise<void> release;
  ASSERT_TRUE(pool.submit([&, held = release.get_future()]() mutable {
    begun.set_value();
    held.wait();
  }));
  begun.get_future().wait();

  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_FALSE(pool.submit([] {}));
  release.set_value();
}

TEST(BlockingPool, SurvivesWorkThatThrows) {
  BlockingPool pool({.threads = 1, .queue = 8});
  std::promise<void> done;

  ASSERT_TRUE(pool.submit([] { throw std::runtime_error("no"); }));
  ASSERT_TRUE(pool.submit([&] { done.set_value(); }));

  done.get_future().wait();
}

TEST(BlockingPool, RunsAllThatManyThreadsSubmit) {
  constexpr int kEach = 200;
  std::atomic<int> ran = 0;
  std::promise<void> all;
  {
    BlockingPool pool({.threads = 3, .queue = 1000});
    std::vector<std::jthread> callers;
    for (int i = 0; i < 4; ++i) {
      callers.emplace_back([&] {
        for (int j = 0; j < kEach; ++j) {
          EXPECT_TRUE(pool.submit([&] {
            if (++ran == 4 * kEach) all.set_value();
          }));
        }
      });
    }
    all.get_future().wait();
  }
  EXPECT_EQ(ran, 4 * kEach);
}

TEST(BlockingPool, DropsWhatHasNotBegunWhenItEnds) {
  auto witness = std::make_shared<int>(0);
  std::promise<void> begun;
  std::promise<void> release;
  {
    BlockingPool pool({.threads = 1, .queue = 8});
    ASSERT_TRUE(pool.submit([&, held = release.get_future()]() mutable {
      begun.set_value();
      held.wait();
    }));
    begun.get_future().wait();
    ASSERT_TRUE(pool.submit([witness] { ++*witness; }));
    release.set_value();
  }
  EXPECT_EQ(witness.use_count(), 1);
}

}  // namespace
}  // namespace sluice
