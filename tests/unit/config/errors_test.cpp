#include "unit/config/loading.h"

#include <gmock/gmock.h>

namespace sluice::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Case {
  std::string_view text;
  std::string_view error;  // Behind "sluice.yaml:".
};

void expect_each(std::initializer_list<Case> cases) {
  for (const auto& [text, error] : cases) {
    EXPECT_THAT(errors_of(text), ElementsAre("sluice.yaml:" + std::string(error))) << text;
  }
}

TEST(ConfigErrors, NameTheUnknownKeyAndTheNearestOne) {
  expect_each({
      {"server:\n  timouts: {}\n", "2:3: server.timouts: unknown key; did you mean \"timeouts\"?"},
      {"severs: {}\n", "1:1: severs: unknown key; did you mean \"server\"?"},
      {"server: { limits: { xyzzy: 1 } }\n", "1:21: server.limits.xyzzy: unknown key"},
      {"auth:\n  keys:\n    - { name: a, secret: b, model: [] }\n",
       "3:29: auth.keys[0].model: unknown key; did you mean \"models\"?"},
  });
}

TEST(ConfigErrors, NameTheKeyThatStandsTwice) {
  expect_each({
      {"version: 1\nserver: {}\nversion: 1\n",
       "3:1: version: stands here twice; the first is on line 1"},
      {"providers:\n  a: { type: simulator }\n  \"a\": { type: simulator }\n",
       "3:3: providers.a: stands here twice; the first is on line 2"},
  });
}

TEST(ConfigErrors, NameTheDoubledKeyOfALongMapping) {
  std::string text = "providers:\n  p: { type: simulator }\nmodels:\n";
  for (int i = 0; i < 30; ++i) text += "  m" + std::to_string(i) + ": p/m\n";
  text += "  m17: p/m\n";

  EXPECT_THAT(errors_of(text), ElementsAre("sluice.yaml:34:3: models.m17: stands here twice; the "
                                           "first is on line 21"));
}

TEST(ConfigErrors, SayWhatWasExpectedInsteadOfAWrongType) {
  expect_each({
      {"server: []\n", "1:9: server: expected a mapping, not a list"},
      {"server:\n", "1:1: server: expected a mapping, not nothing"},
      {"server: { listen: \"127.0.0.1:80\" }\n",
       "1:19: server.listen: expected a list of addresses such as [\"127.0.0.1:8080\"], not "
       "\"127.0.0.1:80\""},
      {"server: { listen: [] }\n",
       "1:19: server.listen: expected a list of addresses such as [\"127.0.0.1:8080\"], not an "
       "empty "
       "list"},
      {"server: { half_close: { a: b } }\n",
       "1:23: server.half_close: expected abort or allow, not a mapping"},
      {"server: { tls: { certificate: a, private_key: b, min_version: 1.2 } }\n",
       "1:63: server.tls.min_version: expected \"1.2\" or \"1.3\", not a number; text that looks "
       "like one needs quotes"},
      {"[1, 2]\n", "1:1: expected a mapping, not a list"},
      {"just text\n", "1:1: expected a mapping, not \"just text\""},
  });
}

TEST(ConfigErrors, SayWhatWasExpectedInsteadOfABadValue) {
  expect_each({
      {"version: 2\n", "1:10: version: expected 1, the version of this format, not \"2\""},
      {"server: { workers: 0 }\n",
       "1:20: server.workers: expected auto or a number from 1 to 256, not \"0\""},
      {"server: { workers: 257 }\n",
       "1:20: server.workers: expected auto or a number from 1 to 256, not \"257\""},
      {"server:\n  timeouts:\n    idle: 75\n",
       "3:11: server.timeouts.idle: expected a duration such as 250ms, 10s, 5m, 1h or 30d, not a "
       "number; text that looks like one needs quotes"},
      {"server:\n  timeouts:\n    idle: 75 s\n",
       "3:11: server.timeouts.idle: expected a duration such as 250ms, 10s, 5m, 1h or 30d, not "
       "\"75 "
       "s\""},
      {"server: { timeouts: { drain: 0s } }\n",
       "1:30: server.timeouts.drain: expected a duration above zero"},
      {"server: { limits: { upload: 64KB } }\n",
       "1:29: server.limits.upload: expected a size such as 512B, 64KiB, 32MiB or 1GiB, not "
       "\"64KB\""},
      {"server: { half_close: abrot }\n",
       "1:23: server.half_close: expected abort or allow, not \"abrot\"; did you mean \"abort\"?"},
      {"server: { listen: [\":8080\"] }\n",
       "1:20: server.listen[0]: expected an address before the port; 0.0.0.0 or [::] for all of "
       "this "
       "machine"},
      {"server: { trusted_proxies: [10.0.0.1/8] }\n",
       "1:29: server.trusted_proxies[0]: the address has bits behind its prefix; did you mean "
       "\"10.0.0.0/8\"?"},
      {"server: { headers: { forward: [Authorization] } }\n",
       "1:32: server.headers.forward[0]: this header of a caller never goes to a provider"},
      {"providers: { p: { type: simulator, headers: { Host: a } } }\n",
       "1:47: providers.p.headers.Host: Sluice writes this header itself"},
      {"server: { cors: { origins: [app.example.com] } }\n",
       "1:29: server.cors.origins[0]: expected an origin such as https://app.example.com, or "
       "\"*\", "
       "not \"app.example.com\""},
      {"telemetry: { log: { to: syslog } }\n",
       "1:25: telemetry.log.to: expected stderr, stdout or file:PATH, not \"syslog\""},
  });
}

