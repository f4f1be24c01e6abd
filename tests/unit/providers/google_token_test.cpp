#include "providers/credentials/google_token.h"

#include "providers/credentials/digests.h"
#include "unit/providers/credential_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <algorithm>
#include <string_view>

namespace sluice::providers {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

std::string from_base64url(std::string_view text) {
  std::string plain(text);
  std::ranges::replace(plain, '-', '+');
  std::ranges::replace(plain, '_', '/');
  const std::size_t padding = (4 - plain.size() % 4) % 4;
  plain.append(padding, '=');
  std::string bytes(plain.size() / 4 * 3, '\0');
  EXPECT_GE(::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                              reinterpret_cast<const unsigned char*>(plain.data()),
                              static_cast<int>(plain.size())),
            0);
  bytes.resize(bytes.size() - padding);
  return bytes;
}

// The example key of RFC 7515, appendix A.2, which gives it as a JWK.
std::string published_key() {
  constexpr std::string_view kNumbers[][2] = {
      {OSSL_PKEY_PARAM_RSA_N,
       "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm"
       "4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5"
       "rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGh"
       "yxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
      {OSSL_PKEY_PARAM_RSA_E, "AQAB"},
      {OSSL_PKEY_PARAM_RSA_D,
       "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NX"
       "OoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V"
       "51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jT"
       "j3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ"},
      {OSSL_PKEY_PARAM_RSA_FACTOR1,
       "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5"
       "PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc"},
      {OSSL_PKEY_PARAM_RSA_FACTOR2,
       "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQe"
       "ZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc"},
      {OSSL_PKEY_PARAM_RSA_EXPONENT1,
       "BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1"
       "R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0"},
      {OSSL_PKEY_PARAM_RSA_EXPONENT2,
       "h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0aj"
       "aHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU"},
      {OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
       "IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7"
       "YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U"}};
  const std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> builder(
      OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free);
  std::vector<std::unique_ptr<BIGNUM, decltype(&BN_free)>> numbers;
  for (const auto& [name, text] : kNumbers) {
    const std::string bytes = from_base64url(text);
    numbers.emplace_back(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()), nullptr),
                         &BN_free);
    OSSL_PARAM_BLD_push_BN(builder.get(), name.data(), numbers.back().get());
  }
  const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(
      OSSL_PARAM_BLD_to_param(builder.get()), &OSSL_PARAM_free);
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr), &EVP_PKEY_CTX_free);
  EVP_PKEY* made = nullptr;
  EVP_PKEY_fromdata_init(context.get());
  EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEYPAIR, parameters.get());
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(made, &EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* pem = nullptr;
  const long size = BIO_get_mem_data(out.get(), &pem);
  return {pem, static_cast<std::size_t>(size)};
}

