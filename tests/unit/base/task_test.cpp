#include "sluice/task.h"

#include "support/run_now.h"

#include <gtest/gtest.h>

#include <memory>

namespace sluice {
namespace {

Task<std::unique_ptr<int>> number(int value) {
  return std::make_unique<int>(value);
}

Task<int> sum() {
  Task<std::unique_ptr<int>> first = number(3);
  const auto second = co_await number(4);
  co_return *co_await std::move(first) + *second;
}

TEST(Task, MayBeDoneBeforeItBegan) {
  Task<std::unique_ptr<int>> task = number(7);

  EXPECT_TRUE(task);
  ASSERT_TRUE(task.done());
  EXPECT_EQ(*task.take(), 7);
}

TEST(Task, AwaitsWhatIsDoneWithoutSuspending) {
  EXPECT_EQ(run_now(sum()), 7);
}

TEST(Task, EntersWhoWaitsForWhatIsDone) {
  Task<std::unique_ptr<int>> task = number(7);

  const std::coroutine_handle<> waiting = std::noop_coroutine();

  EXPECT_TRUE(task.enter(waiting) == waiting);
}

TEST(Task, LeavesNothingBehindWhenItsAnswerMoves) {
  Task<std::unique_ptr<int>> task = number(7);
  Task<std::unique_ptr<int>> moved = std::move(task);

  EXPECT_FALSE(task);
  EXPECT_EQ(*moved.take(), 7);
}

}  // namespace
}  // namespace sluice
