#include "sluice/task.h"

#include "support/run_now.h"

#include <gtest/gtest.h>

#include <coroutine>
#include <memory>
#include <utility>

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

  EXPECT_FALSE(task);  // NOLINT(bugprone-use-after-move): that is what is looked at.
  EXPECT_EQ(*moved.take(), 7);
}

// Somewhere to wait until the test goes on.
class Gate {
 public:
  auto pass() {
    struct Waiter {
      Gate& gate;
      ~Waiter() { gate.waiting_ = nullptr; }
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> caller) const { gate.waiting_ = caller; }
      void await_resume() const noexcept {}
    };
    return Waiter{*this};
  }
  bool has_waiter() const { return waiting_ != nullptr; }
  void open() { std::exchange(waiting_, nullptr).resume(); }

 private:
  std::coroutine_handle<> waiting_;
};

// What is told of a coroutine's frame that was destroyed.
struct Goodbye {
  bool& said;
  ~Goodbye() { said = true; }
};

class JoinedTasks : public testing::Test {
 protected:
  Task<std::unique_ptr<int>> work() {
    const Goodbye goodbye{over_};
    ++begun_;
    co_await gate_.pass();
    co_return std::make_unique<int>(7);
  }
  Task<void> await_answer(int& into) { into = *co_await work_.join(); }
  static void start(Task<void>& task) { task.enter(std::noop_coroutine()).resume(); }

  Gate gate_;
  int begun_ = 0;
  bool over_ = false;
  Task<std::unique_ptr<int>> work_ = work();
};

TEST_F(JoinedTasks, AnswerWhoeverJoins) {
  int answer = 0;
  Task<void> awaiter = await_answer(answer);

  start(awaiter);
  EXPECT_EQ(answer, 0);
  gate_.open();

  EXPECT_TRUE(awaiter.done());
  EXPECT_EQ(answer, 7);
  EXPECT_FALSE(work_) << "the answer was taken";
}

TEST_F(JoinedTasks, GoOnWhenTheirAwaiterIsDestroyedAndAnswerTheNext) {
  int first = 0;
  int second = 0;
  Task<void> awaiter = await_answer(first);
  start(awaiter);

  awaiter.reset();
  EXPECT_TRUE(gate_.has_waiter());
  EXPECT_FALSE(over_);
  awaiter = await_answer(second);
  start(awaiter);
  gate_.open();

  EXPECT_TRUE(awaiter.done());
  EXPECT_EQ(first, 0);
  EXPECT_EQ(second, 7);
  EXPECT_EQ(begun_, 1);
}

TEST_F(JoinedTasks, MayEndWhileNobodyAwaitsThem) {
  int first = 0;
  int second = 0;
  Task<void> awaiter = await_answer(first);
  start(awaiter);

  awaiter.reset();
  gate_.open();
  EXPECT_TRUE(work_.done());
  awaiter = await_answer(second);
  start(awaiter);

  EXPECT_TRUE(awaiter.done());
  EXPECT_EQ(second, 7);
}

TEST_F(JoinedTasks, AreCancelledWhenTheyAreDestroyed) {
  int answer = 0;
  Task<void> awaiter = await_answer(answer);
  start(awaiter);
  awaiter.reset();

  work_.reset();

  EXPECT_TRUE(over_);
  EXPECT_FALSE(gate_.has_waiter());
}

TEST_F(JoinedTasks, MayBeDoneBeforeTheyBegan) {
  int answer = 0;
  work_ = number(3);
  Task<void> awaiter = await_answer(answer);

  start(awaiter);

  EXPECT_EQ(answer, 3);
  EXPECT_FALSE(work_);
}

}  // namespace
}  // namespace sluice