TEST(ConfigErrors, AcceptOnlyTrueAndFalseAsBooleans) {
  for (const std::string word : {"yes", "on", "True", "FALSE", "1", "~x"}) {
    EXPECT_THAT(errors_of("auth: { required: " + word + " }\n"),
                ElementsAre("sluice.yaml:1:19: auth.required: expected true or false, not \"" +
                            word + "\""));
  }
  expect_each({{"auth: { required: \"true\" }\n",
                "1:19: auth.required: expected true or false, not text in quotes"}});
}

TEST(ConfigErrors, RefuseNumbersThatLookOctal) {
  const std::string provider = "providers: { p: { type: simulator, keys: [{ secret: s, weight: ";
  EXPECT_THAT(errors_of(provider + "010 }] } }\n"),
              ElementsAre(HasSubstr("1:64: providers.p.keys[0].weight: expected a weight from 1 to "
                                    "1000, not one with a leading zero")));
  EXPECT_THAT(errors_of(provider + "0x10 }] } }\n"),
              ElementsAre(HasSubstr("expected a weight from 1 to 1000, not \"0x10\"")));
  EXPECT_THAT(errors_of("server: { limits: { connections: 0755 } }\n"),
              ElementsAre(HasSubstr("expected a count such as 200, 5k or 2M, not \"0755\"")));
}

TEST(ConfigErrors, RefuseWhatYamlHasAndAConfigurationDoesNotNeed) {
  expect_each({
      {"server: !!binary aGk=\n", "1:9: server: tags (!…) are not read here"},
      {"server: !mine {}\n", "1:9: server: tags (!…) are not read here"},
      {"version: 1\n---\nversion: 1\n", "2:1: a second document; expected only one in the file"},
      {"server: &s {}\nadmin:\n  <<: *s\n",
       "3:3: admin: merge keys (<<) are not read here; name the value with an alias instead"},
      {"server: { ? [a] : b }\n", "1:13: server: expected a key that is one line of text"},
      {"server: &s { limits: *s }\n",
       "1:22: server.limits: an alias inside the value that it names"},
      {"", "1:1: the file is empty; expected settings"},
      {"# only a comment\n", "1:1: the file is empty; expected settings"},
      {"a: b: c\n", "1:5: not valid YAML: illegal map value"},
      {"server: {\n", "2:1: not valid YAML: end of map flow not found"},
      {"a: \x01\n", "1:4: not text: expected UTF-8 without control characters"},
      {"a: b\nc: \xff\n", "2:4: not text: expected UTF-8 without control characters"},
  });
}

