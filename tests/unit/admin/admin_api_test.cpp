#include "admin/admin_api.h"

#include "admin/routes.h"
#include "base/log.h"
#include "unit/admin/fake_operator.h"
#include "unit/admin/port.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace sluice::admin {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

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
