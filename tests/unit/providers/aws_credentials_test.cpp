#include "providers/credentials/aws_credentials.h"

#include "unit/providers/credential_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::providers {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

constexpr const char* kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

FetchReply keys_reply(const std::string& name, const std::string& expires) {
  return {.status = 200,
          .body = R"({"Code":"Success","AccessKeyId":"AKID)" + name +
                  R"(","SecretAccessKey":"s3cr3t","Token":"session","Expiration":")" + expires +
                  R"("})"};
}

class AwsCredentials : public testing::Test {
 protected:
  std::shared_ptr<const Credential> make() {
    scene_.shelf = std::make_shared<GrantShelf>();
    auto made = make_aws_credential(options_, scene_.ground());
    words_ = made ? "" : made.error()->message;
    return made ? *made : nullptr;
  }
  // The access key that a request is signed with.
  std::string key_of(const Credential& credential) {
    const std::string authorization = scene_.authorization(credential);
    const auto from = authorization.find("Credential=");
    if (from == std::string::npos) return authorization;
    return authorization.substr(from + 11, authorization.find('/') - from - 11);
  }

  CredentialScene scene_;
  AwsOptions options_{.region = "us-east-1", .host = "bedrock-runtime.us-east-1.amazonaws.com"};
  std::string words_;
};

TEST_F(AwsCredentials, SignAsAmazonsOwnClientDoes) {
  options_.access_key = "AKIDEXAMPLE";
  options_.secret_key = config::Secret(kSecret);
  options_.session_token = config::Secret("session+token==");

  const Signed seen =
      scene_.sign(*make(),
                  "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2F"
                  "us.anthropic.claude-sonnet-4-20250514-v1%3A0/converse",
                  R"({"messages":[]})");

  // The signature is botocore's.
  EXPECT_EQ(seen.fields,
            (std::map<std::string, std::string>{
                {"content-type", "application/json"},
                {"x-amz-date", "19700101T010000Z"},
                {"x-amz-security-token", "session+token=="},
                {"authorization",
                 "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/19700101/us-east-1/bedrock/aws4_request, "
                 "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "
                 "Signature=62c1cbe8af6b5f78bc9e15c1764a633a4bc717c80d1b0630af56c288f599fa8c"}}));
}

TEST_F(AwsCredentials, SignWhatDependsOnTheBody) {
  options_.access_key = "AKIDEXAMPLE";
  options_.secret_key = config::Secret(kSecret);
  const auto credential = make();

  EXPECT_EQ(scene_.sign(*credential, "/x", "a").fields, scene_.sign(*credential, "/x", "a").fields);
  EXPECT_NE(scene_.sign(*credential, "/x", "a").fields, scene_.sign(*credential, "/x", "b").fields);
}

TEST_F(AwsCredentials, RefuseABodyThatPassesThrough) {
  class Source final : public BodySource {
    std::optional<std::uint64_t> size() const override { return std::nullopt; }
    Task<Result<std::string_view>> next() override { co_return std::string_view(); }
  };
  options_.access_key = "AKIDEXAMPLE";
  options_.secret_key = config::Secret(kSecret);
  const auto credential = make();
  Arena arena;
  Context context(arena, arena, scene_.clock);
  Source source;
  UpstreamRequest request;
  request.path = "/x";
  request.body = &source;

  auto task = credential->sign(context, request);
  task.enter(std::noop_coroutine()).resume();
  ASSERT_TRUE(task.done());

  EXPECT_EQ(task.take().error()->kind, ErrorKind::Unsupported);
}

TEST_F(AwsCredentials, AreNotMadeOfHalfAKey) {
  options_.access_key = "AKIDEXAMPLE";
  EXPECT_FALSE(make());
  options_.access_key = "";
  options_.secret_key = config::Secret(kSecret);
  EXPECT_FALSE(make());
  EXPECT_THAT(words_, AllOf(HasSubstr("access_key"), Not(HasSubstr(kSecret))));
}

TEST_F(AwsCredentials, AreReadFromAProfile) {
  scene_.environment->variables["HOME"] = "/home/ann";
  scene_.environment->files["/home/ann/.aws/credentials"] =
      "# keys\n[default]\naws_access_key_id = AKIDDEFAULT\naws_secret_access_key=d\n\n"
      "[ prod ]\r\nAWS_ACCESS_KEY_ID = AKIDPROD  # ours\r\naws_secret_access_key = a#b;c\r\n"
      "s3 =\n  aws_access_key_id = AKIDNESTED\naws_session_token = session\n";
  options_.profile = "prod";

  const Signed seen = scene_.sign(*make());

  EXPECT_THAT(seen.fields.at("authorization"), HasSubstr("Credential=AKIDPROD/"));
  EXPECT_EQ(seen.fields.at("x-amz-security-token"), "session");
}

