#include "routing/learning.h"

#include "routing/strategies/stable_hash.h"
#include "support/fake_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace sluice::routing {
namespace {

using testing::HasSubstr;

constexpr std::string_view kGroup = "assistant";

class LearningTest : public testing::Test {
 protected:
  LearningTest() {
    std::string name = (std::filesystem::temp_directory_path() / "learning.XXXXXX").string();
    folder_ = mkdtemp(name.data());
    path_ = (folder_ / "learned.json").string();
  }
  ~LearningTest() override { std::filesystem::remove_all(folder_); }

  Choice told(const Learning& learning, std::string_view target, std::string_view its_class = "",
              const RewardWeights& weights = {}) const {
    Choice choice{.name = stable_hash(target)};
    learning.tell(kGroup, its_class, weights, {&choice, 1});
    return choice;
  }
  Choice told(std::string_view target, std::string_view its_class = "") const {
    return told(learning_, target, its_class);
  }

  void observe(std::string_view target, const Trial& trial, int times = 1,
               std::string_view its_class = "") {
    for (int i = 0; i < times; ++i) learning_.observe(kGroup, its_class, target, trial);
  }

  std::string written() const {
    std::ifstream file(path_, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  std::filesystem::path folder_;
  std::string path_;
  FakeClock clock_;
  Learning learning_{clock_};
};

TEST_F(LearningTest, KnowsNothingOfWhomItNeverSaw) {
  observe("a/one", {.cost_pico = 5, .seconds = 1});

  const Choice choice = told("a/other");

  EXPECT_EQ(choice.trials, 0);
  EXPECT_GT(choice.spread, 0.1);
}

TEST_F(LearningTest, CountsASuccessThatNobodyRatesAsOfUsualQualityCostAndTime) {
  observe("a/one", {.cost_pico = 5'000, .seconds = 2}, 100);

  const Choice choice = told("a/one");

  EXPECT_NEAR(choice.trials, 100, 2);
  EXPECT_NEAR(choice.reward, 0.5 - 0.3 / 2 - 0.2 / 2, 1e-9);
}

TEST_F(LearningTest, RewardsWhatIsCheapAndQuick) {
  for (int i = 0; i < 1'000; ++i) {
    observe("a/dear", {.cost_pico = 9'000, .seconds = 1});
    observe("a/slow", {.cost_pico = 3'000, .seconds = 4});
    observe("a/good", {.cost_pico = 3'000, .seconds = 1});
  }

  // The references are 5,000 and 2.
  EXPECT_NEAR(told("a/dear").reward, 0.5 - 0.3 * 9 / 14 - 0.2 * 1 / 3, 0.01);
  EXPECT_NEAR(told("a/slow").reward, 0.5 - 0.3 * 3 / 8 - 0.2 * 4 / 6, 0.01);
  EXPECT_NEAR(told("a/good").reward, 0.5 - 0.3 * 3 / 8 - 0.2 * 1 / 3, 0.01);
}

TEST_F(LearningTest, HoldsAFailureForWorseThanAnySuccessHoweverSoonItCame) {
  observe("a/good", {.cost_pico = 1'000'000, .seconds = 500}, 50);
  observe("a/cheap", {.cost_pico = 1, .seconds = 0.1}, 50);
  observe("a/bad", {.cost_pico = 0, .seconds = 0.001, .succeeded = false}, 50);

  EXPECT_NEAR(told("a/bad").reward, -0.5, 1e-9);
  EXPECT_LT(told("a/bad").reward, told("a/good").reward);
}

TEST_F(LearningTest, TakesAnUnknownCostForTheUsualOne) {
  observe("a/one", {.cost_pico = Choice::kNoPrice, .seconds = 1}, 20);

  EXPECT_NEAR(told("a/one").reward, 0.25, 1e-9);
}

TEST_F(LearningTest, IsSurerOfWhatItSawOften) {
  observe("a/one", {.cost_pico = 5, .seconds = 1}, 3);
  const Choice hardly = told("a/one");
  observe("a/one", {.cost_pico = 5, .seconds = 1}, 997);
  const Choice well = told("a/one");

  EXPECT_LT(well.spread / std::sqrt(well.trials), hardly.spread / std::sqrt(hardly.trials) / 10);
}

TEST_F(LearningTest, AppliesNewWeightsToWhatItLearnedUnderOthers) {
  observe("a/slow", {.cost_pico = 1, .seconds = 3}, 500);
  observe("a/quick", {.cost_pico = 3, .seconds = 1}, 500);
  const RewardWeights thrift{.quality = 1, .cost = 1, .latency = 0};
  const RewardWeights haste{.quality = 1, .cost = 0, .latency = 1};

  EXPECT_GT(told(learning_, "a/slow", "", thrift).reward,
            told(learning_, "a/quick", "", thrift).reward);
  EXPECT_LT(told(learning_, "a/slow", "", haste).reward,
            told(learning_, "a/quick", "", haste).reward);
}

TEST_F(LearningTest, LearnsOfEachClassApart) {
  observe("a/one", {.seconds = 1, .succeeded = false}, 9, "code");
  observe("a/one", {.seconds = 1}, 5, "chat");

  EXPECT_LT(told("a/one", "code").reward, 0);
  EXPECT_GT(told("a/one", "chat").reward, 0);
  EXPECT_EQ(told("a/one", "poems").trials, 0);
}

TEST_F(LearningTest, LearnsOfClassesBeyondTheBoundTogether) {
  for (int i = 0; i < 100; ++i) observe("a/one", {.seconds = 1}, 1, "class" + std::to_string(i));
  observe("a/one", {.seconds = 1}, 1, std::string(65, 'x'));

  EXPECT_NEAR(told("a/one", "class63").trials, 1, 0.01);
  EXPECT_NEAR(told("a/one", "class64").trials, 37, 0.3);
  EXPECT_NEAR(told("a/one", "never seen").trials, 37, 0.3);
  EXPECT_NEAR(told("a/one", "other").trials, 37, 0.3);
}

TEST_F(LearningTest, IgnoresTargetsBeyondTheBound) {
  for (int i = 0; i < 1'000; ++i) observe("a/" + std::to_string(i), {.seconds = 1});

  EXPECT_GT(told("a/255").trials, 0);
  EXPECT_EQ(told("a/256").trials, 0);
}

TEST_F(LearningTest, ForgetsByHalfOverRequestsWhoeverAnswersThem) {
  observe("a/old", {.seconds = 1, .succeeded = false}, 1'000);
  EXPECT_NEAR(told("a/old").trials, 200, 1e-6);

  observe("a/new", {.seconds = 1}, 3'000);

  EXPECT_NEAR(told("a/old").trials, 100, 1e-6);
  EXPECT_NEAR(told("a/old").reward, -0.5, 1e-6);
  observe("a/new", {.seconds = 1}, 200'000);  // Enough for the weights to be scaled.
  EXPECT_EQ(told("a/old").trials, 0);
  EXPECT_NEAR(told("a/new").trials, 200, 1e-6);
  EXPECT_NEAR(told("a/new").reward, 0.25, 1e-6);
}

TEST_F(LearningTest, GoesByTheLastFewHundredAnswersOfATarget) {
  observe("a/one", {.seconds = 1}, 5'000);
  observe("a/one", {.seconds = 1, .succeeded = false}, 600);

  EXPECT_LT(told("a/one").reward, -0.4);
}

TEST_F(LearningTest, BelievesFewRatingsLittleAndManyMuch) {
  observe("a/one", {.seconds = 1}, 1'000);
  const double unrated = told("a/one").reward;
  const auto rate = [&](int count) {
    for (int i = 0; i < count; ++i) {
      learning_.remember("request", kGroup, "", "a/one");
      EXPECT_EQ(learning_.feedback("request", 1), Feedback::Noted);
    }
  };

  rate(1);
  EXPECT_NEAR(told("a/one").reward, unrated + 0.5 / 3, 0.01);
  rate(99);
  // However few of the requests they are.
  EXPECT_NEAR(told("a/one").reward, unrated + 0.5, 0.02);
}

TEST_F(LearningTest, IsUnsureOfTheUnratedOnceOthersAreRated) {
  observe("a/one", {.seconds = 1}, 1'000);
  observe("a/two", {.seconds = 1}, 1'000);
  const auto error = [&] { return told("a/two").spread / std::sqrt(told("a/two").trials); };
  EXPECT_LT(error(), 0.02);

  learning_.remember("request", kGroup, "", "a/one");
  learning_.feedback("request", 0.9);

  EXPECT_GT(error(), 0.15);
}

TEST_F(LearningTest, NotesOneRatingOfARequest) {
  learning_.remember("one", kGroup, "code", "a/one");
  observe("a/one", {.seconds = 1}, 10, "code");

  EXPECT_EQ(learning_.feedback("one", 1), Feedback::Noted);
  const double once = told("a/one", "code").reward;
  EXPECT_EQ(learning_.feedback("one", 0), Feedback::Repeated);
  EXPECT_EQ(learning_.feedback("two", 0), Feedback::Unknown);
  EXPECT_EQ(told("a/one", "code").reward, once);
}

TEST_F(LearningTest, ForgetsRequestsAfterADay) {
  learning_.remember("one", kGroup, "", "a/one");
  clock_.turn_by(std::chrono::hours(23));
  learning_.remember("two", kGroup, "", "a/one");
  clock_.turn_by(std::chrono::hours(2));

  EXPECT_EQ(learning_.feedback("one", 1), Feedback::Unknown);
  EXPECT_EQ(learning_.feedback("two", 1), Feedback::Noted);
}

TEST_F(LearningTest, RemembersBoundedlyManyRequests) {
  const auto id = [](std::size_t i) { return "request" + std::to_string(i); };
  for (std::size_t i = 0; i <= Learning::kRemembered; ++i) {
    clock_.turn_by(std::chrono::milliseconds(1));
    learning_.remember(id(i), kGroup, "", "a/one");
  }

  EXPECT_EQ(learning_.feedback(id(0), 1), Feedback::Unknown);
  EXPECT_EQ(learning_.feedback(id(1), 1), Feedback::Noted);
  EXPECT_EQ(learning_.feedback(id(Learning::kRemembered), 1), Feedback::Noted);
}

TEST_F(LearningTest, KnowsAfterLoadingWhatItKnewWhenSaving) {
  const std::string odd = "weird \"name\" \xc3\xa9\n";
  for (int i = 0; i < 300; ++i) {
    observe("a/one", {.cost_pico = 100 + i, .seconds = 0.1 * i, .succeeded = i % 7 != 0}, 1, odd);
    observe("a/two", {.cost_pico = 300 - i, .seconds = 0.2}, 1, odd);
  }
  learning_.remember("request", kGroup, odd, "a/two");
  learning_.feedback("request", 0.8);

  ASSERT_TRUE(learning_.save(path_));
  Learning later(clock_);
  ASSERT_TRUE(later.load(path_));

  for (const char* target : {"a/one", "a/two", "a/three"}) {
    const Choice before = told(target, odd);
    const Choice after = told(later, target, odd);
    EXPECT_NEAR(after.trials, before.trials, 1e-6);
    EXPECT_NEAR(after.reward, before.reward, 1e-9);
    EXPECT_NEAR(after.spread, before.spread, 1e-9);
  }
}

TEST_F(LearningTest, SavesForItsOwnerOnlyAndLeavesNothingBeside) {
  observe("a/one", {.seconds = 1});
  std::ofstream(path_) << "older";

  ASSERT_TRUE(learning_.save(path_));

  struct stat about{};
  ASSERT_EQ(stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  EXPECT_THAT(written(), HasSubstr("a/one"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(LearningTest, SaysWhyItCannotSave) {
  const auto saved = learning_.save((folder_ / "absent" / "learned.json").string());

  ASSERT_FALSE(saved);
  EXPECT_THAT(saved.error(), HasSubstr("No such file"));
}

TEST_F(LearningTest, TakesAnAbsentFileForNothingLearned) {
  EXPECT_TRUE(learning_.load(path_));
}

TEST_F(LearningTest, TakesNothingOfAFileThatItCannotUse) {
  observe("a/kept", {.seconds = 1}, 10);
  ASSERT_TRUE(learning_.save(path_));
  const std::string good = written();
  const auto spoilt = [&](std::string_view part, std::string_view by) {
    std::string text = good;
    const auto at = text.find(part);
    EXPECT_NE(at, std::string::npos) << part;
    return text.replace(at, part.size(), by);
  };
  const std::string cases[] = {
      "",
      std::string(3, '\0'),
      good.substr(0, good.size() / 2),
      "[]",
      R"({"groups": {}})",
      R"({"sluice_learned": 1})",
      R"({"sluice_learned": 1, "groups": []})",
      R"({"sluice_learned": 1, "groups": {"g": {"c": {"t": 7}}}})",
      R"({"sluice_learned": 1, "groups": {"g": {"c": {"t": {"failures": [1, 2, 0]}}}}})",
      R"({"sluice_learned": 1, "groups": {"g": {"c": {"t": {"failures": [1, 0.5]}}}}})",
      R"({"sluice_learned": 1, "groups": {"g": {"c": {"t": {"failures": [1, 0.5, 0, 0]}}}}})",
      R"({"sluice_learned": 1, "groups": {"g": {"c": {"t": {"pico": [-1, 5, 0]}}}}})",
      R"({"sluice_learned": 1, "groups": {"g": {"c": {"t": {"pico": [1e300, 5, 0]}}}}})",
      R"({"sluice_learned": 1, "groups": {"g": {"c": {"t": {"pico": [1, "x", 0]}}}}})",
      spoilt(R"("sluice_learned":1)", R"("sluice_learned":2)"),
  };
  for (const std::string& text : cases) {
    std::ofstream(path_, std::ios::binary) << text;

    const auto loaded = learning_.load(path_);

    ASSERT_FALSE(loaded) << text;
    EXPECT_THAT(loaded.error(), HasSubstr(path_));
    EXPECT_NEAR(told("a/kept").trials, 10, 0.1) << text;
  }
}

TEST_F(LearningTest, LoadsNoFolderAndNoPipe) {
  EXPECT_FALSE(learning_.load(folder_.string()));
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_FALSE(learning_.load(path_));
}

TEST_F(LearningTest, KeepsItsBoundsWhenAFileHasMore) {
  std::string classes;
  for (int i = 0; i < 200; ++i) {
    classes += (i ? ",\"" : "\"") + std::to_string(i) + R"(":{"a/one":{"failures":[5,0,0]}})";
  }
  std::ofstream(path_) << R"({"sluice_learned":1,"groups":{"assistant":{)" << classes << "}}}";

  ASSERT_TRUE(learning_.load(path_));

  EXPECT_NEAR(told("a/one", "63").trials, 5, 0.01);
  EXPECT_EQ(told("a/one", "64").trials, 0);
}

TEST_F(LearningTest, ForgetsWhoAnsweredWhenItLoads) {
  learning_.remember("one", kGroup, "", "a/one");
  ASSERT_TRUE(learning_.save(path_));
  ASSERT_TRUE(learning_.load(path_));

  EXPECT_EQ(learning_.feedback("one", 1), Feedback::Unknown);
}

TEST_F(LearningTest, ServesManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this, thread] {
      const std::string target = "a/" + std::to_string(thread % 2);
      for (int i = 0; i < 1'000; ++i) {
        const std::string id = target + std::to_string(thread) + "/" + std::to_string(i);
        learning_.observe(kGroup, std::to_string(i % 5), target, {.cost_pico = 1, .seconds = 1});
        learning_.remember(id, kGroup, std::to_string(i % 5), target);
        EXPECT_EQ(learning_.feedback(id, 0.5), Feedback::Noted);
        told(target, "0");
        if (i % 400 == 0) EXPECT_TRUE(learning_.save(path_));
      }
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_NEAR(told("a/0", "0").trials, 200, 10);
}

}  // namespace
}  // namespace sluice::routing
