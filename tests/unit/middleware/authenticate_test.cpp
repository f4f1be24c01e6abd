#include "middleware/authenticate.h"

#include "config/key_table.h"
#include "middleware/model_allowed.h"
#include "net/address.h"
#include "unit/middleware/scene.h"

namespace sluice::middleware {
namespace {

constexpr std::string_view kProviders = "providers: { one: { type: simulator } }\n";

class Gates : public Scene {
 protected:
  Gates() {
    with_auth(R"(
  keys:
    - { name: dev, secret: sk-dev-0000000000000000, user: ann, models: [cheap, "gpt-*"], may: [chat] }
    - { name: all, secret: sk-all-0000000000000000 }
  ip: { allow: [10.0.0.0/8, "fd00::/8"], deny: [10.9.0.0/16] }
)");
  }

  void with_auth(std::string_view auth) {
    configure(std::string(kProviders) + "auth:" + std::string(auth));
  }
  // The failure's code; empty when admitted.
  std::string_view knock(std::string_view credential, Operation operation = Operation::Chat,
                         const char* from = nullptr) {
    Knock knock{.operation = operation, .credential = credential, .peer = std::nullopt};
    if (from) knock.peer = net::parse_ip(from)->bytes;
    const Authenticate gate(context_.config->config().auth, context_.config->keys());
    const auto admitted = gate.admit(context_, knock);
    if (admitted) return "";
    message_ = admitted.error()->message;
    return admitted.error()->code;
  }
  std::string_view ask_for(std::string_view model) {
    request_.model = model;
    const auto reply = run_now(allowed_.handle(context_, request_, Next({}, caller_)));
    return reply ? "" : reply.error()->code;
  }

  ModelAllowed allowed_;
  std::string message_;
};

TEST_F(Gates, KnowAKeyByAllOfIt) {
  EXPECT_EQ(knock("sk-dev-0000000000000000"), "");
  EXPECT_EQ(context_.principal->id, "dev");
  EXPECT_EQ(context_.principal->user, "ann");
  EXPECT_EQ(knock("sk-dev-0000000000000001"), "invalid_api_key");
  EXPECT_EQ(knock("sk-dev-000000000000000"), "invalid_api_key");
}

TEST_F(Gates, SayTheSameOfNoKeyAndOfAWrongOne) {
  EXPECT_EQ(knock(""), "invalid_api_key");
  const std::string none = message_;
  EXPECT_EQ(knock("sk-wrong"), "invalid_api_key");
  EXPECT_EQ(message_, none);
}

TEST_F(Gates, HoldAKeyToWhatItMayDo) {
  EXPECT_EQ(knock("sk-dev-0000000000000000", Operation::Responses), "");
  EXPECT_EQ(knock("sk-dev-0000000000000000", Operation::Embeddings), "operation_not_allowed");
  EXPECT_EQ(knock("sk-all-0000000000000000", Operation::Embeddings), "");
  EXPECT_EQ(knock("sk-all-0000000000000000", Operation::Raw), "operation_not_allowed")
      << "raw paths are granted by name";
}

TEST_F(Gates, LookAtTheAddressFirst) {
  EXPECT_EQ(knock("sk-dev-0000000000000000", Operation::Chat, "10.1.2.3"), "");
  EXPECT_EQ(knock("sk-dev-0000000000000000", Operation::Chat, "fd00::1"), "");
  EXPECT_EQ(knock("sk-wrong", Operation::Chat, "10.9.1.1"), "ip_not_allowed");
  EXPECT_EQ(knock("sk-dev-0000000000000000", Operation::Chat, "11.0.0.1"), "ip_not_allowed");
}

TEST_F(Gates, LetEverybodyInWhereNoKeyIsRequired) {
  with_auth(" { required: false }\n");

  EXPECT_EQ(knock("", Operation::Raw), "");
  EXPECT_EQ(context_.principal->id, "");
  EXPECT_EQ(ask_for("anything"), "");
}

TEST_F(Gates, HoldAKeyToTheNamesItMayAskFor) {
  ASSERT_EQ(knock("sk-dev-0000000000000000"), "");

  EXPECT_EQ(ask_for("cheap"), "");
  EXPECT_EQ(ask_for("gpt-4o"), "");
  EXPECT_EQ(caller_.calls, 2);
  EXPECT_EQ(ask_for("cheaper"), "model_not_allowed");
  EXPECT_EQ(ask_for("one/cheap"), "model_not_allowed");
  EXPECT_EQ(caller_.calls, 2);
}

TEST_F(Gates, HoldAKeyToItsNamesWhereThePathNamesTheProvider) {
  ASSERT_EQ(knock("sk-dev-0000000000000000"), "");
  request_.provider = "one";
  EXPECT_EQ(ask_for("cheap"), "model_not_allowed") << "an entry of that name may lead elsewhere";

  ASSERT_EQ(knock("sk-all-0000000000000000"), "");
  EXPECT_EQ(ask_for("cheap"), "");
  EXPECT_EQ(ask_for(""), "");
}

}  // namespace
}  // namespace sluice::middleware
