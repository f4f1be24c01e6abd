#include "admin/admin_api.h"

#include "admin/routes.h"
#include "base/log.h"
#include "net/http_connection.h"
#include "unit/admin/fake_operator.h"
#include "unit/net/drive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace sluice::admin {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Said {
  int status = 0;
  std::string head;
  std::string body;
  nlohmann::json json() const { return nlohmann::json::parse(body); }
  std::string code() const { return json()["error"]["code"]; }
};

struct Ask {
  std::string method = "GET";
  std::string token = {};
  std::string body = {};
  std::string host = "127.0.0.1:9901";
  std::string more_fields = {};
  std::string peer = "127.0.0.1";
};

class Port {
 public:
  explicit Port(std::string_view yaml) : gateway(yaml), api_(gateway) {
    server_.configure(std::make_shared<const net::HttpServerSettings>());
  }

  Said ask(const std::string& target, const Ask& ask = {}) {
    std::string request = ask.method + " " + target + " HTTP/1.1\r\nconnection: close\r\n";
    if (!ask.host.empty()) request += "host: " + ask.host + "\r\n";
    if (!ask.token.empty()) request += "authorization: Bearer " + ask.token + "\r\n";
    if (ask.method == "POST" && ask.more_fields.empty()) {
      request += "content-length: " + std::to_string(ask.body.size()) + "\r\n";
    }
    return send(request + ask.more_fields + "\r\n" + ask.body, ask.peer);
  }