TEST(ConfigErrors, BoundDepthAndAliases) {
  EXPECT_THAT(errors_of(std::string(40, '[') + std::string(40, ']')),
              ElementsAre("sluice.yaml:1:33: more than 32 levels deep"));
  EXPECT_EQ(errors_of(std::string(100'000, '[')).size(), 1U);
  EXPECT_EQ(errors_of(std::string(100'000, '{')).size(), 1U);

  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const auto name = "a" + std::to_string(i);
    laughs += name + ": &" + name + " [";
    for (int k = 0; k < 10; ++k) laughs += (k ? ", *a" : "*a") + std::to_string(i - 1);
    laughs += "]\n";
  }
  EXPECT_THAT(errors_of(laughs), ElementsAre(HasSubstr("aliases write out to too many values")));
}

TEST(ConfigErrors, BoundTheSizeOfTheFile) {
  EXPECT_THAT(errors_of(std::string(kMaxFileBytes + 1, '#')),
              ElementsAre("sluice.yaml:1:1: the file is larger than 4MiB"));
}

TEST(ConfigErrors, AreToldTogetherInTheOrderOfTheFile) {
  EXPECT_THAT(errors_of("sever: {}\nserver:\n  workers: many\n  timeouts: { idle: soon }\n"),
              ElementsAre(HasSubstr(":1:1: "), HasSubstr(":3:12: "), HasSubstr(":4:21: ")));
}

TEST(ConfigErrors, StopAtTheLimit) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "key" + std::to_string(i) + ": 1\n";

  EXPECT_EQ(errors_of(text).size(), 20U);
  EXPECT_EQ(errors_of(text, FakeEnvironment(), {.max_errors = 3}).size(), 3U);
}

TEST(ConfigErrors, NameWhatAProviderLacks) {
  expect_each({
      {"providers: { p: {} }\n",
       "1:17: providers.p: lacks \"type\": a type of provider such as openai"},
      {"providers: { p: { type: openai-compatible } }\n",
       "1:17: providers.p: lacks \"base_url\": a URL that begins with http:// or https://"},
      {"providers: { p: { type: simulator, base_url: \"http://a\" } }\n",
       "1:46: providers.p: a simulator answers without a network: it takes no base_url"},
      {"providers: { p: { type: opena } }\n",
       "1:25: providers.p.type: expected a type of `sluice providers`, not \"opena\"; did you mean "
       "\"openai\"?"},
      {"providers: { prompt: { type: simulator } }\n",
       "1:14: providers.prompt: \"prompt\" is a reserved name"},
      {"providers: { a/b: { type: simulator } }\n",
       "1:14: providers.a/b: expected a name of letters, digits, dots, - and _"},
      {"providers: { p: { type: simulator, tls: { certificate: a } } }\n",
       "1:41: providers.p.tls: expected certificate and private_key together, not one alone"},
  });
}

TEST(ConfigErrors, CheckTheTargetsOfModels) {
  const std::string provider = "providers: { openai: { type: simulator } }\n";
  const auto error = [&](const std::string& models) { return errors_of(provider + models); };

  EXPECT_THAT(
      error("models: { a: opnai/x }\n"),
      ElementsAre("sluice.yaml:2:14: models.a: there is no provider \"opnai\"; did you mean "
                  "\"openai\"?"));
  EXPECT_THAT(error("models: { a: openai }\n"),
              ElementsAre(HasSubstr("models.a: expected PROVIDER/MODEL or another name of models, "
                                    "not \"openai\"")));
  EXPECT_THAT(error("models: { a: openai/ }\n"),
              ElementsAre(HasSubstr("models.a: expected a model behind \"openai/\"")));
  EXPECT_THAT(error("models: { a: openai/$0 }\n"),
              ElementsAre(HasSubstr("* and $0 in a target need a name that ends in a star")));
  EXPECT_THAT(error("models: { \"a*b\": openai/x }\n"),
              ElementsAre(HasSubstr("expected one star at most, at the end of the name")));
  EXPECT_THAT(error("models: { \"prompt/a\": openai/x }\n"),
              ElementsAre(HasSubstr("names that begin with prompt/ are reserved")));
  EXPECT_THAT(error("models: { \"a b\": openai/x }\n"),
              ElementsAre(HasSubstr("expected a name without spaces")));
}

TEST(ConfigErrors, StopAtTheirLimitInAllFilesTogether) {
  FakeEnvironment environment;
  environment.files["prices"] = "a: 1\nb: 2\n";
  EXPECT_THAT(errors_of("prices: prices\nc: 3\nd: 4\n", environment, {.max_errors = 3}),
              testing::SizeIs(3));
}

TEST(ConfigErrors, RefuseAnOpenAdminPortWithoutTokens) {
  const std::string why =
      "admin.listen: without admin.tokens expected a loopback address or a unix socket";
  EXPECT_THAT(errors_of("admin: { listen: \"0.0.0.0:9901\" }\n"),
              ElementsAre("sluice.yaml:1:18: " + why));
  EXPECT_THAT(errors_of("admin: { listen: \"unix:admin.sock\" }\n"), IsEmpty());
  EXPECT_THAT(errors_of("admin:\n  listen: \"0.0.0.0:9901\"\n"
                        "  tokens: [{ name: a, secret: s, role: admin }]\n"),
              IsEmpty());
}

TEST(ConfigErrors, RefuseOneAddressForTwoListeners) {
  expect_each({
      {"server: { listen: [\"127.0.0.1:8080\", \"localhost:8080\"] }\n",
       "1:38: server.listen[1]: is listened on twice: 127.0.0.1:8080"},
      {"server: { listen: [\"127.0.0.1:9901\"] }\n",
       "1:1: admin.listen: is listened on twice: 127.0.0.1:9901"},
  });
  EXPECT_THAT(errors_of("server: { listen: [\"127.0.0.1:0\", \"127.0.0.1:0\"] }\n"), IsEmpty());
}

TEST(ConfigErrors, RefuseTheSameSecretTwice) {
  expect_each({
      {"auth:\n  keys:\n    - { name: a, secret: s }\n    - { name: b, secret: s }\n",
       "4:26: auth.keys[1]: secret: the same as that of [0]"},
      {"auth:\n  keys:\n    - { name: a, secret: s }\n    - { name: a, secret: t }\n",
       "4:15: auth.keys[1]: name: the same as that of [0]"},
      {"admin:\n  tokens: [{ name: a, secret: s }, { name: b, secret: s }]\n",
       "2:55: admin.tokens[1]: secret: the same as that of [0]"},
      {"providers: { p: { type: simulator, keys: [a, a] } }\n",
       "1:42: providers.p.keys: the same key stands here twice; one with a weight does that"},
  });
}

TEST(ConfigErrors, RefuseAnEmptySecret) {
  FakeEnvironment environment;
  environment.variables["EMPTY"] = "";
  const auto error = [&](std::string_view text) { return errors_of(text, environment); };

  EXPECT_THAT(error("auth: { keys: [{ name: a, secret: \"${EMPTY}\" }] }\n"),
              ElementsAre("sluice.yaml:1:35: auth.keys[0].secret: is empty; a secret must not be"));
  EXPECT_THAT(error("auth: { keys: [{ name: a, secret: \"\" }] }\n"),
              ElementsAre(HasSubstr("is empty")));
  EXPECT_THAT(error("admin: { tokens: [{ name: a, secret: \"${NONE:-}\" }] }\n"),
              ElementsAre(HasSubstr("admin.tokens[0].secret: is empty")));
  EXPECT_THAT(error("auth: { keys: [{ name: a, secret: }] }\n"),
              ElementsAre(HasSubstr("expected a secret, not nothing")));
}

TEST(ConfigErrors, RefuseASecretThatWouldBeginAnotherHeader) {
  FakeEnvironment environment;
  environment.variables["KEY"] = "sk-1\r\nx-evil: 1";

  EXPECT_THAT(errors_of("providers: { p: { type: simulator, keys: [\"${KEY}\"] } }\n", environment),
              ElementsAre(HasSubstr("providers.p.keys[0]: holds a control character")));
}

TEST(ConfigErrors, NeverRepeatASecret) {
  FakeEnvironment environment;
  environment.variables["CANARY"] = "canary-7f3a";
  environment.variables["LINE"] = "canary-7f3a\n";
  const auto provider = [](std::string_view rest) {
    return "providers: { p: { type: openai-compatible, " + std::string(rest) + " } }\n";
  };
  const std::vector<std::string> cases = {
      "server: { workers: \"${CANARY}\" }\n",
      "server: { timeouts: { idle: \"${CANARY}\" } }\n",
      "server: { half_close: \"${CANARY}\" }\n",
      "server: { listen: [\"${CANARY}\"] }\n",
      provider("base_url: \"https://u:${CANARY}@a\""),
      provider("base_url: \"https://u:canary-7f3a@a\""),
      provider("base_url: \"https://${CANARY}/${LINE}\""),
      provider("base_url: \"http://a\", keys: [\"${LINE}\"]"),
      provider("base_url: \"http://a\", headers: { x: \"${LINE}\" }"),
      "auth: { keys: [{ name: a, secret: \"${LINE}\" }] }\n",
      "auth: { keys: [{ name: a, secret: canary-7f3a }, { name: b, secret: canary-7f3a }] }\n",
      "models: { a: \"${CANARY}\" }\n",
  };
  for (const auto& text : cases) {
    const auto errors = errors_of(text, environment);
    EXPECT_FALSE(errors.empty()) << text;
    for (const auto& error : errors) EXPECT_THAT(error, testing::Not(HasSubstr("canary"))) << text;
  }
}

TEST(ConfigErrors, SayWhichVariableIsNotSet) {
  expect_each({
      {"auth: { keys: [{ name: a, secret: \"${KEY}\" }] }\n",
       "1:35: auth.keys[0].secret: the environment variable KEY is not set"},
      {"server: { workers: \"${N:?how many}\" }\n", "1:20: server.workers: N: how many"},
  });
}

TEST(ConfigErrors, RefuseAVariableThatChangesTheHost) {
  FakeEnvironment environment;
  const auto error = [&](std::string region) {
    environment.variables["REGION"] = std::move(region);
    return errors_of(
        "providers: { p: { type: openai-compatible, base_url: "
        "\"https://${REGION}.api.example.com/v1\" } }\n",
        environment);
  };

  EXPECT_THAT(error("eu-west-1"), IsEmpty());
  for (const auto* evil :
       {"httpbin.org#", "a/../b", "a@b", "a?", "a%2fb", "a\r\nb", "evil.net/", "", "a:1"}) {
    EXPECT_THAT(error(evil), ElementsAre(HasSubstr("providers.p.base_url: "))) << evil;
  }
}

}  // namespace
}  // namespace sluice::config
