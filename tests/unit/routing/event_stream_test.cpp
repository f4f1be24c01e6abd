#include "routing/event_stream.h"

#include "dialect/openai_decoder.h"
#include "support/fake_clock.h"
#include "support/run_now.h"
#include "unit/routing/scripted_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::routing {
namespace {

using dialect::UsageEvent;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kError = frame(R"({"error":{"message":"boom"}})");

class EventStreams : public testing::Test {
 protected:
  EventStream& play(std::deque<Step> steps, UsageEvent usage = UsageEvent::Withhold) {
    attempt_.sent = clock_.now();
    auto reply =
        arena_.make<ScriptedReply>(clock_, answer_head(200, "text/event-stream"), std::move(steps));
    stream_ = arena_.make<EventStream>(context_, attempt_, std::move(reply),
                                       dialect::make_chat_decoder(arena_, reader_, usage),
                                       patience_, Aftermath());
    return *stream_;
  }

  // What the caller gets; the failure's message in failure_ and its code in code_.
  std::string received() {
    std::string text;
    for (;;) {
      auto batch = run_now(stream_->next());
      if (!batch) {
        note(*batch.error());
        return text;
      }
      for (const Item& item : batch->items) text += item.raw;
      if (batch->last) return text;
    }
  }
  std::string next_text() {
    auto batch = run_now(stream_->next());
    if (!batch) {
      note(*batch.error());
      return {};
    }
    std::string text;
    for (const Item& item : batch->items) text += item.raw;
    return text;
  }
  bool awaits_content() {
    auto awaited = run_now(stream_->await_content());
    if (!awaited) note(*awaited.error());
    return awaited.has_value();
  }
  void note(const ApiError& error) {
    failure_ = error.message;
    code_ = error.code;
  }
  Duration since_sent() const { return clock_.now() - attempt_.sent; }

