#include "unit/providers/simulator_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::providers::simulator {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr std::string_view kPath = "/v1/chat/completions";

Played whole(std::string_view model, std::uint64_t seed = 0) {
  return post(kPath, chat_request(model, "one two three"), seed);
}
Played stream(std::string_view model) {
  return post(kPath, with_usage(chat_request(model, "x")));
}

TEST(SimulatorKnobs, DelayWaitsBeforeTheHead) {
  EXPECT_EQ(whole("echo+delay=200ms").head.wait, milliseconds(200));
  EXPECT_EQ(stream("echo+delay=1.5s").head.wait, milliseconds(1500));
  EXPECT_EQ(whole("echo").head.wait, milliseconds(0));
}

TEST(SimulatorKnobs, SlowHeadersDripOutOverATime) {
  EXPECT_EQ(whole("echo+slow-headers=2s").head.drip, milliseconds(2000));
}

TEST(SimulatorKnobs, TtftWaitsBeforeTheFirstContentEventOnly) {
  const auto played = stream("numbered-3+ttft=300ms");

  EXPECT_EQ(played.waits[0], milliseconds(0));  // The role.
  EXPECT_EQ(played.waits[1], milliseconds(300));
  EXPECT_EQ(played.waited, milliseconds(300));
}

TEST(SimulatorKnobs, GapWaitsBetweenContentEvents) {
  EXPECT_EQ(stream("numbered-5+gap=10ms").waited, milliseconds(40));
}

TEST(SimulatorKnobs, RateSpreadsTokensWithoutDrifting) {
  EXPECT_EQ(stream("numbered-31+rate=30").waited, milliseconds(1000));
  EXPECT_EQ(stream("numbered-4001+rate=4000").waited, milliseconds(1000));
}

TEST(SimulatorKnobs, ABodyInOnePieceTakesAsLongAsItsStream) {
  EXPECT_EQ(whole("numbered-31+rate=30+ttft=1s").waited, milliseconds(2000));
}

TEST(SimulatorKnobs, ErrorAnswersWithThatStatusAndTheHeadersToRetry) {
  const auto played = whole("echo+error=429+retry-after=2+retry-after-ms=250");

  EXPECT_EQ(played.head.status, 429);
  EXPECT_EQ(header(played, "retry-after"), "2");
  EXPECT_EQ(header(played, "retry-after-ms"), "250");
  EXPECT_EQ(played.json()["error"]["code"], "rate_limit_exceeded");
  EXPECT_EQ(stream("echo+error").head.status, 500);
  EXPECT_EQ(stream("echo+error").head.content_type, "application/json");
}

TEST(SimulatorKnobs, CodeNamesTheError) {
  EXPECT_EQ(whole("echo+error=429+code=insufficient_quota").json()["error"]["type"],
            "insufficient_quota");
  EXPECT_EQ(whole("echo+error=400+code=context_length_exceeded").json()["error"]["code"],
            "context_length_exceeded");
}

TEST(SimulatorKnobs, ErrorInStreamEndsA200WithAnErrorAndNoDone) {
  const auto played = stream("numbered-10+error-in-stream=3");

  EXPECT_EQ(played.head.status, 200);
  EXPECT_EQ(played.end, Then::Finish);
  EXPECT_EQ(streamed_text(played), "0 1 2 ");
  EXPECT_EQ(Json::parse(frames_of(played.body).back())["error"]["code"], "server_error");
  EXPECT_TRUE(whole("echo+error-in-stream").json().contains("error"));
}

struct BrokenEnd {
  const char* knob;
  Then end;
};
class BrokenEnds : public testing::TestWithParam<BrokenEnd> {};

TEST_P(BrokenEnds, ComeAfterThatManyContentEvents) {
  const auto [knob, end] = GetParam();

  const auto played = stream("numbered-10+" + std::string(knob) + "=5");

  EXPECT_EQ(played.end, end);
  EXPECT_EQ(content_events(played), 5);
}

TEST_P(BrokenEnds, ComeBeforeTheFinishOfAStreamThatIsTooShort) {
  const auto [knob, end] = GetParam();

  const auto played = stream("numbered-2+" + std::string(knob) + "=5");

  EXPECT_EQ(played.end, end);
  EXPECT_EQ(content_events(played), 2);
  EXPECT_EQ(played.body.find("\"stop\""), std::string::npos);
}

TEST_P(BrokenEnds, SendHalfOfABodyInOnePiece) {
  const auto [knob, end] = GetParam();

  const auto played = whole("echo+" + std::string(knob));

  EXPECT_EQ(played.end, end);
  EXPECT_EQ(played.body.size(), *played.head.content_length / 2);
}

INSTANTIATE_TEST_SUITE_P(Simulator, BrokenEnds,
                         testing::Values(BrokenEnd{"cut", Then::Cut},
                                         BrokenEnd{"reset", Then::Reset},
                                         BrokenEnd{"stall", Then::Stall}),
                         [](const auto& one) { return std::string(one.param.knob); });

TEST(SimulatorKnobs, EmptyIsWellFormedAndSaysNothing) {
  const auto played = stream("lorem+empty");

  EXPECT_EQ(streamed_text(played), "");
  EXPECT_EQ(events_of(played.body)[1]["choices"][0]["finish_reason"], "stop");
  EXPECT_EQ(frames_of(played.body).back(), "[DONE]");
  EXPECT_EQ(whole("lorem+empty").json()["choices"][0]["message"]["content"], "");
}

