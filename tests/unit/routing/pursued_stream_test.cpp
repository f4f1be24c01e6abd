// Streams that break: before their content another takes over, behind it another goes on.
#include "routing/pursued_stream.h"

#include "unit/routing/routed_scene.h"

#include <gmock/gmock.h>

namespace sluice::routing {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string tool_frame() {
  return frame(R"({"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t",)"
               R"("type":"function","function":{"name":"f","arguments":"{"}}]}}]})");
}
std::string thought_frame(std::string_view text) {
  return frame(R"({"id":"c1","choices":[{"index":0,"delta":{"reasoning_content":")" +
               std::string(text) + R"("}}]})");
}
std::string other_role_frame() {
  return frame(R"({"id":"c2","model":"b","choices":[{"index":0,"delta":{"role":"assistant"}}]})");
}
std::string whole_end() {
  return stop_frame() + usage_frame() + done_frame();
}

class PursuedStreams : public RoutedScene {
 protected:
  // Targets: two simulators, which go on from an assistant's turn, and a model that does not.
  void group(std::string_view settings) {
    configure(R"(
providers:
  one: { type: simulator }
  two: { type: simulator }
  openai: { type: openai, keys: [sk-aaaaaaaaaaaaaaaaaaaa] }
models:
  m: { )" + std::string(settings) +
              " }\n");
  }
  void will_stream(const std::string& provider, std::deque<Step> steps) {
    will_answer(provider, stream_answer(std::move(steps)));
  }

  Told ask(std::string_view members = "") {
    asked_ =
        request("m", std::string(kStream) + (members.empty() ? "" : ",") + std::string(members));
    auto reply = route(*asked_);
    if (!reply) {
      Told told;
      told.failure = std::move(reply.error());
      return told;
    }
    retold_ = reply->retold;
    return receive(*reply);
  }

  std::unique_ptr<Asked> asked_;
  bool retold_ = false;
};

TEST_F(PursuedStreams, AreTakenOverBeforeTheirContent) {
  group("targets: [one/a, two/b], commit: { wait: 1s }");
  will_stream("one", {{role_frame()}, {{}, seconds(5), Step::Then::Cut}});
  will_stream("two", {{other_role_frame() + text_frame("Hello")}, {whole_end()}, finish()});

  const Told told = ask();

  EXPECT_FALSE(told.failure);
  EXPECT_TRUE(retold_);
  EXPECT_EQ(told.text, "Hello");
  EXPECT_THAT(told.ids, ElementsAre("c1")) << "it was begun, and begins once";
  EXPECT_THAT(told.stops, ElementsAre(FinishReason::Stop));
  EXPECT_THAT(asked_->targets(), ElementsAre("one/a", "two/b"));
  EXPECT_EQ(asked_->context.account.teller()->provider, "two");
}

TEST_F(PursuedStreams, TellAllOfTheOneThatCommittedEarly) {
  group("targets: [one/a, two/b], commit: { wait: 1s }");
  const std::string late = frame(R"({"choices":[{"index":0,"delta":{"content":"Late"}}]})");
  will_stream("one", {{role_frame()}, {late, seconds(5)}, {whole_end()}, finish()});

  const Told told = ask(R"("stream_options":{"include_usage":true})");

  EXPECT_FALSE(told.failure);
  EXPECT_THAT(told.ids, ElementsAre("c1"));
  EXPECT_EQ(told.text, "Late");
  EXPECT_EQ(told.usage, (Usage{.input = 7, .output = 3}));
}

TEST_F(PursuedStreams, PassOnTheSignsOfLife) {
  group("targets: [one/a, two/b], commit: { wait: 1s }");
  will_stream("one", {{role_frame()}, {text_frame("Late"), seconds(40)}, {whole_end()}, finish()});

  EXPECT_EQ(ask().pings, 2U);
}

