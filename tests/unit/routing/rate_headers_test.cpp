#include "routing/rate_headers.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace sluice::routing {

bool operator==(const RateLimit& one, const RateLimit& two) {
  return one.limit == two.limit && one.remaining == two.remaining && one.reset_in == two.reset_in;
}

namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const auto kWall = std::chrono::system_clock::time_point(seconds(1'440'938'160));  // 12:36:00 UTC

RateState read(std::initializer_list<Field> fields) {
  const std::vector<Field> list(fields);
  return read_rate_state(list, kWall);
}

std::optional<Duration> reset_of(std::string_view value) {
  const RateState state = read({{"x-ratelimit-limit-requests", "10"},
                                {"x-ratelimit-remaining-requests", "3"},
                                {"x-ratelimit-reset-requests", value}});
  if (!state.requests) return std::nullopt;
  return state.requests->reset_in;
}

TEST(RateHeaders, ReadOpenAis) {
  const RateState state = read({{"content-type", "application/json"},
                                {"x-ratelimit-limit-requests", "5000"},
                                {"x-ratelimit-limit-tokens", "800000"},
                                {"x-ratelimit-remaining-requests", "4999"},
                                {"X-RateLimit-Remaining-Tokens", "799980"},
                                {"x-ratelimit-reset-requests", "12ms"},
                                {"x-ratelimit-reset-tokens", "1ms"}});

  EXPECT_EQ(state.requests,
            (RateLimit{.limit = 5000, .remaining = 4999, .reset_in = milliseconds(12)}));
  EXPECT_EQ(state.tokens,
            (RateLimit{.limit = 800'000, .remaining = 799'980, .reset_in = milliseconds(1)}));
}

TEST(RateHeaders, ReadSpansOfTimeHoweverTheyAreWritten) {
  EXPECT_EQ(reset_of("1s"), seconds(1));
  EXPECT_EQ(reset_of("6m0s"), minutes(6));
  EXPECT_EQ(reset_of("120ms"), milliseconds(120));
  EXPECT_EQ(reset_of("1m30.951s"), milliseconds(90'951));
  EXPECT_EQ(reset_of("2h3m4s"), hours(2) + minutes(3) + seconds(4));
  EXPECT_EQ(reset_of("1d"), hours(24));
  EXPECT_EQ(reset_of("250us"), microseconds(250));
  EXPECT_EQ(reset_of("60"), seconds(60));
  EXPECT_EQ(reset_of("0"), seconds(0));
}

TEST(RateHeaders, ReadAnthropicsAndTakeTheTightestOfItsTokens) {
  const RateState state = read({{"anthropic-ratelimit-requests-limit", "4000"},
                                {"anthropic-ratelimit-requests-remaining", "3999"},
                                {"anthropic-ratelimit-requests-reset", "2015-08-30T12:36:01Z"},
                                {"anthropic-ratelimit-input-tokens-limit", "2000000"},
                                {"anthropic-ratelimit-input-tokens-remaining", "1000000"},
                                {"anthropic-ratelimit-input-tokens-reset", "2015-08-30T12:36:30Z"},
                                {"anthropic-ratelimit-output-tokens-limit", "80000"},
                                {"anthropic-ratelimit-output-tokens-remaining", "8000"},
                                {"anthropic-ratelimit-output-tokens-reset", "2015-08-30T12:36:54Z"},
                                {"anthropic-ratelimit-tokens-limit", "2080000"},
                                {"anthropic-ratelimit-tokens-remaining", "1008000"},
                                {"anthropic-ratelimit-tokens-reset", "2015-08-30T12:36:30Z"}});

  EXPECT_EQ(state.requests, (RateLimit{.limit = 4000, .remaining = 3999, .reset_in = seconds(1)}));
  EXPECT_EQ(state.tokens, (RateLimit{.limit = 80'000, .remaining = 8000, .reset_in = seconds(54)}));
}

TEST(RateHeaders, TakeAResetThatIsOverForNow) {
  EXPECT_EQ(reset_of("2015-08-30T12:35:00Z"), seconds(0));
}

TEST(RateHeaders, IgnoreWhatMakesNoSense) {
  for (const auto* value : {"", "soon", "-1", "-1s", "1x", "s", "1e3s", "nan", "inf", "1s ",
                            "9999999999", "2099-01-01T00:00:00Z", "99999999999999999999h"}) {
    EXPECT_EQ(reset_of(value), std::nullopt) << value;
  }
  const auto requests = [](std::string_view limit, std::string_view remaining) {
    return read({{"x-ratelimit-limit-requests", limit},
                 {"x-ratelimit-remaining-requests", remaining},
                 {"x-ratelimit-reset-requests", "1s"}})
        .requests;
  };
  EXPECT_FALSE(requests("0", "0"));
  EXPECT_FALSE(requests("-1", "0"));
  EXPECT_FALSE(requests("100", "-1"));
  EXPECT_FALSE(requests("100", "101"));
  EXPECT_FALSE(requests("99999999999999999999", "1"));
  EXPECT_TRUE(requests("100", "100"));
}

TEST(RateHeaders, IgnoreWhatIsNotToldWhole) {
  EXPECT_TRUE(
      read({{"x-ratelimit-limit-tokens", "10000000"}, {"x-ratelimit-remaining-tokens", "10000000"}})
          .empty());
  EXPECT_TRUE(read({{"x-ratelimit-limit-req-minute", "100"},
                    {"anthropic-ratelimit-unified-status", "allowed"},
                    {"x-ratelimit-", "1"}})
                  .empty());
}

TEST(RateHeaders, TellWhichLimitRefusesFirst) {
  RateState state;
  EXPECT_EQ(state.tightest(), nullptr);

  state.tokens = {.limit = 1000, .remaining = 100, .reset_in = seconds(1)};
  EXPECT_EQ(state.tightest(), &*state.tokens);

  state.requests = {.limit = 100, .remaining = 50, .reset_in = seconds(60)};
  EXPECT_EQ(state.tightest(), &*state.tokens);

  state.requests->remaining = 10;
  EXPECT_EQ(state.tightest(), &*state.requests) << "of two as tight the one that lasts longer";
}

}  // namespace
}  // namespace sluice::routing