TEST_F(AwsCredentials, AreReadFromTheFilesThatTheEnvironmentNames) {
  scene_.environment->variables["AWS_CONFIG_FILE"] = "/etc/aws";
  scene_.environment->files["/etc/aws"] =
      "[profile prod]\naws_access_key_id=AKIDCONFIG\naws_secret_access_key=x\n";
  options_.profile = "prod";
  EXPECT_EQ(key_of(*make()), "AKIDCONFIG");

  scene_.environment->variables["AWS_SHARED_CREDENTIALS_FILE"] = "/run/keys";
  scene_.environment->files["/run/keys"] =
      "[prod]\naws_access_key_id=AKIDSHARED\naws_secret_access_key=x\n";
  EXPECT_EQ(key_of(*make()), "AKIDSHARED");
}

TEST_F(AwsCredentials, FollowAProfileThatChanges) {
  scene_.environment->variables["AWS_SHARED_CREDENTIALS_FILE"] = "/keys";
  std::string& file = scene_.environment->files["/keys"];
  file = "[prod]\naws_access_key_id=AKIDOLD\naws_secret_access_key=x\n";
  options_.profile = "prod";
  const auto credential = make();
  EXPECT_EQ(key_of(*credential), "AKIDOLD");

  file = "[prod]\naws_access_key_id=AKIDNEW\naws_secret_access_key=x\n";
  scene_.clock.turn_by(minutes(3));

  EXPECT_EQ(key_of(*credential), "AKIDNEW");
}

TEST_F(AwsCredentials, RunNoProgramAndAssumeNoOtherRole) {
  scene_.environment->variables["AWS_SHARED_CREDENTIALS_FILE"] = "/keys";
  scene_.environment->files["/keys"] =
      "[run]\ncredential_process = /bin/keys s3cr3t\n[assume]\nrole_arn = s3cr3t\n[half]\n"
      "aws_access_key_id=AKID\n";
  for (const auto& [profile, word] :
       {std::pair{"run", "credential_process"}, std::pair{"assume", "role_arn"},
        std::pair{"half", "aws_secret_access_key"},
        std::pair{"none", "there is no profile \"none\""}}) {
    options_.profile = profile;
    EXPECT_FALSE(make());
    EXPECT_THAT(words_, AllOf(HasSubstr(word), HasSubstr("/keys"), Not(HasSubstr("s3cr3t"))));
  }
}

TEST_F(AwsCredentials, AreReadFromTheEnvironment) {
  scene_.environment->variables = {{"AWS_ACCESS_KEY_ID", "AKIDENV"},
                                   {"AWS_SECRET_ACCESS_KEY", "x"},
                                   {"AWS_SESSION_TOKEN", "session"}};
  EXPECT_EQ(key_of(*make()), "AKIDENV");

  scene_.environment->variables = {{"AWS_PROFILE", "dev"}, {"HOME", "/home/ann"}};
  scene_.environment->files["/home/ann/.aws/credentials"] =
      "[dev]\naws_access_key_id=AKIDDEV\naws_secret_access_key=x\n";
  EXPECT_EQ(key_of(*make()), "AKIDDEV");
}

TEST_F(AwsCredentials, AskNobodyUnlessTheyAreToldTo) {
  scene_.environment->variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/x"}};
  EXPECT_FALSE(make());
  EXPECT_TRUE(scene_.fetch->requests.empty());
}

TEST_F(AwsCredentials, AreThoseOfTheInstancesRole) {
  scene_.fetch->replies = {{.status = 200, .body = "metadata-token"},
                           {.status = 200, .body = "my-role\n"},
                           keys_reply("ROLE", "1970-01-01T07:00:00Z")};
  options_.role = AwsRole::Instance;
  const auto credential = make();
  ASSERT_TRUE(credential) << words_;
  EXPECT_TRUE(scene_.fetch->requests.empty());

  EXPECT_EQ(key_of(*credential), "AKIDROLE");

  const auto& asked = scene_.fetch->requests;
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_EQ(asked[0].method, "PUT");
  EXPECT_EQ(asked[0].url.text(), "http://169.254.169.254/latest/api/token");
  EXPECT_EQ(asked[0].fields[0].first, "x-aws-ec2-metadata-token-ttl-seconds");
  EXPECT_EQ(asked[1].url.text(),
            "http://169.254.169.254/latest/meta-data/iam/security-credentials/");
  EXPECT_EQ(asked[2].url.text(),
            "http://169.254.169.254/latest/meta-data/iam/security-credentials/my-role");
  for (const int i : {1, 2}) {
    const auto& field = asked[static_cast<std::size_t>(i)].fields[0];
    EXPECT_THAT(field, Pair("x-aws-ec2-metadata-token", "metadata-token"));
  }
  for (const FetchRequest& request : asked) EXPECT_EQ(request.reach, Reach::Nearby);
}

