#include "routing/key_pool.h"

#include "base/log.h"
#include "base/random.h"
#include "support/fake_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace sluice::routing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kSpentOfOpenAi =
    R"({"error":{"message":"You exceeded your quota.","type":"insufficient_quota",)"
    R"("code":"insufficient_quota"}})";
constexpr std::string_view kSpentOfAnthropic =
    R"({"type":"error","error":{"type":"rate_limit_error","message":"…",)"
    R"("details":{"error_code":"enforced_spend_limit_reached"}}})";

UpstreamHead answer(int status, std::string_view content_type = "application/json") {
  UpstreamHead head;
  head.status = status;
  head.content_type = content_type;
  return head;
}

class Dice final : public Random {
 public:
  explicit Dice(std::vector<std::uint64_t> faces) : faces_(std::move(faces)) {}
  std::uint64_t next() override { return faces_[at_++ % faces_.size()]; }

 private:
  std::vector<std::uint64_t> faces_;
  std::size_t at_ = 0;
};

class Keys : public testing::Test {
 protected:
  void have(std::vector<KeyShare> shares, KeyBlame blame = KeyBlame::All) {
    pool_ = std::make_unique<KeyPool>("openai", blame, std::move(shares), pool_.get());
  }
  std::optional<KeyUse> pick(KeyWish wish = {}) {
    if (wish.lane == 0) wish.lane = kLane;
    return pool_->pick(wish, random_, clock_.now());
  }
  // The key that is left when none of those is taken; -1: none.
  int usable(std::uint64_t tried = 0) {
    const auto use = pick({.tried = tried});
    return use ? static_cast<int>(use->key) : -1;
  }
  Duration usable_in(std::uint64_t tried = 0) {
    return pool_->usable_again({.lane = kLane, .tried = tried}, clock_.now()) - clock_.now();
  }
  KeyUse first() {
    KeyUse use{.key = 0, .lane = kLane};
    use.begun = clock_.now();
    return use;
  }
  void succeed(const KeyUse& use) { pool_->answered(use, answer(200), clock_); }
  KeyCondition refuse(const KeyUse& use, int status, std::string_view body = {},
                      std::optional<milliseconds> retry_after = {},
                      std::span<const Field> fields = {}) {
    UpstreamHead head = answer(status);
    head.retry_after = retry_after;
    head.fields = fields;
    head.tells_limits = !fields.empty();
    ApiError error;
    if (status >= 401 && status <= 403) error.code = "upstream_auth";
    return pool_->refused(use, head, error, clock_, body);
  }

  static inline const std::size_t kLane = KeyPool::lane_of("gpt-4o");

  FakeClock clock_;
  base::FastRandom random_{7};
  std::unique_ptr<KeyPool> pool_;
};

TEST_F(Keys, AreUsedByWeight) {
  have({{"a", 1}, {"b", 3}, {"c", 4}});
  std::array<int, 3> uses{};

  for (int i = 0; i < 8000; ++i) ++uses[pick()->key];

  EXPECT_NEAR(uses[0], 1000, 100);
  EXPECT_NEAR(uses[1], 3000, 150);
  EXPECT_NEAR(uses[2], 4000, 150);
}

TEST_F(Keys, AreTheSameForTheSameDice) {
  have({{"a", 1}, {"b", 1}, {"c", 1}});
  const auto picked = [&](std::vector<std::uint64_t> faces) {
    Dice dice(std::move(faces));
    return pool_->pick({.lane = kLane}, dice, clock_.now())->key;
  };

  EXPECT_EQ(picked({1, 1}), 0U);
  EXPECT_EQ(picked({0, 1}), 1U);
  EXPECT_EQ(picked({0, 0}), 2U);
}

TEST_F(Keys, ThatWereTriedAreNotPickedAgain) {
  have({{"a", 1}, {"b", 1}});

  EXPECT_EQ(usable(KeyPool::bit_of(0)), 1);
  EXPECT_EQ(usable(KeyPool::bit_of(0) | KeyPool::bit_of(1)), -1);
  EXPECT_EQ(pool_->usable_again({.lane = kLane, .tried = 3}, clock_.now()), kNever);
}