TEST(Rs256, SignsAsPublished) {
  const auto key = RsaKey::parse(published_key());
  ASSERT_TRUE(key);
  const std::string header = base64url(R"({"alg":"RS256"})");
  const std::string claims = base64url(
      "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}");

  EXPECT_EQ(header, "eyJhbGciOiJSUzI1NiJ9");
  EXPECT_EQ(claims,
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ij"
            "p0cnVlfQ");
  EXPECT_EQ(
      base64url(key->sign(header + "." + claims)),
      "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8"
      "W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPv"
      "kSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1ph"
      "CnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
}

TEST(Rs256, TakesNoKeyThatIsNotRsasOrNotOpen) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> curve(EVP_EC_gen("P-256"),
                                                                  &EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_PrivateKey(out.get(), curve.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* pem = nullptr;
  const long size = BIO_get_mem_data(out.get(), &pem);

  EXPECT_FALSE(RsaKey::parse({pem, static_cast<std::size_t>(size)}));
  EXPECT_FALSE(RsaKey::parse(""));
  EXPECT_FALSE(RsaKey::parse("-----BEGIN PRIVATE KEY-----\nnone\n-----END PRIVATE KEY-----\n"));
}

class GoogleTokens : public testing::Test {
 protected:
  std::shared_ptr<const Credential> make() {
    scene_.shelf = std::make_shared<GrantShelf>();
    auto made = make_google_token(options_, scene_.ground());
    words_ = made ? "" : made.error()->message;
    return made ? *made : nullptr;
  }
  std::shared_ptr<const Credential> make(const Json& file) {
    options_.credentials = "/run/google.json";
    scene_.environment->files["/run/google.json"] = file.dump();
    return make();
  }

  static Json service_account() {
    return {{"type", "service_account"},
            {"client_email", "bot@my-project.iam.gserviceaccount.com"},
            {"private_key_id", "k1"},
            {"private_key", published_key()},
            {"token_uri", "https://oauth2.googleapis.com/token"}};
  }
  static Json external_account(Json source) {
    return {{"type", "external_account"},
            {"audience", "//iam.googleapis.com/projects/1/providers/p"},
            {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
            {"token_url", "https://sts.googleapis.com/v1/token"},
            {"credential_source", std::move(source)}};
  }

  CredentialScene scene_;
  GoogleOptions options_;
  std::string words_;
};

TEST_F(GoogleTokens, AreSentAsTheyWereGiven) {
  options_.access_token = config::Secret("ya29.given");
  EXPECT_EQ(scene_.authorization(*make()), "Bearer ya29.given");
  EXPECT_TRUE(scene_.fetch->requests.empty());
}

TEST_F(GoogleTokens, AreAskedForWithASignedAssertion) {
  scene_.fetch->replies = {token_reply("ya29.granted")};

  EXPECT_EQ(scene_.authorization(*make(service_account())), "Bearer ya29.granted");

  ASSERT_EQ(scene_.fetch->requests.size(), 1U);
  const FetchRequest& request = scene_.fetch->requests[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url.text(), "https://oauth2.googleapis.com/token");
  EXPECT_EQ(form_field(request.body, "grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer");
  const std::string assertion = form_field(request.body, "assertion");
  const auto dot = assertion.find('.');
  const auto last = assertion.rfind('.');
  EXPECT_EQ(Json::parse(from_base64url(assertion.substr(0, dot))),
            Json({{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "k1"}}));
  EXPECT_EQ(Json::parse(from_base64url(assertion.substr(dot + 1, last - dot - 1))),
            Json({{"iss", "bot@my-project.iam.gserviceaccount.com"},
                  {"scope", "https://www.googleapis.com/auth/cloud-platform"},
                  {"aud", "https://oauth2.googleapis.com/token"},
                  {"iat", 3600},
                  {"exp", 7200}}));
  EXPECT_EQ(assertion.substr(last + 1),
            base64url(RsaKey::parse(published_key())->sign(assertion.substr(0, last))));
}

TEST_F(GoogleTokens, AreRenewedAheadOfTheirEnd) {
  scene_.fetch->replies = {token_reply("one"), token_reply("two")};
  const auto credential = make(service_account());
  EXPECT_EQ(scene_.authorization(*credential), "Bearer one");
  scene_.clock.turn_by(minutes(54));
  EXPECT_EQ(scene_.authorization(*credential), "Bearer one");
  EXPECT_EQ(scene_.fetch->requests.size(), 1U);
  scene_.clock.turn_by(minutes(2));
  EXPECT_EQ(scene_.authorization(*credential), "Bearer one");
  EXPECT_EQ(scene_.authorization(*credential), "Bearer two");
}

TEST_F(GoogleTokens, AreAskedForWithAPersonsRefreshToken) {
  scene_.fetch->replies = {token_reply("ya29.mine")};
  const auto credential = make(Json{{"type", "authorized_user"},
                                    {"client_id", "id"},
                                    {"client_secret", "s3cr3t"},
                                    {"refresh_token", "1//refresh"},
                                    {"quota_project_id", "my-project"}});

  const Signed seen = scene_.sign(*credential);

  EXPECT_EQ(seen.fields.at("authorization"), "Bearer ya29.mine");
  EXPECT_EQ(seen.fields.at("x-goog-user-project"), "my-project");
  const FetchRequest& request = scene_.fetch->requests.at(0);
  EXPECT_EQ(request.url.text(), "https://oauth2.googleapis.com/token");
  EXPECT_EQ(form_field(request.body, "grant_type"), "refresh_token");
  EXPECT_EQ(form_field(request.body, "refresh_token"), "1//refresh");
  EXPECT_EQ(form_field(request.body, "client_secret"), "s3cr3t");
}

TEST_F(GoogleTokens, AreExchangedForTheTokenInAFile) {
  scene_.environment->files["/var/run/token"] = "subject.jwt\n";
  scene_.fetch->replies = {token_reply("federated"), token_reply("later")};
  const auto credential = make(external_account({{"file", "/var/run/token"}}));

  EXPECT_EQ(scene_.authorization(*credential), "Bearer federated");

  const FetchRequest& request = scene_.fetch->requests.at(0);
  EXPECT_EQ(request.url.text(), "https://sts.googleapis.com/v1/token");
  EXPECT_EQ(form_field(request.body, "grant_type"),
            "urn:ietf:params:oauth:grant-type:token-exchange");
  EXPECT_EQ(form_field(request.body, "audience"), "//iam.googleapis.com/projects/1/providers/p");
  EXPECT_EQ(form_field(request.body, "subject_token"), "subject.jwt");
  EXPECT_EQ(form_field(request.body, "subject_token_type"), "urn:ietf:params:oauth:token-type:jwt");

  scene_.environment->files["/var/run/token"] = "renewed.jwt";
  scene_.clock.turn_by(minutes(60));
  EXPECT_EQ(scene_.authorization(*credential), "Bearer later");
  EXPECT_EQ(form_field(scene_.fetch->requests.at(1).body, "subject_token"), "renewed.jwt");
}

TEST_F(GoogleTokens, AreExchangedForTheTokenBehindAUrlAndThenForAServiceAccounts) {
  scene_.fetch->replies = {
      {.status = 200, .body = R"({"value":"subject.jwt"})"},
      token_reply("federated"),
      {.status = 200,
       .body = R"({"accessToken":"ya29.bot","expireTime":"1970-01-01T02:00:00.123Z"})"},
      {.status = 200, .body = R"({"value":"subject.jwt"})"}};
  Json file =
      external_account({{"url", "http://169.254.169.254/identity?resource=google"},
                        {"headers", {{"metadata", "True"}}},
                        {"format", {{"type", "json"}, {"subject_token_field_name", "value"}}}});
  file["service_account_impersonation_url"] =
      "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
      "bot@p.iam.gserviceaccount.com:generateAccessToken";
  const auto credential = make(file);
  ASSERT_TRUE(credential) << words_;

  EXPECT_EQ(scene_.authorization(*credential), "Bearer ya29.bot");

  const auto& asked = scene_.fetch->requests;
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_EQ(asked[0].url.text(), "http://169.254.169.254/identity");
  EXPECT_EQ(asked[0].query, "resource=google");
  EXPECT_THAT(asked[0].fields.at(0), Pair("metadata", "True"));
  EXPECT_EQ(form_field(asked[1].body, "subject_token"), "subject.jwt");
  EXPECT_EQ(asked[2].url.path,
            "/v1/projects/-/serviceAccounts/bot@p.iam.gserviceaccount.com:generateAccessToken");
  EXPECT_THAT(asked[2].fields.at(0), Pair("authorization", "Bearer federated"));
  EXPECT_EQ(
      Json::parse(asked[2].body),
      Json({{"scope", {"https://www.googleapis.com/auth/cloud-platform"}}, {"lifetime", "3600s"}}));
  scene_.clock.turn_by(minutes(60));
  EXPECT_EQ(scene_.authorization(*credential), "upstream_auth");
}

TEST_F(GoogleTokens, AreAskedOfTheMetadataServerOnlyWhereTheConfigurationSaysSo) {
  EXPECT_FALSE(make());
  options_.metadata_server = true;
  scene_.fetch->replies = {token_reply("ya29.machine")};

  EXPECT_EQ(scene_.authorization(*make()), "Bearer ya29.machine");

  const FetchRequest& request = scene_.fetch->requests.at(0);
  EXPECT_EQ(request.url.text(),
            "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token");
  EXPECT_THAT(request.fields.at(0), Pair("metadata-flavor", "Google"));
  EXPECT_EQ(request.reach, Reach::Nearby);

  for (const char* host : {"10.0.0.1", "metadata.example", "169.254.1.1@evil.example"}) {
    scene_.environment->variables["GCE_METADATA_HOST"] = host;
    EXPECT_FALSE(make()) << host;
  }
}

TEST_F(GoogleTokens, AreNotMadeFromAFileThatLacksSomething) {
  std::vector<Json> files = {Json::array(),
                             {{"type", "s3cr3t"}},
                             service_account(),
                             service_account(),
                             service_account(),
                             {{"type", "authorized_user"}, {"client_secret", "s3cr3t"}},
                             external_account(Json::object()),
                             external_account({{"executable", {{"command", "s3cr3t"}}}}),
                             external_account({{"environment_id", "aws1"}}),
                             external_account({{"file", "/t"}, {"headers", {{"a: s3cr3t", "b"}}}}),
                             external_account({{"url", "http://keys.example/s3cr3t"}}),
                             external_account({{"file", "/t"}, {"format", {{"type", "json"}}}})};
  files[2]["private_key"] = "-----BEGIN PRIVATE KEY-----\ns3cr3t\n-----END PRIVATE KEY-----\n";
  files[3].erase("client_email");
  files[4]["token_uri"] = "http://tokens.example/s3cr3t";
  for (const Json& file : files) {
    EXPECT_FALSE(make(file)) << file;
    EXPECT_THAT(words_, AllOf(HasSubstr("/run/google.json: "), Not(HasSubstr("s3cr3t"))));
  }
  scene_.environment->files.clear();
  EXPECT_FALSE(make());
  EXPECT_EQ(words_, "/run/google.json: cannot read it: gone");
}

TEST_F(GoogleTokens, FailWithoutAWordOfTheAssertionOrTheAnswer) {
  scene_.fetch->replies = {
      {.status = 400,
       .body = R"({"error":"invalid_grant","error_description":"Invalid JWT: s3cr3t"})"}};

  const Signed seen = scene_.sign(*make(service_account()));

  EXPECT_EQ(seen.code, "upstream_auth");
  EXPECT_THAT(seen.words, AllOf(HasSubstr("Google's token endpoint answered 400 (invalid_grant)"),
                                Not(HasSubstr("s3cr3t")), Not(HasSubstr("eyJ"))));
}

}  // namespace
}  // namespace sluice::providers