TEST_F(AwsCredentials, AreRenewedBeforeTheRoleExpires) {
  scene_.environment->variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/id";
  scene_.fetch->replies = {keys_reply("ONE", "1970-01-01T02:00:00Z"),
                           keys_reply("TWO", "1970-01-01T09:00:00Z")};
  options_.role = AwsRole::Container;
  const auto credential = make();
  EXPECT_EQ(key_of(*credential), "AKIDONE");
  scene_.clock.turn_by(minutes(54));
  EXPECT_EQ(key_of(*credential), "AKIDONE");
  scene_.clock.turn_by(minutes(2));
  EXPECT_EQ(key_of(*credential), "AKIDONE");  // And asks.
  EXPECT_EQ(key_of(*credential), "AKIDTWO");
}

TEST_F(AwsCredentials, AreThoseOfTheContainersRole) {
  scene_.environment->variables = {
      {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials?a=b"},
      {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/run/token"}};
  scene_.environment->files["/run/token"] = "pod-token\n";
  scene_.fetch->replies = {keys_reply("POD", "1970-01-01T07:00:00Z")};
  options_.role = AwsRole::Container;
  const auto credential = make();
  ASSERT_TRUE(credential) << words_;

  EXPECT_EQ(key_of(*credential), "AKIDPOD");

  const FetchRequest& asked = scene_.fetch->requests.at(0);
  EXPECT_EQ(asked.url.text(), "http://169.254.170.23/v1/credentials");
  EXPECT_EQ(asked.query, "a=b");
  EXPECT_THAT(asked.fields.at(0), Pair("authorization", "pod-token"));
  EXPECT_EQ(asked.reach, Reach::Nearby);
}

TEST_F(AwsCredentials, AskForRolesNowhereButNearby) {
  options_.role = AwsRole::Container;
  for (const char* url : {"http://10.0.0.1/x", "https://keys.example/x", "http://8.8.8.8/",
                          "http://169.254.170.2.example/", "file:///etc/passwd", "http://[::2]/"}) {
    scene_.environment->variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}};
    EXPECT_FALSE(make()) << url;
  }
  for (const char* path : {".example/", "@keys.example/", "9/x"}) {
    scene_.environment->variables = {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", path}};
    EXPECT_FALSE(make()) << path;
  }
  options_.role = AwsRole::Instance;
  scene_.environment->variables = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://10.0.0.1"}};
  EXPECT_FALSE(make());
}

TEST_F(AwsCredentials, SayNothingOfWhatARoleWasAnswered) {
  options_.role = AwsRole::Container;
  scene_.environment->variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
  scene_.fetch->replies = {
      {.status = 403, .body = R"({"error":"s3cr3t"})"},
      {.status = 200, .body = R"({"AccessKeyId":"AKID\n","SecretAccessKey":"s3cr3t"})"},
      {.status = 200, .body = R"({"AccessKeyId":"AKID","SecretAccessKey":7,"Token":"s3cr3t"})"},
      {.status = 200, .body = "s3cr3t"}};
  const auto credential = make();
  while (!scene_.fetch->replies.empty()) {
    const Signed seen = scene_.sign(*credential);
    EXPECT_EQ(seen.code, "upstream_auth");
    EXPECT_THAT(seen.words,
                AllOf(HasSubstr("the container's credential service"), Not(HasSubstr("s3cr3t"))));
    EXPECT_FALSE(seen.fields.contains("authorization"));
    scene_.clock.turn_by(seconds(2));
  }
}

TEST_F(AwsCredentials, TakeNoNameOfARoleThatLeadsElsewhere) {
  options_.role = AwsRole::Instance;
  scene_.fetch->replies = {{.status = 200, .body = "t"},
                           {.status = 200, .body = "../../user-data"}};

  EXPECT_EQ(scene_.sign(*make()).code, "upstream_auth");
  EXPECT_EQ(scene_.fetch->requests.size(), 2U);
}

}  // namespace
}  // namespace sluice::providers
