// Whom a request is sent to, one after the other, until somebody answers.
#include "routing/pursuit.h"

#include "unit/routing/routed_scene.h"

#include <gmock/gmock.h>

namespace sluice::routing {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kProviders = R"(
providers:
  one: { type: simulator }
  two: { type: simulator }
  three: { type: simulator }
)";

class Pursuits : public RoutedScene {
 protected:
  // A group m of these settings, with targets on three providers unless they say others.
  void group(std::string_view settings, std::string_view more = "") {
    std::string yaml(kProviders);
    yaml += more;
    yaml += "models:\n  m: { ";
    if (!settings.contains("targets:")) yaml += "targets: [one/a, two/b, three/c], ";
    yaml += std::string(settings) + " }\n";
    configure(yaml);
  }
  // All of them, so often.
  void all_answer(const Answer& answer, int times = 1) {
    for (int i = 0; i < times; ++i) {
      for (const char* name : {"one", "two", "three"}) will_answer(name, answer);
    }
  }
};

TEST_F(Pursuits, AskTheNextWhereOneFailed) {
  group("");
  will_answer("one", json_answer(500, "{}"));
  will_answer("two", no_connection());
  will_say("three", "hi");
  const auto asked = request("m");

  auto reply = route(*asked);

  ASSERT_TRUE(reply);
  EXPECT_THAT(asked->targets(), ElementsAre("one/a", "two/b", "three/c"));
  EXPECT_EQ(asked->context.account.first()->outcome, Outcome::Failed);
  EXPECT_EQ(asked->context.account.first()->next->outcome, Outcome::Unreachable);
  EXPECT_EQ(asked->context.account.teller()->provider, "three");
  EXPECT_EQ(at("three").asked.front(),
            R"({"model":"c","messages":[{"role":"user","content":"Hi"}]})");
}

TEST_F(Pursuits, EndWithTheLastFailureWhenSoManyWereTried) {
  group("retry: { attempts: 2 }");
  will_answer("one", json_answer(500, "{}"));
  will_answer("two", json_answer(503, R"({"error":{"message":"too busy"}})"));
  const auto asked = request("m");

  const auto reply = route(*asked);

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error()->upstream->status, 503);
  EXPECT_EQ(reply.error()->message, "too busy");
  EXPECT_EQ(asked->targets().size(), 2U);
}

TEST_F(Pursuits, AskNobodyElseWhatWasRefusedAsWrong) {
  group("");
  will_answer("one", json_answer(400, R"({"error":{"message":"temperature is no number"}})"));
  const auto asked = request("m");

  const auto reply = route(*asked);

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error()->upstream->status, 400);
  EXPECT_THAT(asked->targets(), ElementsAre("one/a"));
}

TEST_F(Pursuits, TryOnlyWhatTheGroupSays) {
  group("retry: { on: [timeout] }");
  will_answer("one", json_answer(500, "{}"));
  EXPECT_EQ(answerer("m"), "upstream_error");

  group("retry: { on: [timeout] }");
  will_answer("one", json_answer(200, "{}", seconds(700)));
  will_say("two", "hi");
  EXPECT_EQ(answerer("m"), "two/b");
}

TEST_F(Pursuits, AskTheSameOnesAgainOnlyWhenAllWereTried) {
  group("targets: [one/a, two/b], retry: { attempts: 5, backoff: 200ms }");
  for (const char* name : {"one", "two", "one"}) will_answer(name, json_answer(500, "{}"));
  will_say("two", "hi");
  const auto asked = request("m");
  const Instant begun = clock_.now();

  ASSERT_TRUE(route(*asked));

  EXPECT_THAT(asked->targets(), ElementsAre("one/a", "two/b", "one/a", "two/b"));
  EXPECT_EQ(at("two").asked_at.front(), begun) << "nobody waits before another target";
  EXPECT_EQ(at("one").asked_at.back(), begun + milliseconds(100)) << "half of the dice";
  EXPECT_EQ(at("two").asked_at.back(), begun + milliseconds(100));
}

TEST_F(Pursuits, WaitTwiceAsLongEachTimeUpToTheMost) {
  group("targets: [one/a], retry: { attempts: 5, backoff: 200ms, max_backoff: 500ms }");
  const Instant begun = clock_.now();

  EXPECT_EQ(answerer("m"), "upstream_error");

  std::vector<Duration> waits;
  const auto& asked_at = at("one").asked_at;
  for (std::size_t i = 1; i < asked_at.size(); ++i) waits.push_back(asked_at[i] - asked_at[i - 1]);
  EXPECT_THAT(waits, ElementsAre(milliseconds(100), milliseconds(200), milliseconds(250),
                                 milliseconds(250)));
  EXPECT_EQ(clock_.now(), begun + milliseconds(800));
}

TEST_F(Pursuits, WaitNoTimeAtAllWhenTheDiceSaySo) {
  group("targets: [one/a], retry: { attempts: 2, backoff: 200ms }");
  dice_.side = 0;

  EXPECT_EQ(answerer("m"), "upstream_error");

  EXPECT_EQ(at("one").asked_at[1], at("one").asked_at[0]);
}

