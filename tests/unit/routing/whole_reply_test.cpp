#include "routing/whole_reply.h"

#include "support/fake_clock.h"
#include "support/run_now.h"
#include "unit/routing/scripted_reply.h"

#include <gtest/gtest.h>

namespace sluice::routing {
namespace {

class Replies : public testing::Test {
 protected:
  ArenaPtr<UpstreamReply> reply(std::deque<Step> steps) {
    return arena_.make<ScriptedReply>(clock_, answer_head(200, "audio/mpeg"), std::move(steps));
  }

  FakeClock clock_;
  Arena arena_;
  Arena draft_;
  Context context_{arena_, draft_, clock_};
  Attempt& attempt_ = context_.account.begin_attempt(arena_, "p", "m", clock_.now());
};

TEST_F(Replies, AreReadWhole) {
  auto one = reply({{"{\"a\":"}, {"1}", seconds(1)}, finish()});

  const auto body = run_now(read_whole(*one, kNever, 100));

  ASSERT_TRUE(body);
  EXPECT_EQ(*body, "{\"a\":1}");
}

TEST_F(Replies, AreNotReadBeyondTheLimit) {
  auto one = reply({{std::string(60, 'x')}, {std::string(60, 'x')}, finish()});

  const auto body = run_now(read_whole(*one, kNever, 100));

  ASSERT_FALSE(body);
  EXPECT_EQ(body.error()->code, "upstream_bad_response");
}

TEST_F(Replies, AreNotWaitedForLongerThanTheTimeAllowed) {
  auto one = reply({{"{"}, {"}", seconds(10)}, finish()});

  const auto body = run_now(read_whole(*one, clock_.now() + seconds(5), 100));

  ASSERT_FALSE(body);
  EXPECT_EQ(body.error()->kind, ErrorKind::DeadlineExceeded);
}

TEST_F(Replies, OfBytesPassAsTheyCome) {
  ByteStream stream(context_, attempt_, reply({{"ab", seconds(1)}, {"cd", seconds(1)}, finish()}),
                    seconds(5), Aftermath());

  auto first = run_now(stream.next());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->items[0].raw, "ab");
  EXPECT_EQ(attempt_.first_content, clock_.now());
  auto second = run_now(stream.next());
  EXPECT_EQ(second->items[0].raw, "cd");
  EXPECT_FALSE(second->last);
  auto third = run_now(stream.next());
  EXPECT_TRUE(third->items.empty());
  EXPECT_TRUE(third->last);
  EXPECT_EQ(attempt_.outcome, Outcome::Answered);
}

TEST_F(Replies, OfBytesFailWhenTheyStall) {
  ByteStream stream(context_, attempt_, reply({{"ab"}}), seconds(5), Aftermath());
  ASSERT_TRUE(run_now(stream.next()));

  const auto second = run_now(stream.next());

  ASSERT_FALSE(second);
  EXPECT_EQ(attempt_.outcome, Outcome::TimedOut);
  EXPECT_EQ(attempt_.ended, clock_.now());
}

TEST_F(Replies, OfBytesFailWhenTheyAreCut) {
  ByteStream stream(context_, attempt_, reply({{"ab"}, cut()}), seconds(5), Aftermath());
  ASSERT_TRUE(run_now(stream.next()));

  EXPECT_FALSE(run_now(stream.next()));

  EXPECT_EQ(attempt_.outcome, Outcome::Failed);
}

}  // namespace
}  // namespace sluice::routing
