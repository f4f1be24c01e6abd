#include "config/load.h"

#include "config/describe.h"
#include "unit/config/loading.h"

#include <gmock/gmock.h>

namespace sluice::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Load, GivesEverySettingItsDefault) {
  const auto snapshot = snapshot_of("{}\n");
  const auto& [version, server, admin, catalogues, providers, models, prices, unknown_price, auth,
               telemetry] = snapshot->config();

  EXPECT_EQ(version, 1U);
  EXPECT_THAT(catalogues, IsEmpty());
  EXPECT_FALSE(prices);
  EXPECT_EQ(unknown_price, UnknownPrice::Estimate);
  ASSERT_EQ(server.listen.size(), 1U);
  EXPECT_EQ(server.listen[0].text(), "127.0.0.1:8080");
  EXPECT_EQ(server.workers, 0U);
  EXPECT_FALSE(server.tls);
  EXPECT_EQ(server.limits.request_body, 33'554'432U);
  EXPECT_EQ(server.limits.connections, 20'000U);
  EXPECT_EQ(server.timeouts.idle, Milliseconds(75'000));
  EXPECT_EQ(server.timeouts.drain_delay, Milliseconds(0));
  EXPECT_EQ(server.half_close, HalfClose::Abort);
  EXPECT_TRUE(server.direct_models);
  EXPECT_EQ(server.drop.which, DropPolicy::Which::Hints);
  EXPECT_EQ(server.strict_json, 16'384U);
  EXPECT_EQ(admin.listen.text(), "127.0.0.1:9901");
  EXPECT_THAT(providers, IsEmpty());
  EXPECT_THAT(models, IsEmpty());
  EXPECT_TRUE(auth.required);
  EXPECT_EQ(auth.ip.allow.size(), 2U);
  EXPECT_EQ(telemetry.log.level, LogLevel::Info);
  EXPECT_EQ(telemetry.log.to.kind, LogTarget::Kind::Stderr);
}

TEST(Load, ReadsTheServer) {
  const auto snapshot = snapshot_of(R"(
server:
  listen: ["0.0.0.0:80", "[::]:443", "unix:run/sluice.sock"]
  workers: 4
  tls: { certificate: tls/a.pem, private_key: /keys/a.key, client_ca: ca.pem, min_version: "1.3" }
  limits: { request_body: 1MiB, requests_in_flight: 5k }
  timeouts: { header: 250ms, drain_delay: 5s }
  half_close: allow
  direct_models: false
  drop: [logit_bias, seed]
  strict_json: true
  headers: { forward: [X-Tenant] }
  trusted_proxies: ["10.0.0.0/8", "::1"]
  proxy_protocol: true
  cors: { origins: ["https://App.example.com", "http://localhost:3000"] }
)");
  const auto& server = snapshot->config().server;

  ASSERT_EQ(server.listen.size(), 3U);
  EXPECT_EQ(server.listen[2].path, "/etc/sluice/run/sluice.sock");
  EXPECT_EQ(server.workers, 4U);
  ASSERT_TRUE(server.tls);
  EXPECT_EQ(server.tls->certificate, "/etc/sluice/tls/a.pem");
  EXPECT_EQ(server.tls->private_key, "/keys/a.key");
  EXPECT_EQ(server.tls->client_ca, "/etc/sluice/ca.pem");
  EXPECT_EQ(server.tls->min_version, TlsVersion::Tls13);
  EXPECT_EQ(server.limits.request_body, 1'048'576U);
  EXPECT_EQ(server.limits.requests_in_flight, 5'000U);
  EXPECT_EQ(server.timeouts.header, Milliseconds(250));
  EXPECT_EQ(server.timeouts.drain_delay, Milliseconds(5'000));
  EXPECT_EQ(server.half_close, HalfClose::Allow);
  EXPECT_FALSE(server.direct_models);
  EXPECT_EQ(server.drop.which, DropPolicy::Which::Named);
  EXPECT_THAT(server.drop.policy().names, ElementsAre("logit_bias", "seed"));
  EXPECT_EQ(server.strict_json, kAlways);
  EXPECT_THAT(server.headers.forward, ElementsAre("x-tenant"));
  EXPECT_EQ(server.trusted_proxies.size(), 2U);
  EXPECT_TRUE(server.proxy_protocol);
  EXPECT_THAT(server.cors.origins, ElementsAre("https://app.example.com", "http://localhost:3000"));
}

TEST(Load, ReadsProviders) {
  FakeEnvironment environment;
  environment.variables["SECOND"] = "sk-2";
  const auto snapshot = snapshot_of(R"(
providers:
  openai:
    type: openai
    keys: [sk-1, { secret: "${SECOND}", weight: 3 }]
    headers: { OpenAI-Organization: org-1 }
    timeouts: { connect: 1s }
    connections: { max: 8, idle: 5s }
    tls: { ca: ca.pem, verify: false, server_name: a, certificate: c, private_key: k }
    proxy: "http://proxy:3128"
    stream_usage: none
    tags: { region: us }
  local: { type: openai-compatible, base_url: "http://127.0.0.1:8000/v1/", keys: caller }
  fake: { type: simulator }
)",
                                    environment);
  const auto& providers = snapshot->config().providers;

  ASSERT_EQ(providers.size(), 3U);
  const auto& openai = providers[0];
  EXPECT_EQ(openai.name, "openai");
  EXPECT_EQ(openai.base_url.text(), "https://api.openai.com/v1");
  ASSERT_EQ(openai.keys.list.size(), 2U);
  EXPECT_EQ(openai.keys.list[0].secret.reveal(), "sk-1");
  EXPECT_EQ(openai.keys.list[0].weight, 1U);
  EXPECT_EQ(openai.keys.list[1].secret.reveal(), "sk-2");
  EXPECT_EQ(openai.keys.list[1].weight, 3U);
  ASSERT_EQ(openai.headers.size(), 1U);
  EXPECT_EQ(openai.headers[0].name, "openai-organization");
  EXPECT_EQ(openai.headers[0].value.reveal(), "org-1");
  EXPECT_EQ(openai.timeouts.connect, Milliseconds(1'000));
  EXPECT_EQ(openai.timeouts.total, Milliseconds(600'000));
  EXPECT_EQ(openai.connections.max, 8U);
  EXPECT_FALSE(openai.tls.verify);
  EXPECT_EQ(openai.tls.ca, "/etc/sluice/ca.pem");
  EXPECT_EQ(openai.proxy->text(), "http://proxy:3128");
  EXPECT_EQ(openai.stream_usage, StreamUsage::None);
  EXPECT_EQ(openai.tags[0].value, "us");
  EXPECT_TRUE(providers[1].keys.from_caller);
  EXPECT_EQ(providers[1].base_url.path, "/v1");
  EXPECT_EQ(snapshot->provider("fake"), &providers[2]);
  EXPECT_EQ(snapshot->provider("gone"), nullptr);
}

TEST(Load, CountsAnEmptyProviderKeyAsAbsentAndSaysSo) {
  const auto loaded = load_text(
      "providers: { p: { type: simulator, keys: [\"${A:-}\", b, { secret: \"${C:-}\" }] } }\n", "f",
      FakeEnvironment());

  ASSERT_TRUE(loaded);
  const auto& keys = (*loaded)->provider("p")->keys;
  ASSERT_EQ(keys.list.size(), 1U);
  EXPECT_EQ(keys.list[0].secret.reveal(), "b");
  EXPECT_EQ(keys.absent, 2U);
  EXPECT_FALSE(keys.all_absent());
  EXPECT_THAT(
      texts((*loaded)->warnings()),
      testing::IsSupersetOf({"f:1:43: providers.p.keys[0]: is empty and counts as absent",
                             "f:1:56: providers.p.keys[2]: is empty and counts as absent"}));
}

TEST(Load, TellsAProviderWithoutAnyKeyLeftFromOneThatNeedsNone) {
  const auto left = snapshot_of("providers: { p: { type: simulator, keys: [\"${A:-}\"] } }\n");
  const auto none = snapshot_of("providers: { p: { type: simulator, keys: [] } }\n");

  EXPECT_TRUE(left->provider("p")->keys.all_absent());
  EXPECT_FALSE(none->provider("p")->keys.all_absent());
  EXPECT_NE(left->fingerprint(), none->fingerprint());
}

TEST(Load, ReadsWhoMayAsk) {
  const auto snapshot = snapshot_of(R"(
auth:
  keys:
    - { name: dev, secret: sk-dev, user: ann, models: [gpt-4o, "claude-*"], may: [chat, raw] }
    - { name: all, secret: sk-all }
  ip: { allow: ["10.0.0.0/8"], deny: ["10.1.0.0/16"] }
)");
  const auto& auth = snapshot->config().auth;

  ASSERT_EQ(auth.keys.size(), 2U);
  const auto& dev = auth.keys[0];
  EXPECT_EQ(dev.user, "ann");
  EXPECT_TRUE(matches_any(dev.models, "gpt-4o"));
  EXPECT_TRUE(matches_any(dev.models, "claude-sonnet"));
  EXPECT_FALSE(matches_any(dev.models, "gpt-4o-mini"));
  EXPECT_TRUE(dev.may.has(Permission::Raw));
  EXPECT_FALSE(dev.may.has(Permission::Images));
  EXPECT_TRUE(matches_any(auth.keys[1].models, "anything"));
  EXPECT_TRUE(auth.keys[1].may.has(Permission::Files));
  EXPECT_FALSE(auth.keys[1].may.has(Permission::Raw));
  EXPECT_TRUE(auth.ip.admits({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 2, 3, 4}));
  EXPECT_FALSE(auth.ip.admits({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 3, 4}));
  EXPECT_FALSE(auth.ip.admits({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 11, 2, 3, 4}));
}

TEST(Load, WarnsWhenKeysAreRequiredAndThereAreNone) {
  EXPECT_THAT(texts(snapshot_of("version: 1\n")->warnings()),
              ElementsAre(HasSubstr("auth: keys are required and there are none")));
  EXPECT_THAT(snapshot_of("auth: { required: false }\n")->warnings(), IsEmpty());
}

TEST(Load, FollowsAnAlias) {
  const auto snapshot = snapshot_of(
      "providers:\n  a: { type: simulator, timeouts: &t { connect: 1s } }\n"
      "  b: { type: simulator, timeouts: *t }\n");

  EXPECT_EQ(snapshot->provider("b")->timeouts.connect, Milliseconds(1'000));
}

TEST(Load, FillsInVariablesAfterTheYamlWasRead) {
  FakeEnvironment environment;
  environment.variables["NAME"] = "x, secret: injected }";
  const auto snapshot =
      snapshot_of("auth: { keys: [{ name: \"${NAME}\", secret: s }] }\n", environment);

  EXPECT_EQ(snapshot->config().auth.keys[0].name, "x, secret: injected }");
  EXPECT_EQ(snapshot->config().auth.keys[0].secret.reveal(), "s");
}

TEST(Load, FillsInNumbersAndBooleansToo) {
  FakeEnvironment environment;
  environment.variables = {{"WORKERS", "3"}, {"DIRECT", "false"}};
  const auto snapshot = snapshot_of(
      "server: { workers: \"${WORKERS}\", direct_models: \"${DIRECT}\" }\n", environment);

  EXPECT_EQ(snapshot->config().server.workers, 3U);
  EXPECT_FALSE(snapshot->config().server.direct_models);
}

TEST(Load, LeavesSecretsOpenWhenAskedTo) {
  const std::string_view text = R"(
server: { workers: "${N}" }
providers: { p: { type: openai-compatible, base_url: "${URL}", keys: ["${A}", "${file:b}"] } }
models: { m: p/x, n: "${TARGET}" }
auth: { keys: [{ name: a, secret: "${C}" }, { name: b, secret: "${D:?no D}" }] }
)";

  EXPECT_EQ(errors_of(text).size(), 7U);
  const auto snapshot = snapshot_of(text, FakeEnvironment(), {.no_secrets = true});
  EXPECT_EQ(snapshot->config().server.workers, 0U);
  EXPECT_EQ(snapshot->config().auth.keys.size(), 2U);
  EXPECT_EQ(snapshot->provider("p")->keys.list.size(), 2U);
}

TEST(Load, ReadsTheFileThroughTheEnvironment) {
  FakeEnvironment environment;
  environment.files["/etc/a.yaml"] = "auth: { required: false }\n";

  EXPECT_TRUE(load("/etc/a.yaml", environment));
  EXPECT_THAT(texts(load("/etc/b.yaml", environment).error()),
              ElementsAre("/etc/b.yaml:1:1: cannot read it: no such file"));
}

TEST(Load, NamesTheFilesThatItRead) {
  FakeEnvironment environment;
  environment.files["/run/key"] = "sk";
  const auto snapshot = snapshot_of(
      "server: { tls: { certificate: a.pem, private_key: a.key } }\n"
      "auth: { keys: [{ name: a, secret: \"${file:/run/key}\" }] }\n",
      environment);

  EXPECT_THAT(snapshot->files(), ElementsAre("/etc/sluice/a.key", "/etc/sluice/a.pem",
                                             "/etc/sluice/sluice.yaml", "/run/key"));
}

TEST(Fingerprint, IsTheSameForTheSameMeaning) {
  const auto one = snapshot_of("server: { timeouts: { idle: 60s } }\n");
  const auto other = snapshot_of("# a comment\nserver:\n  timeouts:\n    idle: 1m\nversion: 1\n");

  EXPECT_EQ(one->fingerprint(), other->fingerprint());
  EXPECT_EQ(one->fingerprint().size(), 64U);
}

TEST(Fingerprint, ChangesWithASecretAndWithACertificate) {
  const std::string_view text =
      "server: { tls: { certificate: /a.pem, private_key: /a.key } }\n"
      "auth: { keys: [{ name: a, secret: \"${KEY}\" }] }\n";
  FakeEnvironment environment;
  environment.variables["KEY"] = "one";
  environment.files = {{"/a.pem", "certificate"}, {"/a.key", "key"}};
  const auto before = snapshot_of(text, environment);

  environment.variables["KEY"] = "two";
  const auto other_secret = snapshot_of(text, environment);
  environment.variables["KEY"] = "one";
  environment.files["/a.pem"] = "renewed";
  const auto renewed = snapshot_of(text, environment);

  EXPECT_NE(before->fingerprint(), other_secret->fingerprint());
  EXPECT_NE(before->fingerprint(), renewed->fingerprint());
}

}  // namespace
}  // namespace sluice::config