TEST_F(Pursuits, HonourTheWaitThatIsAskedFor) {
  group("targets: [one/a], retry: { backoff: 200ms, max_backoff: 5s }");
  Answer busy = json_answer(503, "{}");
  busy.head.retry_after = seconds(3);
  will_answer("one", std::move(busy));
  will_say("one", "hi");

  EXPECT_EQ(answerer("m"), "one/a");

  EXPECT_EQ(at("one").asked_at[1], at("one").asked_at[0] + seconds(3));
}

TEST_F(Pursuits, GiveUpWhereALongerWaitIsAskedFor) {
  group("targets: [one/a], retry: { backoff: 200ms, max_backoff: 5s }");
  Answer busy = json_answer(503, "{}");
  busy.head.retry_after = seconds(6);
  will_answer("one", std::move(busy));
  const auto asked = request("m");

  const auto reply = route(*asked);

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error()->retry_after, seconds(6));
  EXPECT_EQ(at("one").asked.size(), 1U);
}

TEST_F(Pursuits, TellTheSoonestThatAnybodySaid) {
  group("retry: { max_backoff: 1s }");
  for (const auto& [name, after] :
       {std::pair("one", 9), std::pair("two", 4), std::pair("three", 7)}) {
    Answer busy = json_answer(429, "{}");
    busy.head.retry_after = seconds(after);
    will_answer(name, std::move(busy));
  }
  const auto asked = request("m");

  const auto reply = route(*asked);

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error()->retry_after, seconds(4));
}

TEST_F(Pursuits, BeginNothingBehindTheDeadline) {
  group("");
  will_answer("one", json_answer(200, "{}", seconds(10)));
  will_say("two", "too late");
  const auto asked = request("m");
  asked->context.deadline = clock_.now() + seconds(5);

  const auto reply = route(*asked);

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error()->kind, ErrorKind::DeadlineExceeded);
  EXPECT_EQ(at("one").answer_by, asked->context.deadline);
  EXPECT_THAT(asked->targets(), ElementsAre("one/a"));
  EXPECT_TRUE(asked->context.account.first()->hurried);
}

TEST_F(Pursuits, DoNotWaitForWhatLiesBehindTheDeadline) {
  group("targets: [one/a], retry: { backoff: 4s }");
  will_answer("one", json_answer(500, "{}"));
  const auto asked = request("m");
  asked->context.deadline = clock_.now() + seconds(1);
  const Instant begun = clock_.now();

  EXPECT_EQ(answerer(*asked), "upstream_error");

  EXPECT_EQ(clock_.now(), begun);
  EXPECT_EQ(at("one").asked.size(), 1U);
}

TEST_F(Pursuits, BeginNothingMoreWhenTheCallerHasLeft) {
  group("");
  will_answer("one", json_answer(500, "{}"));
  const auto asked = request("m");
  asked->context.abandoned = true;

  EXPECT_EQ(answerer(*asked), "upstream_error");

  EXPECT_THAT(asked->targets(), ElementsAre("one/a"));
}

TEST_F(Pursuits, DoNotRepeatWhatMayHaveBeenDone) {
  group("");
  will_answer("one", json_answer(500, "{}"));
  const auto asked = request("m");
  asked->request.operation = Operation::Raw;

  EXPECT_FALSE(route(*asked));

  EXPECT_THAT(asked->targets(), ElementsAre("one/a"));
}

TEST_F(Pursuits, SendWhatIsTooLongToItsList) {
  group("targets: [one/a, two/b], on_context_length: [three/long]");
  will_answer("one", json_answer(400, R"({"error":{"code":"context_length_exceeded"}})"));
  will_say("three", "hi");
  const auto asked = request("m");

  EXPECT_EQ(answerer(*asked), "three/long");
  EXPECT_THAT(asked->targets(), ElementsAre("one/a", "three/long"));
}

TEST_F(Pursuits, SendWhatAPolicyForbidsToItsList) {
  group("targets: [one/a, two/b], on_content_policy: [three/frank]");
  will_answer("one", json_answer(400, R"({"error":{"code":"content_policy_violation"}})"));
  will_say("three", "hi");

  EXPECT_EQ(answerer("m"), "three/frank");
}

TEST_F(Pursuits, TurnToAListOnce) {
  group("targets: [one/a], on_context_length: [two/long, three/longer]");
  const Answer too_long = json_answer(400, R"({"error":{"code":"context_length_exceeded"}})");
  all_answer(too_long);
  const auto asked = request("m");

  EXPECT_EQ(answerer(*asked), "invalid_request");
  EXPECT_THAT(asked->targets(), ElementsAre("one/a", "two/long"));
}

TEST_F(Pursuits, LeaveAListForNothingElse) {
  group("targets: [one/a], on_context_length: [two/long]");
  will_answer("one", json_answer(400, R"({"error":{"message":"no such field"}})"));

  EXPECT_FALSE(route(*request("m")));
  EXPECT_TRUE(at("two").asked.empty());
}