TEST_F(Keys, F12RestFiveMinutesWhenRefusedAndLeaveTheOthersAtWork) {
  have({{"a", 1}, {"b", 1}});

  EXPECT_EQ(refuse(first(), 401), KeyCondition::Refused);

  for (int i = 0; i < 50; ++i) EXPECT_EQ(usable(), 1);
  EXPECT_EQ(usable(KeyPool::bit_of(1)), -1);
  EXPECT_EQ(usable_in(KeyPool::bit_of(1)), minutes(5));
  EXPECT_EQ(pool_->state(0, clock_.now()).condition, KeyCondition::Refused);
  EXPECT_EQ(pool_->state(1, clock_.now()).condition, KeyCondition::Usable);
  clock_.turn_by(minutes(5));
  EXPECT_EQ(usable(KeyPool::bit_of(1)), 0);
  EXPECT_EQ(pool_->state(0, clock_.now()).condition, KeyCondition::Usable);
}

TEST_F(Keys, RestForAllModelsWhenRefused) {
  have({{"a", 1}});
  refuse(first(), 403);

  for (std::size_t lane = 0; lane < KeyPool::kLanes; ++lane) {
    EXPECT_FALSE(pool_->pick({.lane = lane}, random_, clock_.now())) << lane;
  }
}

TEST_F(Keys, RestTwiceAsLongEachTimeUpToAnHourUntilOneSucceeds) {
  have({{"a", 1}});
  for (const auto rest :
       {minutes(5), minutes(10), minutes(20), minutes(40), minutes(60), minutes(60)}) {
    refuse(first(), 401);
    EXPECT_EQ(usable_in(), rest);
    clock_.turn_by(rest);
  }

  succeed(first());
  refuse(first(), 401);

  EXPECT_EQ(usable_in(), minutes(5));
}

TEST_F(Keys, RestOnceForAllRequestsThatFailTogether) {
  have({{"a", 1}});
  const KeyUse before = first();
  clock_.turn_by(seconds(1));
  refuse(first(), 401);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(refuse(before, 401), KeyCondition::Refused);
  EXPECT_EQ(usable_in(), minutes(5));

  clock_.turn_by(minutes(5));
  refuse(before, 401);

  EXPECT_EQ(usable_in(), Duration(0)) << "what was begun before the rest says nothing new";
}

TEST_F(Keys, DoNotRestForWhatIsWrongWithTheRequest) {
  have({{"a", 1}});
  const UpstreamHead of_a_firewall = answer(403, "text/html; charset=utf-8");

  EXPECT_EQ(refuse(first(), 400), KeyCondition::Usable);
  EXPECT_EQ(refuse(first(), 404), KeyCondition::Usable);
  EXPECT_EQ(refuse(first(), 500), KeyCondition::Usable);
  EXPECT_EQ(refuse(first(), 503, {}, seconds(9)), KeyCondition::Usable);
  EXPECT_EQ(refuse(first(), 403, R"({"error":{"code":"model_not_found"}})"), KeyCondition::Usable);
  EXPECT_EQ(refuse(first(), 403, R"({"error":"Content violates usage guidelines."})"),
            KeyCondition::Usable);
  EXPECT_EQ(refuse(first(), 429, R"({"error":{"message":"Request too large for gpt-4o"}})"),
            KeyCondition::Usable);
  EXPECT_EQ(pool_->refused(first(), of_a_firewall, {.code = "upstream_auth"}, clock_, "<html>"),
            KeyCondition::Usable);
  EXPECT_EQ(usable(), 0);
}

TEST_F(Keys, DoNotRestWhenSomebodyAsksForMoreThanTheyAreMeantFor) {
  have({{"a", 1}});
  KeyUse raw = first();
  raw.lane = 0;

  EXPECT_EQ(refuse(raw, 401), KeyCondition::Usable);
  EXPECT_EQ(refuse(raw, 403), KeyCondition::Usable);
  EXPECT_EQ(usable(), 0);
}

TEST_F(Keys, RestWhenTheProvidersClassUnderstoodThatTheyAreRefused) {
  have({{"a", 1}});
  ApiError error{.code = "upstream_auth"};
  error.upstream = UpstreamError{.status = 401};

  EXPECT_EQ(pool_->refused(first(), answer(400), error, clock_), KeyCondition::Refused);
}

TEST_F(Keys, F11AreSpentForTenMinutesOrUntilTheProviderSays) {
  const auto rests = [&](int status, std::string_view body, std::optional<milliseconds> after) {
    pool_.reset();
    have({{"a", 1}});
    EXPECT_EQ(refuse(first(), status, body, after), KeyCondition::Spent);
    EXPECT_EQ(pool_->state(0, clock_.now()).condition, KeyCondition::Spent);
    return usable_in();
  };

  EXPECT_EQ(rests(402, "{}", {}), minutes(10));
  EXPECT_EQ(rests(429, kSpentOfOpenAi, {}), minutes(10));
  EXPECT_EQ(rests(429, kSpentOfAnthropic, {}), minutes(10));
  EXPECT_EQ(rests(429, kSpentOfAnthropic, hours(3)), hours(3));
  EXPECT_EQ(rests(402, "{}", hours(24 * 365)), hours(24));
}

