// Providers of types that want more than a URL and keys.
#include "config/describe.h"
#include "unit/config/loading.h"

#include <gmock/gmock.h>

namespace sluice::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string with(std::string_view settings) {
  return "providers: { p: { " + std::string(settings) + " } }\n";
}

std::string url_of(std::string_view settings) {
  const auto snapshot = snapshot_of(with(settings));
  return snapshot->config().providers.empty() ? std::string()
                                              : snapshot->config().providers[0].base_url.text();
}

TEST(ProviderTypes, SayWhereTheirProviderIs) {
  EXPECT_EQ(url_of("type: groq, keys: [k]"), "https://api.groq.com/openai/v1");
  EXPECT_EQ(url_of("type: ollama"), "http://127.0.0.1:11434");
  EXPECT_EQ(url_of("type: bedrock, region: eu-west-1, role: instance"),
            "https://bedrock-runtime.eu-west-1.amazonaws.com");
  EXPECT_EQ(url_of("type: vertex, project: p, location: europe-west1, credentials: a.json"),
            "https://europe-west1-aiplatform.googleapis.com/v1");
  EXPECT_EQ(url_of("type: vertex, project: p, location: global, credentials: a.json"),
            "https://aiplatform.googleapis.com/v1");
  EXPECT_EQ(url_of("type: vertex, project: p, location: eu, credentials: a.json, base_url: "
                   "\"https://vertex.internal\""),
            "https://vertex.internal");
}

TEST(ProviderTypes, WantAUrlWhereItIsTheCallersOwn) {
  EXPECT_THAT(errors_of(with("type: azure, keys: [k]")),
              ElementsAre(HasSubstr("lacks \"base_url\": https://{resource}.openai.azure.com")));
  EXPECT_THAT(errors_of(with("type: cloudflare, keys: [k]")),
              ElementsAre(HasSubstr("lacks \"base_url\": https://api.cloudflare.com/client/v4")));
}

TEST(ProviderTypes, LetNoSettingLeadElsewhere) {
  EXPECT_THAT(errors_of(with("type: bedrock, role: instance, region: \"evil.example/x?\"")),
              ElementsAre(HasSubstr("region: expected letters, digits")));
}

TEST(ProviderTypes, TakeOnlyTheirOwnSettings) {
  EXPECT_THAT(errors_of(with("type: openai, keys: [k], region: us-east-1")),
              ElementsAre(HasSubstr("region: is only for a provider of type bedrock")));
  EXPECT_THAT(errors_of(with("type: openai, keys: [k], deployments: { a: b }")),
              ElementsAre(HasSubstr("deployments: is only for a provider of type azure")));
}

TEST(Azure, HasAVersionAndDeployments) {
  const auto snapshot = snapshot_of(with(
      "type: azure, base_url: \"https://a.example\", keys: [k], deployments: { gpt-4o: mine }"));
  const ProviderSettings& azure = snapshot->config().providers[0];

  EXPECT_EQ(azure.api_version, "2024-10-21");
  EXPECT_EQ(azure.deployment_of("gpt-4o"), "mine");
  EXPECT_EQ(azure.deployment_of("gpt-5"), "gpt-5");
}

TEST(Azure, TakesKeysOrEntra) {
  const std::string entra = "entra: { tenant: t, client_id: c, client_secret: s }";
  const std::string azure = "type: azure, base_url: \"https://a.example\"";

  EXPECT_THAT(errors_of(with(azure + ", " + entra)), IsEmpty());
  EXPECT_THAT(errors_of(with(azure)), ElementsAre(HasSubstr("expected keys or entra")));
  EXPECT_THAT(errors_of(with(azure + ", keys: [k], " + entra)),
              ElementsAre(HasSubstr("expected one credential: keys or entra, not both")));
  EXPECT_THAT(errors_of(with(azure + ", entra: { tenant: t }")), testing::SizeIs(2));
}

TEST(Bedrock, WantsARegionAndOneWayToCredentials) {
  EXPECT_THAT(errors_of(with("type: bedrock, role: container")),
              ElementsAre(HasSubstr("lacks \"region\"")));
  EXPECT_THAT(errors_of(with("type: bedrock, region: r")),
              ElementsAre(HasSubstr("expected access_key, profile, role or keys")));
  EXPECT_THAT(errors_of(with("type: bedrock, region: r, profile: a, role: instance")),
              ElementsAre(HasSubstr("profile or role, not both")));
  EXPECT_THAT(errors_of(with("type: bedrock, region: r, access_key: a")),
              ElementsAre(HasSubstr("lacks \"secret_key\"")));
  EXPECT_THAT(errors_of(with("type: bedrock, region: r, profile: a, session_token: s")),
              ElementsAre(HasSubstr("session_token goes with an access_key")));
  EXPECT_THAT(errors_of(with("type: bedrock, region: r, keys: [bearer]")), IsEmpty());
}

TEST(Bedrock, CountsAnEmptyKeyAsAbsent) {
  const auto snapshot =
      snapshot_of(with("type: bedrock, region: r, access_key: \"${A:-}\", "
                       "secret_key: \"${B:-}\", session_token: \"${C:-}\""));
  const ProviderSettings& bedrock = snapshot->config().providers[0];

  EXPECT_TRUE(bedrock.lacks_credential());
  EXPECT_FALSE(bedrock.session_token);
  EXPECT_THAT(texts(snapshot->warnings()),
              testing::Contains(HasSubstr("answers 503 until it is set")));
}

TEST(Vertex, WantsAProjectALocationAndOneCredential) {
  EXPECT_THAT(errors_of(with("type: vertex, access_token: t")),
              ElementsAre(HasSubstr("lacks \"location\""), HasSubstr("lacks \"project\"")));
  EXPECT_THAT(errors_of(with("type: vertex, project: p, location: l")),
              ElementsAre(HasSubstr("expected credentials, access_token or keys")));
}

TEST(ProviderSecrets, AreNeverShown) {
  const auto snapshot = snapshot_of(
      "providers:\n"
      "  b: { type: bedrock, region: r, access_key: AKIA1, secret_key: hush1, session_token: hush2 "
      "}\n"
      "  v: { type: vertex, project: p, location: l, access_token: hush3 }\n"
      "  a: { type: azure, base_url: \"https://a.example\",\n"
      "       entra: { tenant: t, client_id: c, client_secret: hush4 } }\n");

  const std::string shown = to_yaml_masked(snapshot->config());

  EXPECT_THAT(shown, Not(HasSubstr("hush")));
  EXPECT_THAT(shown, Not(HasSubstr("AKIA1")));
  EXPECT_THAT(errors_of(shown), IsEmpty());
}

TEST(ProviderSettings, KeepWhatToDropAsLongAsTheyLive) {
  const auto snapshot = snapshot_of(with("type: groq, keys: [k], drop: [seed, logit_bias]"));
  const ProviderSettings copy = snapshot->config().providers[0];

  ASSERT_TRUE(copy.drop);
  EXPECT_EQ(copy.drop->policy().which, DropPolicy::Which::Named);
  EXPECT_THAT(copy.drop->policy().names, ElementsAre("seed", "logit_bias"));
}

}  // namespace
}  // namespace sluice::config