TEST_F(Pursuits, PassOverWhoIsFull) {
  group("targets: [{ model: one/a, limits: { concurrent: 1 } }, two/b]");
  will_say("two", "hi");
  TargetState& full = state("one/a in m");
  net::Loop loop;
  const auto inside = full.bulkhead.try_enter();
  std::vector<Task<Result<Bulkhead::Slot>>> queue;
  for (int i = 0; i < 16; ++i) {
    queue.push_back(full.bulkhead.enter(loop, "k", loop.now() + seconds(60)));
    clock_.begin(queue.back());
  }

  EXPECT_EQ(answerer("m"), "two/b");
}

TEST_F(Pursuits, WaitForNobodysPlaceWhileAnotherIsFree) {
  group("targets: [{ model: one/a, limits: { concurrent: 1 } }, two/b]");
  will_say("two", "hi");
  const auto inside = state("one/a in m").bulkhead.try_enter();

  EXPECT_EQ(answerer("m"), "two/b");
}

TEST_F(Pursuits, HoldAPlaceUntilTheAnswerHasEnded) {
  group("targets: [{ model: one/a, limits: { concurrent: 2 } }]");
  will_answer("one", stream_answer({{text_frame("a")}, {stop_frame() + done_frame()}, finish()}));
  const auto asked = request("m", kStream);

  auto reply = route(*asked);

  ASSERT_TRUE(reply);
  EXPECT_EQ(state("one/a in m").bulkhead.inside(), 1U);
  EXPECT_EQ(state("one/a in m").busy, 1U);
  reply->items.reset();
  EXPECT_EQ(state("one/a in m").bulkhead.inside(), 0U);
  EXPECT_EQ(state("one/a in m").busy, 0U);
}

TEST_F(Pursuits, HoldAPlaceOfTheProviderToo) {
  configure(R"(
providers: { one: { type: simulator, limits: { concurrent: 2 } } }
models: { m: one/a }
)");
  will_answer("one", stream_answer({{text_frame("a")}, {stop_frame() + done_frame()}, finish()}));
  const auto asked = request("m", kStream);

  auto reply = route(*asked);

  ASSERT_TRUE(reply);
  Bulkhead& bulkhead = *router_->destinations()[0].bulkhead;
  EXPECT_EQ(bulkhead.inside(), 1U);
  reply->items.reset();
  EXPECT_EQ(bulkhead.inside(), 0U);
}

TEST_F(Pursuits, LeaveAStreamAsItCameWhereNobodyCanTakeOver) {
  group("targets: [one/a]");
  will_answer("one", stream_answer({{text_frame("a") + stop_frame() + done_frame()}, finish()}));
  const auto asked = request("m", kStream);

  auto reply = route(*asked);

  ASSERT_TRUE(reply);
  EXPECT_FALSE(reply->retold);
  EXPECT_FALSE(reply->holds_request);
  auto batch = clock_.run(reply->items->next());
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->items[0].raw, text_frame("a") + stop_frame() + done_frame());
}

TEST_F(Pursuits, AskAnotherWhenAStreamFailsBeforeItsContent) {
  group("");
  will_answer("one", stream_answer({{role_frame()}, cut()}));
  will_answer("two", stream_answer({{frame(R"({"error":{"message":"overloaded"}})")}, finish()}));
  will_answer("three", stream_answer({{text_frame("a") + stop_frame() + done_frame()}, finish()}));
  const auto asked = request("m", kStream);

  auto reply = route(*asked);

  ASSERT_TRUE(reply);
  EXPECT_THAT(asked->targets(), ElementsAre("one/a", "two/b", "three/c"));
}

TEST_F(Pursuits, AskAnotherWhereAStreamSaysNothing) {
  group("");
  will_answer("one", stream_answer({{stop_frame() + done_frame()}, finish()}));
  will_answer("two", stream_answer({{text_frame("a") + stop_frame() + done_frame()}, finish()}));
  const auto asked = request("m", kStream);

  ASSERT_TRUE(route(*asked));

  EXPECT_EQ(asked->context.account.teller()->provider, "two");
}

TEST_F(Pursuits, AnswerWithNothingWhereNobodySaysMore) {
  group("");
  will_answer("one", stream_answer({{stop_frame() + done_frame()}, finish()}));
  const auto asked = request("m", kStream);

  auto reply = route(*asked);

  ASSERT_TRUE(reply);
  EXPECT_EQ(asked->context.account.teller()->provider, "one");
  EXPECT_EQ(asked->targets().size(), 3U);
  auto batch = clock_.run(reply->items->next());
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->items[0].raw, stop_frame() + done_frame());
}

TEST_F(Pursuits, WaitForTokensAsLongAsTheGroupSays) {
  group("timeouts: { first_token: 2s }");
  will_answer("one", stream_answer({{text_frame("late"), seconds(3)}}));
  will_answer("two", stream_answer({{text_frame("a") + stop_frame() + done_frame()}, finish()}));
  const auto asked = request("m", kStream);
  const Instant begun = clock_.now();

  ASSERT_TRUE(route(*asked));

  EXPECT_EQ(at("two").asked_at.front(), begun + seconds(2));
}

}  // namespace
}  // namespace sluice::routing
