#include "middleware/chain.h"

#include "unit/middleware/scene.h"

namespace sluice::middleware {
namespace {

class Chains : public Scene {
 protected:
  Chains() {
    configure(R"(
providers: { one: { type: simulator } }
models: { cheap: one/sim-small }
auth: { keys: [{ name: dev, secret: sk-dev-0000000000000000, models: [cheap] }] }
)");
    chain_.emplace(*context_.config);
  }

  std::string_view ask_for(std::string_view model) {
    request_.model = model;
    const auto reply = run_now(chain_->call(context_, request_, caller_));
    return reply ? "" : reply.error()->code;
  }

  std::optional<Chain> chain_;
};

TEST_F(Chains, AskWhoIsThereBeforeAnythingElse) {
  EXPECT_FALSE(
      chain_->admit(context_, {.operation = Operation::Chat, .credential = "x", .peer = {}}));
  EXPECT_TRUE(chain_->admit(
      context_,
      {.operation = Operation::Chat, .credential = "sk-dev-0000000000000000", .peer = {}}));
}

TEST_F(Chains, TellAnUnknownNameBeforeAForbiddenOne) {
  ASSERT_TRUE(chain_->admit(
      context_,
      {.operation = Operation::Chat, .credential = "sk-dev-0000000000000000", .peer = {}}));

  EXPECT_EQ(ask_for("cheap"), "");
  EXPECT_EQ(caller_.candidates.at(0).model, "sim-small");
  EXPECT_EQ(ask_for("nobody"), "model_not_found");
  EXPECT_EQ(ask_for("one/sim-small"), "model_not_allowed");
  EXPECT_EQ(caller_.calls, 1);
}

}  // namespace
}  // namespace sluice::middleware
