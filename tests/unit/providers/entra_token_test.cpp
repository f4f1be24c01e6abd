#include "providers/credentials/entra_token.h"

#include "unit/providers/credential_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::providers {
namespace {

using testing::HasSubstr;
using testing::Not;

class EntraTokens : public testing::Test {
 protected:
  std::shared_ptr<const Credential> make() {
    scene_.shelf = std::make_shared<GrantShelf>();
    auto made = make_entra_token(options_, scene_.ground());
    if (!made) {
      words_ = made.error()->message;
      return nullptr;
    }
    return *made;
  }

  CredentialScene scene_;
  EntraOptions options_{.tenant = "my-tenant.example",
                        .client_id = "client&id",
                        .client_secret = config::Secret("s3cr3t~+/=")};
  std::string words_;
};

TEST_F(EntraTokens, AreAskedForWithTheClientsCredentials) {
  scene_.fetch->replies = {token_reply("tok3n")};

  EXPECT_EQ(scene_.authorization(*make()), "Bearer tok3n");

  ASSERT_EQ(scene_.fetch->requests.size(), 1U);
  const FetchRequest& request = scene_.fetch->requests[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url.text(),
            "https://login.microsoftonline.com/my-tenant.example/oauth2/v2.0/token");
  EXPECT_EQ(request.query, "");
  EXPECT_EQ(form_field(request.body, "grant_type"), "client_credentials");
  EXPECT_EQ(form_field(request.body, "client_id"), "client&id");
  EXPECT_EQ(form_field(request.body, "client_secret"), "s3cr3t~+/=");
  EXPECT_EQ(form_field(request.body, "scope"), "https://cognitiveservices.azure.com/.default");
}

TEST_F(EntraTokens, AreKeptUntilTheyExpire) {
  scene_.fetch->replies = {token_reply("one"), token_reply("two")};
  const auto credential = make();

  EXPECT_EQ(scene_.authorization(*credential), "Bearer one");
  EXPECT_EQ(scene_.authorization(*credential), "Bearer one");
  scene_.clock.turn_by(minutes(60));
  EXPECT_EQ(scene_.authorization(*credential), "Bearer two");
}

TEST_F(EntraTokens, AreAskedForAgainAfterARefusal) {
  scene_.fetch->replies = {token_reply("one"), token_reply("two")};
  const auto credential = make();
  scene_.authorization(*credential);
  scene_.clock.turn_by(minutes(5));

  credential->refused(403);
  EXPECT_EQ(scene_.authorization(*credential), "Bearer one");
  credential->refused(401);
  EXPECT_EQ(scene_.authorization(*credential), "Bearer two");
}

TEST_F(EntraTokens, FailWithoutAWordOfWhatWasSentOrAnswered) {
  scene_.fetch->replies = {
      {.status = 401,
       .body = R"({"error":"invalid_client","error_description":"AADSTS7000215: s3cr3t~+/= is no)"
               R"( secret of client&id","error_codes":[7000215],"trace_id":"trace"})"}};

  const Signed seen = scene_.sign(*make());

  EXPECT_EQ(seen.code, "upstream_auth");
  EXPECT_EQ(seen.words,
            "The gateway could not get a credential for this provider.|Entra ID's token endpoint "
            "answered 401 (invalid_client, AADSTS7000215)");
}

TEST_F(EntraTokens, QuoteNoWordThatIsNotOAuths) {
  scene_.fetch->replies = {{.status = 400, .body = R"({"error":"s3cr3t~+/="})"},
                           {.status = 500, .body = "<html>s3cr3t~+/=</html>"},
                           {.status = 302, .body = ""},
                           {.status = 200, .body = R"({"token":"s3cr3t"})"},
                           {.status = 200, .body = R"({"access_token":"s3cr3t\r\nx: y"})"}};
  const auto credential = make();
  while (!scene_.fetch->replies.empty()) {
    const Signed seen = scene_.sign(*credential);
    EXPECT_EQ(seen.code, "upstream_auth");
    EXPECT_THAT(seen.words, Not(HasSubstr("s3cr3t")));
    EXPECT_FALSE(seen.fields.contains("authorization"));
    scene_.clock.turn_by(seconds(2));
  }
}

TEST_F(EntraTokens, FailWhereTheEndpointCannotBeReached) {
  const Signed seen = scene_.sign(*make());
  EXPECT_EQ(seen.code, "upstream_auth");
  EXPECT_THAT(seen.words, HasSubstr("Entra ID's token endpoint: no connection"));
}

TEST_F(EntraTokens, ReadALifetimeThatIsWrittenAsAString) {
  scene_.fetch->replies = {{.status = 200, .body = R"({"access_token":"one","expires_in":"600"})"},
                           token_reply("two")};
  const auto credential = make();
  scene_.authorization(*credential);
  scene_.clock.turn_by(minutes(4));
  EXPECT_EQ(scene_.authorization(*credential), "Bearer one");
  scene_.clock.turn_by(minutes(6));
  EXPECT_EQ(scene_.authorization(*credential), "Bearer two");
}

TEST_F(EntraTokens, AreNotMadeForWhatDoesNotFitIntoAUrl) {
  for (const char* tenant : {"", "a/b", "a?b", "..", "a b", "evil.example#"}) {
    options_.tenant = tenant;
    EXPECT_FALSE(make()) << tenant;
    EXPECT_THAT(words_, HasSubstr("tenant"));
  }
  options_.tenant = "t";
  options_.authority = "login.example";
  EXPECT_FALSE(make());
  EXPECT_THAT(words_, HasSubstr("authority"));
}

}  // namespace
}  // namespace sluice::providers
