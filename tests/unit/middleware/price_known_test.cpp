#include "middleware/price_known.h"

#include "unit/middleware/scene.h"

namespace sluice::middleware {
namespace {

class PricesKnown : public Scene {
 protected:
  PricesKnown() {
    configure(R"(
providers:
  here: { type: simulator }
  there: { type: openai, keys: [k] }
unknown_price: deny
)");
  }

  // What came through of these candidates, or why none did.
  std::string ask(std::span<const Candidate> candidates) {
    request_.candidates = candidates;
    const auto reply = run_now(PriceKnown().handle(context_, request_, Next({}, caller_)));
    if (!reply) return std::string(reply.error()->code);
    std::string models;
    for (const Candidate& one : caller_.candidates) models += std::string(one.model) + ";";
    return models;
  }
};

TEST_F(PricesKnown, LetOnlyModelsThroughThatHaveOne) {
  const Candidate both[] = {{1, 0, "no-such-model-of-anyone"}, {0, 1, "echo"}};
  EXPECT_EQ(ask(both), "echo;");
  const Candidate unknown[] = {{1, 0, "no-such-model-of-anyone"}};
  EXPECT_EQ(ask(unknown), "model_not_allowed");
  EXPECT_EQ(caller_.calls, 1);
}

TEST_F(PricesKnown, AreNotAskedOfWhatNamesNoModel) {
  const Candidate none[] = {{1, 0, ""}};
  EXPECT_EQ(ask(none), ";");
}

}  // namespace
}  // namespace sluice::middleware
