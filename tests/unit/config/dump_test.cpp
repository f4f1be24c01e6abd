#include "config/describe.h"
#include "unit/config/loading.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <regex>

namespace sluice::config {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kEverything = R"(
server:
  listen: ["127.0.0.1:0"]
  tls: { certificate: a.pem, private_key: a.key }
  drop: [seed]
  strict_json: true
admin: { tokens: [{ name: ops, secret: canary-admin, role: admin }] }
providers:
  openai:
    type: openai
    keys: [canary-key, { secret: canary-weighted, weight: 2 }, "${NONE:-}"]
    headers: { x-extra: canary-header }
    proxy: "http://proxy:3128"
    tags: { "odd \"key\"": "$${HOME}, \\ and \"quotes\"", "no": "yes" }
  local: { type: openai-compatible, base_url: "http://a", keys: caller }
models: { "gpt-*": openai/$0, a: local/b }
auth: { keys: [{ name: dev, secret: canary-client, may: [raw] }], ip: { allow: [] } }
telemetry: { log: { to: "file:log/a.log" } }
)";

TEST(Dump, NeverShowsASecret) {
  const auto snapshot = snapshot_of(kEverything);

  for (const auto secrets : {Secrets::Masked, Secrets::Digested}) {
    EXPECT_THAT(to_yaml(snapshot->config(), secrets), Not(HasSubstr("canary")));
  }
  EXPECT_THAT(to_yaml_masked(snapshot->config()), HasSubstr("secret: \"********\""));
}

TEST(Dump, LoadsAgainAndMeansTheSame) {
  const auto snapshot = snapshot_of(kEverything);
  const auto written = to_yaml(snapshot->config(), Secrets::Digested);
  const auto again = snapshot_of(written);

  EXPECT_EQ(to_yaml_masked(again->config()), to_yaml_masked(snapshot->config()));
  EXPECT_EQ(again->provider("openai")->tags[0].name, "odd \"key\"");
  EXPECT_EQ(again->provider("openai")->tags[0].value, "${HOME}, \\ and \"quotes\"");
}

// Does a value hold to a schema? As much of draft-07 as schema_json() uses.
bool holds(const nlohmann::json& schema, const nlohmann::json& value) {
  if (schema.contains("anyOf")) {
    return std::ranges::any_of(schema["anyOf"],
                               [&](const auto& each) { return holds(each, value); });
  }
  if (schema.contains("enum"))
    return std::ranges::find(schema["enum"], value) != schema["enum"].end();
  const auto type = schema.value("type", "");
  if (type.empty()) return true;
  if (type == "string") {
    if (!value.is_string()) return false;
    return !schema.contains("pattern") ||
           std::regex_search(value.get<std::string>(),
                             std::regex(schema["pattern"].get<std::string>()));
  }
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") {
    return value.is_number_integer() && value >= schema["minimum"] &&
           value <= schema.value("maximum", value);
  }
  if (type == "number") return value.is_number();
  if (type == "array") {
    return value.is_array() && std::ranges::all_of(value, [&](const auto& each) {
             return holds(schema["items"], each);
           });
  }
  if (!value.is_object()) return false;
  for (const auto& name : schema.value("required", nlohmann::json::array())) {
    if (!value.contains(name)) return false;
  }
  for (const auto& [key, each] : value.items()) {
    const bool known = schema.contains("properties") && schema["properties"].contains(key);
    const auto& inner = known ? schema["properties"][key] : schema["additionalProperties"];
    if (inner.is_boolean() ? !inner.template get<bool>() : !holds(inner, each)) return false;
  }
  return true;
}

class Schema : public testing::Test {
 protected:
  // YAML in flow style is JSON when its texts are quoted: so one text serves both.
  bool holds_to_schema(const std::string& json) {
    return holds(nlohmann::json::parse(schema_json()), nlohmann::json::parse(json));
  }
  bool loads(const std::string& json) { return errors_of(json).empty(); }
};

TEST_F(Schema, IsDraft07) {
  const auto schema = nlohmann::json::parse(schema_json());

  EXPECT_EQ(schema["$schema"], "http://json-schema.org/draft-07/schema#");
  EXPECT_EQ(schema["properties"]["server"]["properties"]["workers"]["description"],
            "event loops; auto: one per core");
}

TEST_F(Schema, AcceptsWhatTheReaderAccepts) {
  for (
      const std::string json : {
          R"({})",
          R"({"version":1,"server":{"listen":["127.0.0.1:0"],"workers":2,"strict_json":true}})",
          R"({"server":{"workers":"auto","drop":["a"],"limits":{"connections":200}}})",
          R"({"server":{"drop":"all","limits":{"connections":"2k"}},"auth":{"required":"${X:-true}"}})",
          R"({"providers":{"p":{"type":"simulator","keys":["a",{"secret":"b","weight":2}]}}})",
          R"({"providers":{"p":{"type":"simulator","keys":"caller"}},"models":{"a":"p/b"}})",
          R"({"providers":{"p":{"type":"simulator"}},"models":{"a":{"targets":["p/b"],"defaults":{"n":[1,{"x":null}]}}}})",
      }) {
    EXPECT_TRUE(loads(json)) << json;
    EXPECT_TRUE(holds_to_schema(json)) << json;
  }
}

TEST_F(Schema, RefusesWhatTheReaderRefuses) {
  for (const std::string json : {
           R"({"sever":{}})",
           R"({"server":[]})",
           R"({"version":2})",
           R"({"server":{"direct_models":"yes"}})",
           R"({"server":{"listen":"127.0.0.1:0"}})",
           R"({"server":{"half_close":"abrot"}})",
           R"({"server":{"timeouts":{"idle":75}}})",
           R"({"server":{"tls":{"certificate":"a"}}})",
           R"({"providers":{"p":{}}})",
           R"({"providers":{"p":{"type":["openai"]}}})",
           R"({"providers":{"p":{"type":"simulator","keys":[{"secret":"b","weight":0}]}}})",
           R"({"models":{"a":{"targets":["p/b"],"strategy":"best"}}})",
           R"({"storage":{"lost":"reject"}})",
           R"({"auth":{"keys":[{"name":"a"}]}})",
       }) {
    EXPECT_FALSE(loads(json)) << json;
    EXPECT_FALSE(holds_to_schema(json)) << json;
  }
}

}  // namespace
}  // namespace sluice::config