TEST_F(PursuedStreams, AreLeftAloneBehindTheirContentUnlessTheGroupResumes) {
  group("targets: [one/a, two/b], commit: { wait: 1s }");
  will_stream("one", {{role_frame()}, {text_frame("Hel"), seconds(5)}, cut()});

  const Told told = ask();

  ASSERT_TRUE(told.failure);
  EXPECT_EQ(told.failure->message, "cut");
  EXPECT_EQ(told.text, "Hel");
  EXPECT_TRUE(at("two").asked.empty());
}

TEST_F(PursuedStreams, GoOnFromWhatWasSaid) {
  group("targets: [one/a, two/b], resume: true");
  will_stream("one", {{role_frame() + text_frame("Hello, ") + text_frame("wor")}, cut()});
  will_stream("two", {{other_role_frame() + text_frame("ld!")}, {whole_end()}, finish()});

  const Told told = ask();

  EXPECT_FALSE(told.failure);
  EXPECT_EQ(told.text, "Hello, world!");
  EXPECT_THAT(told.ids, ElementsAre("c1"));
  EXPECT_THAT(told.stops, ElementsAre(FinishReason::Stop));
  EXPECT_THAT(
      at("two").asked.front(),
      HasSubstr(R"({"role":"user","content":"Hi"},{"role":"assistant","content":"Hello, wor")"));
  EXPECT_THAT(at("two").asked.front(), Not(HasSubstr("cut off")));
}

TEST_F(PursuedStreams, AskThoseThatDoNotGoOnByThemselves) {
  group("targets: [one/a, openai/gpt-4o], resume: true");
  will_stream("one", {{role_frame() + text_frame("The quick brown fox ")}, cut()});
  will_stream("openai",
              {{text_frame("quick brown fox jum") + text_frame("ps")}, {whole_end()}, finish()});

  const Told told = ask();

  EXPECT_FALSE(told.failure);
  EXPECT_EQ(told.text, "The quick brown fox jumps");
  EXPECT_THAT(at("openai").asked.front(),
              HasSubstr(R"({"role":"assistant","content":"The quick brown fox"},{"role":"user",)"));
  EXPECT_THAT(at("openai").asked.front(), HasSubstr("cut off"));
}

TEST_F(PursuedStreams, GoOnMoreThanOnce) {
  group("targets: [one/a, two/b, openai/gpt-4o], resume: true");
  will_stream("one", {{text_frame("One, ")}, cut()});
  will_stream("two", {{text_frame("two, ")}, cut()});
  will_stream("openai", {{text_frame("three, and then some more of it")}, {whole_end()}, finish()});

  const Told told = ask();

  EXPECT_FALSE(told.failure);
  EXPECT_EQ(told.text, "One, two, three, and then some more of it");
  EXPECT_THAT(at("openai").asked.front(), HasSubstr(R"("content":"One, two,")"));
}

TEST_F(PursuedStreams, LeaveTheRestOfTheTokens) {
  group("targets: [one/a, two/b], resume: true");
  will_stream("one", {{text_frame(std::string(40, 'x'))}, cut()});
  will_stream("two", {{text_frame("y")}, {whole_end()}, finish()});

  EXPECT_FALSE(ask(R"("max_tokens":100)").failure);

  EXPECT_THAT(at("one").asked.front(), HasSubstr(R"("max_tokens":100)"));
  EXPECT_THAT(at("two").asked.front(), HasSubstr("tokens\":90"));
}

TEST_F(PursuedStreams, CountWhatAllOfThemUsed) {
  group("targets: [one/a, two/b], resume: true");
  will_stream("one", {{text_frame(std::string(40, 'x'))}, cut()});
  will_stream("two", {{text_frame("y")}, {whole_end()}, finish()});

  const Told told = ask();

  const auto prompt = static_cast<std::int64_t>(asked_->context.account.prompt_bytes / 4);
  EXPECT_EQ(told.usage, (Usage{.input = prompt + 7, .output = 10 + 3}));
}

