#include "unit/admin/fake_operator.h"
#include "unit/admin/port.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace sluice::admin {
namespace {

using ::testing::HasSubstr;

TEST(RoutingCalls, ListsProvidersWithTheirConnectionsKeysAndTargets) {
  Port port(kOpenConfig);

  const auto providers = port.ask("/admin/v1/providers").json()["providers"];

  ASSERT_EQ(providers.size(), 1u);
  EXPECT_EQ(providers[0], nlohmann::json::parse(R"({"name":"up","type":"openai",
      "base_url":"https://api.example/v1","keys":2,
      "key_states":[{"number":1,"state":"usable"},
                    {"number":2,"state":"cooling","usable_in_s":12}],
      "connections":{"idle":3,"busy":1},
      "targets":[{"target":"up/gpt","breaker":"open","share":0.5,"asked_again_in_ms":1500,
                  "busy":1,"waiting":2,"requests":10,"successes":6,"failures":3,
                  "output_tokens":77,"first_token_ms":{"average":123.5,"p50":100},
                  "per_token_ms":7.062}]})"));
}

TEST(RoutingCalls, ExplainsWhichTargetANameMeans) {
  Port port(kOpenConfig);

  const auto explained = [&](const std::string& name) {
    return port.ask("/admin/v1/explain?x=1&model=" + name).json();
  };

  EXPECT_EQ(explained("fast")["target"],
            nlohmann::json({{"provider", "up"}, {"model", "gpt-fast"}}));
  EXPECT_EQ(explained("up/a%2Fb")["target"]["model"], "a/b");
  EXPECT_EQ(explained("wide-open")["target"]["model"], "open");
  EXPECT_THAT(explained("fast")["why"], HasSubstr("entry"));
  EXPECT_THAT(explained("up/x")["why"], HasSubstr("provider"));
  EXPECT_THAT(explained("wide-open")["why"], HasSubstr("wildcard"));
  EXPECT_EQ(explained("fast")["strategy"], "weighted");
  EXPECT_EQ(explained("fast")["candidates"][0]["busy"], 1);
}

TEST(RoutingCalls, ExplainsForTheRequestThatIsSupposed) {
  Port port(kOpenConfig);

  const Said said = port.ask(
      "/admin/v1/explain?model=fast&input_tokens=9000&needs=tools,vision&user=ann%20b"
      "&tags=team%3Da,task=sum%3D1");

  EXPECT_EQ(said.status, 200);
  const Question& asked = port.gateway.asked;
  Abilities needs;
  needs.add(Ability::Tools);
  needs.add(Ability::ImagesIn);
  EXPECT_EQ(asked.model, "fast");
  EXPECT_EQ(asked.input_tokens, 9000);
  EXPECT_EQ(asked.needs, needs);
  EXPECT_EQ(asked.user, "ann b");
  const std::vector<std::pair<std::string, std::string>> tags{{"team", "a"}, {"task", "sum=1"}};
  EXPECT_EQ(asked.tags, tags);
}

TEST(RoutingCalls, SupposesNothingOfItself) {
  Port port(kOpenConfig);

  EXPECT_EQ(port.ask("/admin/v1/explain?model=fast").status, 200);

  EXPECT_EQ(port.gateway.asked.input_tokens, std::nullopt);
  EXPECT_EQ(port.gateway.asked.needs, std::nullopt);
  EXPECT_TRUE(port.gateway.asked.tags.empty());
}

TEST(RoutingCalls, RefusesWhatCannotBeSupposed) {
  Port port(kOpenConfig);

  for (const char* query : {"input_tokens=-1", "input_tokens=many", "input_tokens=1k",
                            "needs=tools,wings", "input_tokens=99999999999999999999"}) {
    const Said said = port.ask("/admin/v1/explain?model=fast&" + std::string(query));
    EXPECT_EQ(said.status, 400) << query;
    EXPECT_EQ(said.json()["error"]["param"],
              std::string(query).substr(0, std::string(query).find('=')));
  }
}

TEST(RoutingCalls, SaysThatTheWorkersAreTooBusyToExplain) {
  Port port(kOpenConfig);
  port.gateway.is_busy = true;

  const Said said = port.ask("/admin/v1/explain?model=fast");

  EXPECT_EQ(said.status, 503);
  EXPECT_EQ(said.code(), "overloaded");
}

TEST(RoutingCalls, TakesARating) {
  Port port(kTokenConfig);
  const Ask rating{
      .method = "POST", .token = "admin-canary", .body = R"({"request_id":"a\u0062c","score":1})"};

  const Said said = port.ask("/admin/v1/feedback", rating);

  EXPECT_EQ(said.status, 200);
  EXPECT_EQ(said.json()["status"], "noted");
  EXPECT_EQ(port.gateway.rated, "abc 1.000000");
}

TEST(RoutingCalls, TakesNoRatingFromWhoMayOnlyLook) {
  Port port(kTokenConfig);

  const Said said = port.ask(
      "/admin/v1/feedback",
      {.method = "POST", .token = "viewer-canary", .body = R"({"request_id":"abc","score":1})"});

  EXPECT_EQ(said.status, 403);
  EXPECT_EQ(port.gateway.rated, "");
}

TEST(RoutingCalls, SaysWhatBecameOfARating) {
  Port port(kOpenConfig);
  const Ask rating{.method = "POST", .body = R"({"request_id":"abc","score":0.25})"};

  port.gateway.next_feedback = routing::Feedback::Repeated;
  const Said repeated = port.ask("/admin/v1/feedback", rating);
  port.gateway.next_feedback = routing::Feedback::Unknown;
  const Said unknown = port.ask("/admin/v1/feedback", rating);

  EXPECT_EQ(repeated.status, 409);
  EXPECT_EQ(repeated.code(), "conflict");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.code(), "not_found");
}

TEST(RoutingCalls, RefusesWhatIsNoRating) {
  Port port(kOpenConfig);
  const auto status = [&](const std::string& body) {
    return port.ask("/admin/v1/feedback", {.method = "POST", .body = body}).status;
  };

  for (const char* body :
       {"", "{", "[]", "{}", R"({"request_id":"a"})", R"({"score":1})",
        R"({"request_id":"","score":1})", R"({"request_id":1,"score":1})",
        R"({"request_id":"a","score":1.5})", R"({"request_id":"a","score":-0.1})",
        R"({"request_id":"a","score":"1"})", R"({"request_id":"a","score":null})"}) {
    EXPECT_EQ(status(body), 400) << body;
  }
  EXPECT_EQ(status(R"({"request_id":")" + std::string(20'000, 'a') + R"(","score":1})"), 413);
  EXPECT_EQ(port.gateway.rated, "");
}

TEST(RoutingCalls, SaysThatANameMeansNothing) {
  Port port(kOpenConfig);

  const Said unknown = port.ask("/admin/v1/explain?model=fats");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.code(), "model_not_found");
  EXPECT_THAT(unknown.body, HasSubstr("\\\"fast\\\""));
  EXPECT_EQ(port.ask("/admin/v1/explain").status, 400);
  EXPECT_EQ(port.ask("/admin/v1/explain?model=").status, 400);
}

}  // namespace
}  // namespace sluice::admin
