#include "routing/prompt_memory.h"

#include <gtest/gtest.h>

#include <memory>

namespace sluice::routing {
namespace {

constexpr Instant kNow(std::chrono::hours(100));

class Prompts : public testing::Test {
 protected:
  std::unique_ptr<PromptMemory> memory_ = std::make_unique<PromptMemory>();
};

TEST_F(Prompts, ExpectsNothingOfWhatWasNeverSeen) {
  EXPECT_EQ(memory_->expected(1, 2, kNow), 0);
}

TEST_F(Prompts, ExpectsWhatTheTargetTold) {
  memory_->answered(1, 2, 0.8, kNow);
  EXPECT_NEAR(memory_->expected(1, 2, kNow), 0.8, 0.01);
  EXPECT_EQ(memory_->expected(1, 3, kNow), 0) << "another target has not read it";
  EXPECT_EQ(memory_->expected(4, 2, kNow), 0) << "it has not read another prompt";
}

TEST_F(Prompts, ExpectsSomeOfAPromptThatWasReadForTheFirstTime) {
  memory_->answered(1, 2, 0, kNow);
  EXPECT_NEAR(memory_->expected(1, 2, kNow), 0.5, 0.01);
}

TEST_F(Prompts, KnowsAPromptAsLongAsSomeTargetMayHoldIt) {
  memory_->answered(1, 2, 0.8, kNow);
  const Instant later = kNow + PromptMemory::kKept / 2;
  memory_->answered(1, 3, 0.8, later);
  EXPECT_FALSE(memory_->knows(4, kNow));
  EXPECT_TRUE(memory_->knows(1, later + PromptMemory::kKept - std::chrono::seconds(1)));
  EXPECT_FALSE(memory_->knows(1, later + PromptMemory::kKept));
}

TEST_F(Prompts, ForgetsAsProvidersDo) {
  memory_->answered(1, 2, 1, kNow);
  EXPECT_GT(memory_->expected(1, 2, kNow + PromptMemory::kKept - std::chrono::seconds(1)), 0.9);
  EXPECT_EQ(memory_->expected(1, 2, kNow + PromptMemory::kKept), 0);
  EXPECT_EQ(memory_->expected(1, 2, kNow + std::chrono::hours(5)), 0);
}

}  // namespace
}  // namespace sluice::routing