TEST_F(Keys, F11AreSpentWhereThatIsToldAsABadRequest) {
  have({{"a", 1}});
  ApiError low{.code = "upstream_auth"};  // What is said of money by Anthropic.
  low.upstream = UpstreamError{.status = 400};
  const ApiError over{.code = "invalid_request",
                      .message = "You have reached your specified API usage limits. You will …"};
  const ApiError echo{.code = "invalid_request", .message = "Unknown field insufficient_quota"};

  EXPECT_EQ(pool_->refused(first(), answer(400), echo, clock_, kSpentOfOpenAi),
            KeyCondition::Usable);
  EXPECT_EQ(pool_->refused(first(), answer(400), low, clock_), KeyCondition::Spent);
  clock_.turn_by(minutes(10));
  EXPECT_EQ(pool_->refused(first(), answer(400), over, clock_), KeyCondition::Spent);
}

TEST_F(Keys, F10CoolUntilRetryAfterForThatModelOnly) {
  have({{"a", 1}, {"b", 1}});

  EXPECT_EQ(refuse(first(), 429, "{}", milliseconds(2500)), KeyCondition::Cooling);

  EXPECT_EQ(usable(KeyPool::bit_of(1)), -1);
  EXPECT_EQ(usable_in(KeyPool::bit_of(1)), milliseconds(2500));
  EXPECT_EQ(usable(), 1);
  const std::size_t other = (kLane % (KeyPool::kLanes - 1)) + 1;
  EXPECT_TRUE(pool_->pick({.lane = other, .tried = KeyPool::bit_of(1)}, random_, clock_.now()));
  EXPECT_EQ(pool_->state(0, clock_.now()).condition, KeyCondition::Cooling);
  clock_.turn_by(milliseconds(2500));
  EXPECT_EQ(usable(KeyPool::bit_of(1)), 0);
}

TEST_F(Keys, F10CoolUntilTheResetOfTheTightestLimit) {
  have({{"a", 1}});
  const std::vector<Field> fields{
      {"x-ratelimit-limit-requests", "100"},  {"x-ratelimit-remaining-requests", "80"},
      {"x-ratelimit-reset-requests", "12s"},  {"x-ratelimit-limit-tokens", "1000"},
      {"x-ratelimit-remaining-tokens", "20"}, {"x-ratelimit-reset-tokens", "7s"}};

  refuse(first(), 429, "{}", {}, fields);

  EXPECT_EQ(usable_in(), seconds(7));
}

TEST_F(Keys, F10CoolTwiceAsLongEachTimeWhereNothingIsSaid) {
  have({{"a", 1}});
  for (const int rest : {1, 2, 4, 8, 16, 32, 60, 60}) {
    refuse(first(), 429);
    EXPECT_EQ(usable_in(), seconds(rest));
    clock_.turn_by(seconds(rest));
  }

  succeed(first());
  refuse(first(), 429);

  EXPECT_EQ(usable_in(), seconds(1));
}

TEST_F(Keys, OfTheCallerNeverRest) {
  have({}, KeyBlame::Nothing);

  EXPECT_EQ(refuse(first(), 401), KeyCondition::Usable);
  EXPECT_EQ(refuse(first(), 402), KeyCondition::Usable);
  EXPECT_EQ(refuse(first(), 429, kSpentOfOpenAi, seconds(60)), KeyCondition::Usable);

  EXPECT_EQ(usable(), 0);
}

TEST_F(Keys, ThatRenewThemselvesRestForLimitsOnly) {
  have({}, KeyBlame::Limits);

  EXPECT_EQ(refuse(first(), 401), KeyCondition::Usable);
  EXPECT_EQ(refuse(first(), 403), KeyCondition::Usable);
  EXPECT_EQ(usable(), 0);
  EXPECT_EQ(refuse(first(), 429, "{}", seconds(3)), KeyCondition::Cooling);
  EXPECT_EQ(usable_in(), seconds(3));
}

class PacedKeys : public Keys {
 protected:
  // What is left of 100 for 20 seconds.
  void tell(const KeyUse& use, std::string_view left) {
    const std::vector<Field> fields{{"x-ratelimit-limit-requests", "100"},
                                    {"x-ratelimit-remaining-requests", left},
                                    {"x-ratelimit-reset-requests", "20s"}};
    UpstreamHead head = answer(200);
    head.fields = fields;
    head.tells_limits = true;
    pool_->answered(use, head, clock_);
  }
};