TEST_F(PursuedStreams, AskAnewWhereNothingButThoughtsWereTold) {
  group("targets: [one/a, two/b], resume: true");
  will_stream("one", {{thought_frame("Hm.")}, cut()});
  will_stream("two", {{text_frame("Hello")}, {whole_end()}, finish()});

  const Told told = ask();

  EXPECT_FALSE(told.failure);
  EXPECT_EQ(told.text, "Hello");
  EXPECT_THAT(at("two").asked.front(), Not(HasSubstr("assistant")));
}

TEST_F(PursuedStreams, KeepTheThoughtsOfWhoGoesOnToThemselves) {
  group("targets: [one/a, two/b], resume: true");
  will_stream("one", {{text_frame("Hello, ")}, cut()});
  will_stream("two",
              {{thought_frame("Where was I?") + text_frame("world!")}, {whole_end()}, finish()});

  const Told told = ask();

  EXPECT_FALSE(told.failure);
  EXPECT_EQ(told.text, "Hello, world!");
  EXPECT_EQ(told.thoughts, "");
}

TEST_F(PursuedStreams, DoNotGoOnWithinACallOfATool) {
  group("targets: [one/a, two/b], resume: true");
  will_stream("one", {{text_frame("Let me see.") + tool_frame()}, cut()});

  const Told told = ask();

  ASSERT_TRUE(told.failure);
  EXPECT_EQ(told.failure->message, "cut");
  EXPECT_TRUE(at("two").asked.empty());
}

TEST_F(PursuedStreams, DoNotGoOnWhenAllWasSaid) {
  group("targets: [one/a, two/b], resume: true");
  will_stream("one", {{text_frame("Hello")}, {stop_frame()}, cut()});

  const Told told = ask();

  EXPECT_EQ(told.text, "Hello");
  EXPECT_THAT(told.stops, ElementsAre(FinishReason::Stop));
  EXPECT_TRUE(at("two").asked.empty());
}

TEST_F(PursuedStreams, EndWithTheirOwnFailureWhenNobodyCanGoOn) {
  group("targets: [one/a, two/b], resume: true, retry: { attempts: 2 }");
  will_stream("one", {{text_frame("Hel")}, cut()});
  will_answer("two", json_answer(503, R"({"error":{"message":"busy"}})"));

  const Told told = ask();

  ASSERT_TRUE(told.failure);
  EXPECT_EQ(told.text, "Hel");
  EXPECT_EQ(told.failure->message, "busy");
  EXPECT_THAT(asked_->targets(), ElementsAre("one/a", "two/b"));
}

TEST_F(PursuedStreams, BreakWhereWhoGoesOnAnswersWithoutAStream) {
  group("targets: [one/a, two/b], resume: true");
  will_stream("one", {{text_frame("Hel")}, cut()});
  will_say("two", "lo");

  const Told told = ask();

  ASSERT_TRUE(told.failure);
  EXPECT_EQ(told.failure->code, "upstream_bad_response");
  EXPECT_EQ(told.text, "Hel");
}

TEST_F(PursuedStreams, BeginNothingBehindTheDeadline) {
  group("targets: [one/a, two/b], resume: true");
  will_stream("one", {{text_frame("Hel")}});
  asked_ = request("m", kStream);
  asked_->context.deadline = clock_.now() + seconds(5);

  auto reply = route(*asked_);
  ASSERT_TRUE(reply);
  const Told told = receive(*reply);

  ASSERT_TRUE(told.failure);
  EXPECT_EQ(told.failure->kind, ErrorKind::DeadlineExceeded);
  EXPECT_TRUE(at("two").asked.empty());
}

TEST_F(PursuedStreams, TellTheTargetThatBrokeAndTheOneThatWentOn) {
  group("targets: [one/a, two/b], resume: true");
  will_stream("one", {{text_frame("Hel")}, cut()});
  will_stream("two", {{text_frame("lo")}, {whole_end()}, finish()});

  EXPECT_FALSE(ask().failure);

  EXPECT_EQ(state("one/a").failures, 1U);
  EXPECT_EQ(state("one/a").busy, 0U);
  EXPECT_EQ(state("two/b").successes, 1U);
  EXPECT_EQ(common_.tally.resumed, 1U);
}

}  // namespace
}  // namespace sluice::routing