TEST(SimulatorKnobs, BlankHasNoBody) {
  EXPECT_EQ(whole("lorem+blank").body, "");
  EXPECT_EQ(whole("lorem+blank").head.status, 200);
}

TEST(SimulatorKnobs, GarbageIsNoJson) {
  const auto played = stream("numbered-5+garbage=2");

  EXPECT_FALSE(Json::accept(whole("echo+garbage").body));
  const auto frames = frames_of(played.body);
  EXPECT_TRUE(Json::accept(frames[2]));
  EXPECT_FALSE(Json::accept(frames[3]));
  EXPECT_TRUE(Json::accept(frames[4]));
  EXPECT_EQ(frames.back(), "[DONE]");
}

TEST(SimulatorKnobs, HtmlIsAPageWithStatus502) {
  const auto played = stream("echo+html");

  EXPECT_EQ(played.head.status, 502);
  EXPECT_EQ(played.head.content_type, "text/html");
  EXPECT_THAT(played.body, HasSubstr("<html>"));
}

TEST(SimulatorKnobs, NoUsageLeavesItOut) {
  EXPECT_FALSE(whole("echo+no-usage").json().contains("usage"));
  EXPECT_EQ(events_of(stream("echo+no-usage").body).back()["usage"], nullptr);
}

TEST(SimulatorKnobs, NoDoneEndsWithTheLastEvent) {
  const auto played = stream("echo+no-done");

  EXPECT_NE(frames_of(played.body).back(), "[DONE]");
  EXPECT_EQ(played.end, Then::Finish);
}

TEST(SimulatorKnobs, SizeIsThatOfTheText) {
  EXPECT_EQ(whole("echo+size=100KiB")
                .json()["choices"][0]["message"]["content"]
                .get<std::string>()
                .size(),
            102'400);
  for (const auto* size : {"1", "16", "444", "445", "1000", "2222"}) {
    const auto model = "lorem-3+size=" + std::string(size);
    const auto answer = whole(model).json();
    const auto text = answer["choices"][0]["message"]["content"].get<std::string>();
    EXPECT_EQ(std::to_string(text.size()), size);
    EXPECT_EQ(streamed_text(stream(model)), text);
    EXPECT_EQ(answer["usage"]["completion_tokens"], content_events(stream(model)));
  }
}

TEST(SimulatorKnobs, FailStrikesThatPartOfTheSeedsAndAlwaysTheSame) {
  int failed = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed)
    failed += whole("echo+fail=20%", seed).head.status == 500;

  EXPECT_GT(failed, 150);
  EXPECT_LT(failed, 250);
  EXPECT_EQ(whole("echo+fail=20%", 7).head.status, whole("echo+fail=20%", 7).head.status);
  EXPECT_EQ(whole("echo+fail=100%").head.status, 500);
  EXPECT_EQ(whole("echo+fail=0%+error=503").head.status, 200);
  EXPECT_EQ(whole("echo+fail=1+error=503").head.status, 503);
}

TEST(SimulatorKnobs, FailTakesItsRetryHeadersOnlyWithTheError) {
  EXPECT_EQ(header(whole("echo+error=429+retry-after=2+fail=0%"), "retry-after"), "");
}

TEST(SimulatorKnobs, MetadataAddsToTheNameAndOverridesIt) {
  auto request = chat_request("echo+delay=1s+error=500", "x");
  request["metadata"] = {{"simulate", "delay=20ms, error=429"}, {"other", "x"}};

  const auto played = post(kPath, request);

  EXPECT_EQ(played.head.wait, milliseconds(20));
  EXPECT_EQ(played.head.status, 429);
}

TEST(SimulatorKnobs, AnUnknownKnobIsRefusedWithTheListOfThem) {
  const auto played = whole("echo+dealy=3");
  auto request = chat_request("echo", "x");
  request["metadata"] = {{"simulate", "cutt"}};

  EXPECT_EQ(played.head.status, 400);
  EXPECT_EQ(played.json()["error"]["param"], "model");
  EXPECT_THAT(played.json()["error"]["message"].get<std::string>(),
              testing::AllOf(HasSubstr("`dealy`"), HasSubstr("delay=200ms"),
                             HasSubstr("retry-after-ms"), HasSubstr("fail=20%")));
  EXPECT_EQ(post(kPath, request).json()["error"]["param"], "metadata.simulate");
}

TEST(SimulatorKnobs, AValueThatCannotBeReadIsRefusedWithItsForm) {
  for (const auto* knob : {"delay", "delay=x", "delay=-1s", "delay=2h", "delay=9999m", "rate=0",
                           "rate=nan", "error=200", "cut=x", "empty=1", "size=0", "size=1TiB",
                           "fail=120%", "code", "retry-after="}) {
    const auto played = whole("echo+" + std::string(knob));
    EXPECT_EQ(played.head.status, 400) << knob;
    EXPECT_THAT(played.json()["error"]["message"].get<std::string>(), HasSubstr("it is written"));
  }
}

}  // namespace
}  // namespace sluice::providers::simulator
