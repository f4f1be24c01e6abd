// What becomes of the provider's call when the caller leaves.
#include "unit/server/gateway_scene.h"

#include <gmock/gmock.h>

#include <string>

namespace sluice::server {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class LeftGateways : public Gateways {
 protected:
  static Said stream() {
    return {.type = "text/event-stream",
            .pieces = {std::string(kText),
                       "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":30,"
                       "\"completion_tokens\":12}}\n\n" +
                           std::string(kEnd)},
            .waits_before = 1};
  }
  static Said whole() {
    return {.pieces = {"{", R"("usage":{"prompt_tokens":30,"completion_tokens":12}})"},
            .waits_before = 1};
  }
  // A caller that leaves when it has its first words,
  void leave_a_stream(std::string_view lines = {}) {
    net::Peer peer = connect();
    peer.send(chat(R"({"model":"m","stream":true,"text":"thirty-two bytes"})", lines));
    peer.receive_until("\"hi\"");
  }
  // or before anything came.
  void leave_early() {
    net::Peer peer = connect();
    peer.send(chat(R"({"model":"m","text":"some more for tokens"})"));
    net::turn_until(loop_, [&] { return !one_->asked.empty(); });
  }
  void turn_until_over() {
    net::turn_until(loop_, [&] { return shared_.connections == 0; });
    EXPECT_EQ(shared_.drains, 0U);
    EXPECT_EQ(shared_.in_flight, 0U);
    line_ = said();
    EXPECT_THAT(line_, HasSubstr(R"("status":499)"));
    EXPECT_THAT(said(), IsEmpty()) << "it is told once";
  }
  void turn_until_drained() {
    net::turn_until(loop_, [&] { return shared_.drains == 1; });
    one_->course.goes_on = true;
    turn_until_over();
  }

  std::string line_;
};

TEST_F(LeftGateways, CancelAStreamAndEstimateWhatCameOfIt) {
  one_->says = stream();

  leave_a_stream();
  turn_until_over();

  EXPECT_EQ(one_->course.cut_short, 1);
  EXPECT_THAT(line_, HasSubstr(R"("usage":"estimated")"));
  EXPECT_THAT(line_, HasSubstr(R"("input":13,)"));
}

TEST_F(LeftGateways, ReadAStreamToItsEndThatIsBilledAnyway) {
  one_->says = stream();
  one_->says.drains = true;

  leave_a_stream();
  turn_until_drained();

  EXPECT_EQ(one_->course.cut_short, 0);
  EXPECT_THAT(line_, HasSubstr(R"("usage":"exact")"));
  EXPECT_THAT(line_, HasSubstr(R"("input":30,)"));
  EXPECT_THAT(line_, HasSubstr(R"("output":12,)"));
}

TEST_F(LeftGateways, CancelAnAnswerThatHasNotComeYet) {
  one_->says = whole();

  leave_early();
  turn_until_over();

  EXPECT_EQ(one_->course.cut_short, 1);
  EXPECT_THAT(line_, HasSubstr(R"("usage":"estimated")"));
  EXPECT_THAT(line_, HasSubstr(R"("output":0,)"));
}

TEST_F(LeftGateways, AwaitAnAnswerThatIsBilledAnyway) {
  one_->says = whole();
  one_->says.drains = true;

  leave_early();
  turn_until_drained();

  EXPECT_EQ(one_->course.cut_short, 0);
  EXPECT_THAT(line_, HasSubstr(R"("usage":"exact")"));
  EXPECT_THAT(line_, HasSubstr(R"("output":12,)"));
}

TEST_F(LeftGateways, DrainNoMoreThanTheyMayAtOnce) {
  one_->says = stream();
  one_->says.drains = true;
  shared_.drains = 256;

  leave_a_stream();
  net::turn_until(loop_, [&] { return shared_.connections == 0; });

  EXPECT_EQ(one_->course.cut_short, 1);
  EXPECT_EQ(shared_.drains, 256U);
}

TEST_F(LeftGateways, DrainNoLongerThanTheDeadline) {
  one_->says = stream();
  one_->says.drains = true;

  leave_a_stream("x-sluice-timeout: 60ms\r\n");
  turn_until_over();

  EXPECT_EQ(one_->course.cut_short, 1);
  EXPECT_THAT(line_, HasSubstr(R"("usage":"estimated")"));
}

TEST_F(LeftGateways, DrainNoLongerThanTheyServe) {
  one_->says = stream();
  one_->says.drains = true;

  leave_a_stream();
  net::turn_until(loop_, [&] { return shared_.drains == 1; });
  server_.interrupt();
  turn_until_over();

  EXPECT_THAT(line_, Not(HasSubstr(R"("error":)")));
}

TEST_F(LeftGateways, EndWithDrainsUnderWay) {
  one_->says = stream();
  one_->says.drains = true;
  leave_a_stream();
  net::turn_until(loop_, [&] { return shared_.drains == 1; });

  loop_.abandon_all();

  EXPECT_EQ(shared_.drains, 0U);
  EXPECT_EQ(one_->course.cut_short, 1);
}

}  // namespace
}  // namespace sluice::server