  FakeClock clock_;
  Arena arena_;
  Arena draft_;
  Context context_{arena_, draft_, clock_};
  Attempt& attempt_ = context_.account.begin_attempt(arena_, "p", "m", clock_.now());
  json::Reader reader_;
  Patience patience_{.first_content = seconds(60),
                     .between = seconds(30),
                     .commit = seconds(15),
                     .commit_bytes = 4096,
                     .event_limit = 1024};
  ArenaPtr<EventStream> stream_;
  std::string failure_;
  std::string_view code_;
};

TEST_F(EventStreams, HandNothingOutBeforeTheFirstContent) {
  play({{role_frame(), seconds(1)},
        {text_frame("hi"), seconds(2)},
        {stop_frame()},
        {done_frame()},
        finish()});

  ASSERT_TRUE(awaits_content());

  EXPECT_EQ(since_sent(), seconds(3));
  EXPECT_EQ(attempt_.first_content, clock_.now());
  EXPECT_EQ(received(), role_frame() + text_frame("hi") + stop_frame() + done_frame());
  EXPECT_EQ(attempt_.outcome, Outcome::Answered);
}

TEST_F(EventStreams, FailAsAWholeOnAnErrorBeforeContent) {
  play({{role_frame()}, {kError}});

  EXPECT_FALSE(awaits_content());

  EXPECT_EQ(code_, "upstream_error");
  EXPECT_EQ(failure_, "boom");
  EXPECT_EQ(attempt_.outcome, Outcome::Failed);
}

TEST_F(EventStreams, PassOnAnErrorEventBehindContent) {
  play({{text_frame("a")}, {kError + text_frame("never")}, finish()});

  ASSERT_TRUE(awaits_content());

  EXPECT_EQ(received(), text_frame("a") + kError);
  EXPECT_EQ(failure_, "");
  EXPECT_EQ(attempt_.outcome, Outcome::Failed);
}

TEST_F(EventStreams, FailOnAnErrorEventBehindContentThatIsToBeTranslated) {
  play({{text_frame("a")}, {kError}, finish()});
  stream_->need_meaning();

  ASSERT_TRUE(awaits_content());

  EXPECT_EQ(received(), text_frame("a"));
  EXPECT_EQ(failure_, "boom");
  EXPECT_EQ(attempt_.outcome, Outcome::Failed);
}

TEST_F(EventStreams, LetTheHeadGoOutWhenTheWaitForContentIsOver) {
  play({{role_frame(), seconds(1)},
        {text_frame("late"), seconds(30)},
        {stop_frame()},
        {done_frame()},
        finish()});

  ASSERT_TRUE(awaits_content());

  EXPECT_EQ(since_sent(), seconds(15));
  EXPECT_EQ(next_text(), role_frame());
  EXPECT_EQ(next_text(), ": ping\n\n");
  EXPECT_EQ(since_sent(), seconds(30));
  EXPECT_EQ(next_text(), text_frame("late"));
  EXPECT_EQ(since_sent(), seconds(31));
}

TEST_F(EventStreams, FailBehindTheHeadWhenNoContentComesAtAll) {
  play({{role_frame(), seconds(1)}, {kError, seconds(20)}});
  ASSERT_TRUE(awaits_content());

  EXPECT_EQ(received(), role_frame());

  EXPECT_EQ(code_, "upstream_error");
}

TEST_F(EventStreams, LetLargePreludesGoOutAtOnce) {
  patience_.commit_bytes = 100;
  play({{role_frame() + role_frame(), seconds(1)}, {text_frame("x"), seconds(1)}});

  ASSERT_TRUE(awaits_content());

  EXPECT_EQ(since_sent(), seconds(1));
}

TEST_F(EventStreams, GiveUpWhenTheFirstTokenDoesNotCome) {
  patience_.commit = seconds(100);
  play({{role_frame(), seconds(1)}});

  EXPECT_FALSE(awaits_content());

  EXPECT_EQ(since_sent(), seconds(60));
  EXPECT_EQ(code_, "upstream_timeout");
  EXPECT_THAT(failure_, HasSubstr("first_token"));
  EXPECT_EQ(attempt_.outcome, Outcome::TimedOut);
  EXPECT_EQ(attempt_.ended, clock_.now());
}

TEST_F(EventStreams, GiveUpWhenTheyStall) {
  play({{text_frame("a"), seconds(5)}});
  ASSERT_TRUE(awaits_content());

  EXPECT_EQ(received(), text_frame("a") + ": ping\n\n");

  EXPECT_EQ(since_sent(), seconds(35));
  EXPECT_THAT(failure_, HasSubstr("between_tokens"));
}

TEST_F(EventStreams, EndAtTheRequestsDeadlineWithoutAStormOfPings) {
  context_.deadline = clock_.now() + seconds(8);
  play({{text_frame("a"), seconds(5)}});
  ASSERT_TRUE(awaits_content());

  EXPECT_EQ(received(), text_frame("a"));

  EXPECT_EQ(since_sent(), seconds(8));
  EXPECT_THAT(failure_, HasSubstr("request"));
  EXPECT_EQ(attempt_.outcome, Outcome::TimedOut);
}

TEST_F(EventStreams, WithholdTheUsageThatTheCallerDidNotAskFor) {
  play({{text_frame("a") + stop_frame() + usage_frame() + done_frame()}, finish()});
  ASSERT_TRUE(awaits_content());

  EXPECT_EQ(received(), text_frame("a") + stop_frame() + done_frame());

  EXPECT_TRUE(context_.account.exact());
  EXPECT_EQ(context_.account.usage(), (Usage{.input = 7, .output = 3}));
}

TEST_F(EventStreams, PassTheUsageOnToWhoAskedForIt) {
  play({{text_frame("a") + usage_frame() + done_frame()}, finish()}, UsageEvent::Pass);
  ASSERT_TRUE(awaits_content());

  EXPECT_EQ(received(), text_frame("a") + usage_frame() + done_frame());
}

TEST_F(EventStreams, AreCompleteWithoutDoneWhenEveryWordWasSaid) {
  play({{text_frame("a")}, {stop_frame()}, finish()});
  ASSERT_TRUE(awaits_content());

  EXPECT_EQ(received(), text_frame("a") + stop_frame());

  EXPECT_EQ(failure_, "");
  EXPECT_EQ(attempt_.outcome, Outcome::Answered);
}

TEST_F(EventStreams, AreBrokenWhenTheyEndInTheMiddle) {
  play({{text_frame("a")}, {"data: {\"choices\":[{\"del"}, finish()});
  ASSERT_TRUE(awaits_content());

  EXPECT_EQ(received(), text_frame("a"));

  EXPECT_EQ(code_, "upstream_bad_response");
  EXPECT_THAT(failure_, HasSubstr("before the answer was complete"));
  EXPECT_EQ(attempt_.outcome, Outcome::Failed);
}

TEST_F(EventStreams, AreBrokenWhenTheConnectionIs) {
  play({{text_frame("a")}, cut()});
  ASSERT_TRUE(awaits_content());

  EXPECT_EQ(received(), text_frame("a"));

  EXPECT_EQ(failure_, "cut");
  EXPECT_EQ(attempt_.ended, clock_.now());
}

TEST_F(EventStreams, AreNoAnswerWhenTheyEndEmpty) {
  play({{role_frame()}, finish()});

  EXPECT_FALSE(awaits_content());

  EXPECT_THAT(failure_, HasSubstr("without an answer"));
}

TEST_F(EventStreams, HandOutWhatCameBeforeAMalformedEvent) {
  play({{text_frame("a")}, {text_frame("b") + frame("{nonsense") + text_frame("c")}});
  ASSERT_TRUE(awaits_content());

  EXPECT_EQ(received(), text_frame("a") + text_frame("b"));

  EXPECT_EQ(code_, "upstream_bad_response");
}

TEST_F(EventStreams, RefuseAnEventThatIsTooLarge) {
  play({{text_frame("a")}, {text_frame(std::string(2000, 'x'))}});
  ASSERT_TRUE(awaits_content());

  EXPECT_EQ(received(), text_frame("a"));

  EXPECT_THAT(failure_, HasSubstr("too large"));
  EXPECT_EQ(attempt_.outcome, Outcome::Failed);
}

TEST_F(EventStreams, ReadALastEventThatLacksItsBlankLine) {
  play({{text_frame("a") + stop_frame()}, {"data: [DONE]\n"}, finish()});
  ASSERT_TRUE(awaits_content());

  EXPECT_EQ(received(), text_frame("a") + stop_frame() + done_frame());
  EXPECT_EQ(attempt_.outcome, Outcome::Answered);
}

TEST_F(EventStreams, WriteOddFramesPlainly) {
  play({{"\xEF\xBB\xBFid: 7\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\n\r\n"},
        {": a comment\n\n" + stop_frame() + done_frame()},
        finish()});
  ASSERT_TRUE(awaits_content());

  EXPECT_EQ(received(),
            frame(R"({"choices":[{"delta":{"content":"a"}}]})") + stop_frame() + done_frame());
}

TEST_F(EventStreams, DoNotWaitLongForTheEndOfTheFraming) {
  play({{text_frame("a") + stop_frame() + done_frame()}});
  ASSERT_TRUE(awaits_content());

  EXPECT_EQ(received(), text_frame("a") + stop_frame() + done_frame());

  EXPECT_EQ(since_sent(), seconds(1));
  EXPECT_EQ(attempt_.outcome, Outcome::Answered);
}

struct Said {
  std::vector<std::string> texts;
  std::string model;
  bool stopped = false;
};

TEST_F(EventStreams, TellTheirMeaningWhenAsked) {
  const std::string two_lines =
      "data: {\"choices\":[{\"index\":0,\n"
      "data: \"delta\":{\"content\":\"two\"}}]}\n\n";
  EventStream& stream = play({{role_frame(), seconds(1)},
                              {text_frame("one") + two_lines + two_lines, seconds(1)},
                              {stop_frame() + done_frame()},
                              finish()});
  stream.need_meaning();
  ASSERT_TRUE(awaits_content());

  Said said;
  for (bool last = false; !last;) {
    auto batch = run_now(stream.next());
    ASSERT_TRUE(batch);
    last = batch->last;
    for (const Item& item : batch->items) {
      for (const Event& event : item.events) {
        if (const auto* text = std::get_if<TextDelta>(&event)) said.texts.emplace_back(text->text);
        if (const auto* started = std::get_if<ReplyStarted>(&event)) said.model = started->model;
        said.stopped |= std::holds_alternative<ReplyStopped>(event);
      }
    }
  }

  EXPECT_THAT(said.texts, ElementsAre("one", "two", "two"));
  EXPECT_EQ(said.model, "m");
  EXPECT_TRUE(said.stopped);
}

TEST_F(EventStreams, SayTheSameHoweverTheyAreCut) {
  const std::string whole = role_frame() + text_frame("a") + ": x\n\n" + text_frame("b") +
                            stop_frame() + usage_frame() + done_frame();
  const std::string expected =
      role_frame() + text_frame("a") + text_frame("b") + stop_frame() + done_frame();
  for (std::size_t at = 1; at < whole.size(); ++at) {
    play({{whole.substr(0, at)}, {whole.substr(at)}, finish()});
    ASSERT_TRUE(awaits_content()) << at;
    ASSERT_EQ(received(), expected) << at;
  }
}

}  // namespace
}  // namespace sluice::routing