TEST_F(PacedKeys, GiveWayToThoseThatNeedNotWait) {
  have({{"a", 1000}, {"b", 1}});
  tell(first(), "5");
  ASSERT_EQ(pick({.tried = KeyPool::bit_of(1)})->at, clock_.now()) << "the first of five";

  for (int i = 0; i < 20; ++i) EXPECT_EQ(usable(), 1);
}

TEST_F(PacedKeys, AreWaitedForByThePatient) {
  have({{"a", 1}});
  tell(first(), "10");
  ASSERT_TRUE(pick());

  EXPECT_FALSE(pick()) << "a slot every 2 s, and no patience";
  EXPECT_FALSE(pick({.patience = milliseconds(1900)}));
  EXPECT_EQ(pool_->usable_again({.lane = kLane}, clock_.now()), clock_.now() + seconds(2));
  const auto use = pick({.patience = seconds(2)});
  ASSERT_TRUE(use);
  EXPECT_EQ(use->at, clock_.now() + seconds(2));
  EXPECT_FALSE(pick({.patience = seconds(2)})) << "the slot is taken";
}

TEST_F(PacedKeys, ArePickedByWhoseTurnComesFirst) {
  have({{"a", 1}, {"b", 1}});
  tell(first(), "5");
  KeyUse second = first();
  second.key = 1;
  tell(second, "10");
  ASSERT_TRUE(pick());
  ASSERT_TRUE(pick());

  const auto use = pick({.patience = seconds(10)});

  ASSERT_TRUE(use);
  EXPECT_EQ(use->key, 1U);
  EXPECT_EQ(use->at, clock_.now() + seconds(2));
}

TEST_F(PacedKeys, WaitForTheResetWhenNothingIsLeft) {
  have({{"a", 1}});
  tell(first(), "0");

  EXPECT_FALSE(pick({.patience = seconds(2)}));
  EXPECT_EQ(usable_in(), seconds(20));
  clock_.turn_by(seconds(20));
  EXPECT_TRUE(pick());
}

TEST_F(PacedKeys, CountWhatIsUnderWay) {
  have({{"a", 1}});
  tell(first(), "90");
  const auto use = pick();
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(pick());

  tell(*use, "16");  // Six more were begun since.

  EXPECT_TRUE(pick());
  EXPECT_FALSE(pick());
}

TEST_F(Keys, GoOnAsTheyWereOverReloads) {
  have({{"a", 1}, {"b", 1}});
  refuse(first(), 401);

  have({{"c", 1}, {"a", 9}});

  EXPECT_EQ(usable(KeyPool::bit_of(0)), -1) << "a still rests";
  EXPECT_EQ(usable(KeyPool::bit_of(1)), 0) << "c is new";
}

TEST_F(Keys, ThatStandTwiceRestTogether) {
  have({{"a", 1}, {"a", 1}});

  refuse(first(), 401);

  EXPECT_EQ(usable(), -1);
}

TEST_F(Keys, MayBeMoreThanThereAreBits) {
  have(std::vector<KeyShare>(100));

  EXPECT_TRUE(pick({.tried = KeyPool::bit_of(99)}));
}

TEST_F(Keys, F12AlertOnceByNumber) {
  const auto file =
      std::filesystem::path(testing::TempDir()) / ("key_pool_test." + std::to_string(::getpid()));
  ASSERT_TRUE(log::configure({.to = "file:" + file.string()}));
  have({{"digest-of-a", 1}, {"digest-of-b", 1}});

  KeyUse second = first();
  second.key = 1;
  for (int i = 0; i < 3; ++i) refuse(second, 401, R"({"error":"Incorrect key sk-proj-abc"})");

  ASSERT_TRUE(log::configure({}));
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  std::filesystem::remove(file);
  EXPECT_THAT(text.str(),
              AllOf(HasSubstr(R"("level":"error","area":"providers")"),
                    HasSubstr(R"("provider":"openai","key":2,"of":2,"status":401,"rests_s":300)"),
                    Not(HasSubstr("sk-proj")), Not(HasSubstr("digest"))));
  EXPECT_EQ(std::ranges::count(text.str(), '\n'), 1);
}

TEST(KeyLanes, AreOneForEachModelAndOneForNone) {
  EXPECT_EQ(KeyPool::lane_of(""), 0U);
  for (const auto* model : {"gpt-4o", "claude-sonnet-4-5", "x"}) {
    EXPECT_GT(KeyPool::lane_of(model), 0U);
    EXPECT_LT(KeyPool::lane_of(model), KeyPool::kLanes);
  }
}

}  // namespace
}  // namespace sluice::routing