  Said send(const std::string& request, const std::string& peer = "127.0.0.1") {
    std::array<int, 2> fds;
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data());
    const auto client = net::make_tcp_transport(loop_, fds[1]);
    server_.serve(net::make_tcp_transport(loop_, fds[0]),
                  net::SocketAddress(*net::parse_ip(peer), 50'000));
    const std::string answer = net::run(loop_, exchange(*client, request));
    const std::size_t end = answer.find("\r\n\r\n");
    Said said{.head = answer.substr(0, end), .body = answer.substr(end + 4)};
    said.status = std::stoi(answer.substr(9, 3));
    return said;
  }

  FakeOperator gateway;

 private:
  Task<std::string> exchange(net::Transport& client, std::string request) {
    const std::string_view piece = request;
    co_await net::write_all(client, {&piece, 1}, std::chrono::seconds(20));
    std::string answer;
    std::array<char, 4096> room;
    for (;;) {
      const auto outcome = co_await net::read_some(client, room, net::soon(loop_));
      answer.append(room.data(), outcome.bytes);
      if (outcome.status != net::IoStatus::Ok) co_return answer;
    }
  }

  net::Loop loop_;
  AdminApi api_;
  std::atomic<std::uint64_t> open_ = 0;
  net::HttpServer server_{loop_, api_, open_};
};

TEST(AdminApi, AnswersProbesWithoutAToken) {
  Port port(kTokenConfig);

  for (const char* path : {"/livez", "/healthz", "/readyz", "/livez?verbose"}) {
    const Said said = port.ask(path, {.peer = "10.1.2.3"});
    EXPECT_EQ(said.status, 200) << path;
    EXPECT_EQ(said.json()["status"], "ok") << path;
  }
}

TEST(AdminApi, IsAliveButNotReadyWhileTheGatewayIsNot) {
  Port port(kOpenConfig);
  port.gateway.is_ready = false;

  EXPECT_EQ(port.ask("/readyz").status, 503);
  EXPECT_EQ(port.ask("/livez").status, 200);
}

TEST(AdminApi, GivesMetricsInPrometheusFormat) {
  Port port(kOpenConfig);

  const Said said = port.ask("/metrics");

  EXPECT_EQ(said.status, 200);
  EXPECT_THAT(said.head, HasSubstr("content-type: text/plain; version=0.0.4; charset=utf-8"));
  EXPECT_THAT(said.body, HasSubstr("sluice_things 1\n"));
}

TEST(AdminApi, AsksForATokenWhereTokensExist) {
  Port port(kTokenConfig);

  for (const char* path :
       {"/metrics", "/openapi.json", "/admin/v1/providers", "/admin/v1/config"}) {
    const Said none = port.ask(path);
    EXPECT_EQ(none.status, 401) << path;
    EXPECT_EQ(none.code(), "invalid_api_key") << path;
    EXPECT_THAT(none.head, HasSubstr("www-authenticate: Bearer")) << path;
    const Said wrong = port.ask(path, {.token = "viewer-canary2"});
    EXPECT_EQ(wrong.body, none.body) << path;
    EXPECT_EQ(port.ask(path, {.token = "viewer-canary", .peer = "10.1.2.3"}).status, 200) << path;
    EXPECT_EQ(port.ask(path, {.token = "admin-canary"}).status, 200) << path;
  }
}

TEST(AdminApi, TakesATokenOnlyAsABearer) {
  Port port(kTokenConfig);

  const auto with = [&](const std::string& value) {
    return port.ask("/metrics", {.more_fields = "authorization: " + value + "\r\n"}).status;
  };

  EXPECT_EQ(with("bearer viewer-canary"), 200);
  EXPECT_EQ(with("viewer-canary"), 401);
  EXPECT_EQ(with("Basic viewer-canary"), 401);
  EXPECT_EQ(with("Bearer"), 401);
  EXPECT_EQ(with("Bearer viewer-canary x"), 401);
}

TEST(AdminApi, LetsAViewerLookButNotChange) {
  Port port(kTokenConfig);

  const Said viewer = port.ask("/admin/v1/reload", {.method = "POST", .token = "viewer-canary"});
  EXPECT_EQ(viewer.status, 403);
  EXPECT_EQ(viewer.code(), "operation_not_allowed");
  EXPECT_EQ(port.ask("/admin/v1/reload", {.method = "POST"}).status, 401);
  EXPECT_EQ(port.gateway.reloads, 0);

  EXPECT_EQ(port.ask("/admin/v1/reload", {.method = "POST", .token = "admin-canary"}).status, 200);
  EXPECT_EQ(port.gateway.reloads, 1);
}

TEST(AdminApi, AnswersOnlyThisMachineWithoutTokens) {
  Port port(kOpenConfig);

  for (const char* peer : {"127.0.0.1", "127.8.0.1", "::1"}) {
    EXPECT_EQ(port.ask("/admin/v1/config", {.peer = peer}).status, 200) << peer;
  }
  for (const char* peer : {"10.1.2.3", "::2", "fe80::1"}) {
    const Said said = port.ask("/admin/v1/config", {.peer = peer});
    EXPECT_EQ(said.status, 403) << peer;
    EXPECT_EQ(said.code(), "ip_not_allowed") << peer;
    EXPECT_EQ(port.ask("/metrics", {.peer = peer}).status, 403) << peer;
  }
}

TEST(AdminApi, AnswersNoWebPageWithoutTokens) {
  Port port(kOpenConfig);

  EXPECT_EQ(port.ask("/admin/v1/config", {.more_fields = "origin: https://evil.test\r\n"}).status,
            403);
  for (const char* host : {"evil.test", "localhost.evil.test:9901", "127.0.0.1.evil.test"}) {
    EXPECT_EQ(port.ask("/admin/v1/config", {.host = host}).status, 403) << host;
  }
  for (const char* host : {"localhost", "LOCALHOST:9901", "127.0.0.1", "[::1]:9901"}) {
    EXPECT_EQ(port.ask("/admin/v1/config", {.host = host}).status, 200) << host;
  }
}

TEST(AdminApi, NamesTheMethodsOfAPath) {
  Port port(kOpenConfig);

  const Said post = port.ask("/metrics", {.method = "POST"});
  EXPECT_EQ(post.status, 405);
  EXPECT_EQ(post.code(), "method_not_allowed");
  EXPECT_THAT(post.head, HasSubstr("allow: GET, HEAD"));
  const Said get = port.ask("/admin/v1/reload");
  EXPECT_EQ(get.status, 405);
  EXPECT_THAT(get.head, HasSubstr("allow: POST"));
  EXPECT_EQ(port.gateway.reloads, 0);
}

TEST(AdminApi, AnswersHeadWithoutABody) {
  Port port(kOpenConfig);

  const Said said = port.ask("/metrics", {.method = "HEAD"});

  EXPECT_EQ(said.status, 200);
  EXPECT_EQ(said.body, "");
}

TEST(AdminApi, KnowsNoOtherPath) {
  Port port(kOpenConfig);

  for (const char* path : {"/", "/metrics/", "/admin/v1", "//metrics", "/%6detrics"}) {
    const Said said = port.ask(path);
    EXPECT_EQ(said.status, 404) << path;
    EXPECT_EQ(said.code(), "not_found") << path;
  }
}

TEST(AdminApi, ShowsTheConfigurationWithoutItsSecrets) {
  Port port(kTokenConfig);

  const Said json = port.ask("/admin/v1/config", {.token = "viewer-canary"});
  const Said yaml = port.ask("/admin/v1/config", {.token = "viewer-canary",
                                                  .more_fields = "accept: application/yaml\r\n"});

  EXPECT_EQ(json.json()["models"]["fast"], "up/gpt-fast");
  EXPECT_EQ(json.json()["server"]["timeouts"]["header"], "10s");
  EXPECT_EQ(json.json()["server"]["direct_models"], true);
  EXPECT_EQ(json.json()["version"], 1);
  EXPECT_EQ(json.json()["admin"]["tokens"][1]["name"], "watcher");
  EXPECT_THAT(yaml.head, HasSubstr("content-type: application/yaml"));
  EXPECT_THAT(yaml.body, HasSubstr("fast: \"up/gpt-fast\""));
  EXPECT_THAT(json.body, Not(HasSubstr("canary")));
  EXPECT_THAT(yaml.body, Not(HasSubstr("canary")));
  EXPECT_THAT(json.head, HasSubstr("cache-control: no-store"));
}

TEST(AdminApi, ListsProvidersWithTheirConnectionsKeysAndTargets) {
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

TEST(AdminApi, ExplainsWhichTargetANameMeans) {
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

TEST(AdminApi, ExplainsForTheRequestThatIsSupposed) {
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

TEST(AdminApi, SupposesNothingOfItself) {
  Port port(kOpenConfig);

  EXPECT_EQ(port.ask("/admin/v1/explain?model=fast").status, 200);

  EXPECT_EQ(port.gateway.asked.input_tokens, std::nullopt);
  EXPECT_EQ(port.gateway.asked.needs, std::nullopt);
  EXPECT_TRUE(port.gateway.asked.tags.empty());
}

TEST(AdminApi, RefusesWhatCannotBeSupposed) {
  Port port(kOpenConfig);

  for (const char* query : {"input_tokens=-1", "input_tokens=many", "input_tokens=1k",
                            "needs=tools,wings", "input_tokens=99999999999999999999"}) {
    const Said said = port.ask("/admin/v1/explain?model=fast&" + std::string(query));
    EXPECT_EQ(said.status, 400) << query;
    EXPECT_EQ(said.json()["error"]["param"],
              std::string(query).substr(0, std::string(query).find('=')));
  }
}

TEST(AdminApi, SaysThatTheWorkersAreTooBusyToExplain) {
  Port port(kOpenConfig);
  port.gateway.is_busy = true;

  const Said said = port.ask("/admin/v1/explain?model=fast");

  EXPECT_EQ(said.status, 503);
  EXPECT_EQ(said.code(), "overloaded");
}

TEST(AdminApi, TakesARating) {
  Port port(kTokenConfig);
  const Ask rating{
      .method = "POST", .token = "admin-canary", .body = R"({"request_id":"a\u0062c","score":1})"};

  const Said said = port.ask("/admin/v1/feedback", rating);

  EXPECT_EQ(said.status, 200);
  EXPECT_EQ(said.json()["status"], "noted");
  EXPECT_EQ(port.gateway.rated, "abc 1.000000");
}

TEST(AdminApi, TakesNoRatingFromWhoMayOnlyLook) {
  Port port(kTokenConfig);

  const Said said = port.ask(
      "/admin/v1/feedback",
      {.method = "POST", .token = "viewer-canary", .body = R"({"request_id":"abc","score":1})"});

  EXPECT_EQ(said.status, 403);
  EXPECT_EQ(port.gateway.rated, "");
}

TEST(AdminApi, SaysWhatBecameOfARating) {
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

TEST(AdminApi, RefusesWhatIsNoRating) {
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

TEST(AdminApi, SaysThatANameMeansNothing) {
  Port port(kOpenConfig);

  const Said unknown = port.ask("/admin/v1/explain?model=fats");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.code(), "model_not_found");
  EXPECT_THAT(unknown.body, HasSubstr("\\\"fast\\\""));
  EXPECT_EQ(port.ask("/admin/v1/explain").status, 400);
  EXPECT_EQ(port.ask("/admin/v1/explain?model=").status, 400);
}

TEST(AdminApi, ChecksAConfigurationThatIsGood) {
  Port port(kOpenConfig);

  const Said said = port.ask("/admin/v1/config/check", {.method = "POST", .body = kTokenConfig});

  EXPECT_EQ(said.status, 200);
  EXPECT_EQ(said.json()["ok"], true);
}

TEST(AdminApi, SaysWhatIsWrongWithAConfigurationAndWhere) {
  Port port(kOpenConfig);

  const Said said =
      port.ask("/admin/v1/config/check", {.method = "POST", .body = "version: 1\nservr: {}\n"});

  EXPECT_EQ(said.status, 400);
  EXPECT_EQ(said.json()["ok"], false);
  const auto first = said.json()["diagnostics"][0];
  EXPECT_EQ(first["line"], 2);
  EXPECT_EQ(first["column"], 1);
  EXPECT_EQ(first["severity"], "error");
  EXPECT_THAT(first["message"], HasSubstr("server"));
}

TEST(AdminApi, ChecksAConfigurationWithoutLookingAtThisMachine) {
  Port port(kOpenConfig);
  const auto check = [&](const std::string& url) {
    return port
        .ask("/admin/v1/config/check",
             {.method = "POST",
              .body = "providers: { up: { type: openai-compatible, base_url: \"" + url +
                      "\" } }\n" + "auth: { required: false }\n"})
        .body;
  };
  ::setenv("SLUICE_TEST_CANARY", "no url, but canary", 1);
  const auto file = std::filesystem::temp_directory_path() / "sluice-admin-canary";
  std::ofstream(file) << "no url, but canary";

  // What was there would be refused: it is no URL.
  EXPECT_EQ(check("${SLUICE_TEST_CANARY}"), check("${SLUICE_TEST_NOTHING}"));
  EXPECT_EQ(check("${file:" + file.string() + "}"), check("${file:/nowhere}"));
  EXPECT_THAT(check("${SLUICE_TEST_CANARY}"), Not(HasSubstr("canary")));
  EXPECT_EQ(nlohmann::json::parse(check("${SLUICE_TEST_CANARY}"))["ok"], true);
  EXPECT_EQ(nlohmann::json::parse(check("no url"))["ok"], false);
  std::filesystem::remove(file);
}

TEST(AdminApi, RefusesATooLargeConfiguration) {
  Port port(kOpenConfig);

  const Said said = port.ask("/admin/v1/config/check",
                             {.method = "POST", .more_fields = "content-length: 4194305\r\n"});

  EXPECT_EQ(said.status, 413);
  EXPECT_EQ(said.code(), "request_too_large");
}

TEST(AdminApi, ReloadsAndSaysWhetherAnythingChanged) {
  Port port(kOpenConfig);
  port.gateway.next_reload.changed = true;

  const Said said = port.ask("/admin/v1/reload", {.method = "POST"});

  EXPECT_EQ(said.status, 200);
  EXPECT_EQ(said.json(), nlohmann::json::parse(R"({"ok":true,"changed":true,"diagnostics":[]})"));
}

TEST(AdminApi, PassesOnWhyAReloadWasRefused) {
  Port port(kOpenConfig);
  port.gateway.next_reload.diagnostics = {{"/etc/sluice.yaml", 3, 7, "expected \"text\""}};

  const Said said = port.ask("/admin/v1/reload", {.method = "POST"});

  EXPECT_EQ(said.status, 400);
  EXPECT_EQ(said.json(), nlohmann::json::parse(R"({"ok":false,"changed":false,"diagnostics":[
      {"file":"/etc/sluice.yaml","line":3,"column":7,"severity":"error",
       "message":"expected \"text\""}]})"));
}

TEST(AdminApi, AReloadWithWarningsIsNoFailure) {
  Port port(kOpenConfig);
  port.gateway.next_reload.diagnostics = {
      {"/etc/sluice.yaml", 3, 7, "odd", config::Diagnostic::Severity::Warning}};

  EXPECT_EQ(port.ask("/admin/v1/reload", {.method = "POST"}).status, 200);
}

TEST(AdminApi, HeedsTheTokensOfTheConfigurationInForce) {
  Port port(kTokenConfig);
  EXPECT_EQ(port.ask("/metrics", {.token = "viewer-canary"}).status, 200);

  port.gateway.snapshot = config::snapshot_of(
      std::string(kOpenConfig) + "admin: { tokens: [{ name: new, secret: renewed }] }\n");

  EXPECT_EQ(port.ask("/metrics", {.token = "viewer-canary"}).status, 401);
  EXPECT_EQ(port.ask("/metrics", {.token = "renewed"}).status, 200);
}

TEST(AdminApi, TellsTheLogOnceInAWhileWhoIsTurnedAway) {
  const auto file =
      std::filesystem::temp_directory_path() / ("sluice-admin-log-" + std::to_string(::getpid()));
  ASSERT_TRUE(log::configure({.to = "file:" + file.string()}));
  Port port(kTokenConfig);

  for (int i = 0; i < 5; ++i)
    port.ask("/metrics?token=x", {.token = "guessed", .peer = "10.1.2.3"});

  ASSERT_TRUE(log::configure({}));
  std::stringstream lines;
  lines << std::ifstream(file).rdbuf();
  std::filesystem::remove(file);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const auto told = nlohmann::json::parse(line);
  EXPECT_EQ(told["path"], "/metrics");
  EXPECT_THAT(told["peer"].get<std::string>(), StartsWith("10.1.2.3"));
  EXPECT_THAT(line, Not(HasSubstr("guessed")));
  EXPECT_FALSE(std::getline(lines, line)) << line;
}

TEST(AdminApi, RefusesWhatIsNoRequestInJson) {
  Port port(kOpenConfig);

  const Said said = port.send(
      "GET / HTTP/1.1\r\ncontent-length: 1\r\nhost: a\r\n"
      "transfer-encoding: chunked\r\n\r\n");

  EXPECT_EQ(said.status, 400);
  EXPECT_EQ(said.code(), "invalid_request");
}

TEST(AdminApi, DescribesEveryRouteInItsOpenApiDocument) {
  Port port(kOpenConfig);
  const auto document = port.ask("/openapi.json").json();

  std::set<std::string> described;
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [method, call] : methods.items()) described.insert(method + " " + path);
  }
  std::set<std::string> served;
  for (const Route& route : routes()) {
    served.insert((route.method == net::http1::Method::Get ? "get " : "post ") +
                  std::string(route.path));
  }
  EXPECT_EQ(described, served);
  EXPECT_THAT(document["openapi"].get<std::string>(), StartsWith("3."));
}

TEST(AdminApi, RefersOnlyToPartsOfItsDocumentThatExist) {
  Port port(kOpenConfig);
  const std::string text = port.ask("/openapi.json").body;
  const auto document = nlohmann::json::parse(text);

  std::size_t count = 0;
  constexpr std::string_view kReference = "\"$ref\": \"#";
  for (std::size_t at = text.find(kReference); at != std::string::npos;
       at = text.find(kReference, at + 1)) {
    const std::size_t begin = at + kReference.size();
    const std::string pointer = text.substr(begin, text.find('"', begin) - begin);
    EXPECT_TRUE(document.contains(nlohmann::json::json_pointer(pointer))) << pointer;
    ++count;
  }
  EXPECT_GT(count, 10u);
}

}  // namespace
}  // namespace sluice::admin
