// The vectors are Amazon's own: its test suite for signature version 4, and the example of a
// derived key in its documentation.
#include "providers/credentials/aws_sigv4.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers {
namespace {

constexpr AwsKeys kKeys{.access_key = "AKIDEXAMPLE",
                        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};
constexpr std::string_view kDate = "20150830T123600Z";
constexpr std::string_view kSession =
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfI"
    "eoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0"
    "wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDry"
    "pNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

struct Vector {
  std::string_view name;
  std::string_view method;
  std::string_view target;
  std::vector<Field> fields;  // Besides host and date.
  std::string_view body;
  std::string_view signed_names;
  std::string_view signature;
};

void PrintTo(const Vector& vector, std::ostream* out) {
  *out << vector.name;
}

std::string signature_of(AwsSigner& signer, const Vector& vector) {
  Arena arena;
  std::vector<Field> fields = vector.fields;
  fields.push_back({"X-Amz-Date", kDate});
  fields.push_back({"Host", "example.amazonaws.com"});
  const auto digest = hex_of(sha256(vector.body));
  return std::string(signer.authorization(kKeys,
                                          {.method = vector.method,
                                           .target = vector.target,
                                           .signed_fields = fields,
                                           .date = kDate,
                                           .body_digest = text_of(digest)},
                                          arena));
}

class AwsTestSuite : public testing::TestWithParam<Vector> {};

TEST_P(AwsTestSuite, SignsAsPublished) {
  AwsSigner signer("us-east-1", "service");

  const std::string signed_text = signature_of(signer, GetParam());

  EXPECT_EQ(signed_text,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=" +
                std::string(GetParam().signed_names) +
                ", Signature=" + std::string(GetParam().signature));
}

constexpr std::string_view kPlain = "host;x-amz-date";
constexpr std::string_view kOne = "host;my-header1;x-amz-date";
constexpr std::string_view kUnreserved =
    "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUnreservedQuery =
    "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz="
    "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kVanilla =
    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
constexpr std::string_view kVanillaPost =
    "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b";

INSTANTIATE_TEST_SUITE_P(
    Headers, AwsTestSuite,
    testing::Values(
        Vector{"get-header-key-duplicate",
               "GET",
               "/",
               {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}},
               "",
               kOne,
               "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
        Vector{"get-header-value-order",
               "GET",
               "/",
               {{"My-Header1", "value4"},
                {"My-Header1", "value1"},
                {"My-Header1", "value3"},
                {"My-Header1", "value2"}},
               "",
               kOne,
               "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
        Vector{"get-header-value-trim",
               "GET",
               "/",
               {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\" "}},
               "",
               "host;my-header1;my-header2;x-amz-date",
               "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
        Vector{"post-header-key-sort",
               "POST",
               "/",
               {{"My-Header1", "value1"}},
               "",
               kOne,
               "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
        Vector{"post-header-value-case",
               "POST",
               "/",
               {{"My-Header1", "VALUE1"}},
               "",
               kOne,
               "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
        Vector{"post-sts-header-before",
               "POST",
               "/",
               {{"X-Amz-Security-Token", kSession}},
               "",
               "host;x-amz-date;x-amz-security-token",
               "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
        Vector{"post-x-www-form-urlencoded",
               "POST",
               "/",
               {{"Content-Type", "application/x-www-form-urlencoded"}},
               "Param1=value1",
               "content-type;host;x-amz-date",
               "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
        Vector{"post-vanilla", "POST", "/", {}, "", kPlain, kVanillaPost},
        Vector{"get-vanilla", "GET", "/", {}, "", kPlain, kVanilla}),
    [](const auto& about) { return std::to_string(about.index); });

INSTANTIATE_TEST_SUITE_P(
    Targets, AwsTestSuite,
    testing::Values(
        Vector{"get-unreserved",
               "GET",
               kUnreserved,
               {},
               "",
               kPlain,
               "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
        Vector{"get-utf8",
               "GET",
               "/\xE1\x88\xB4",
               {},
               "",
               kPlain,
               "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
        Vector{"get-space",
               "GET",
               "/example space/",
               {},
               "",
               kPlain,
               "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
        Vector{"get-slashes",
               "GET",
               "//example//",
               {},
               "",
               kPlain,
               "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
        Vector{
            "get-relative-relative", "GET", "/example1/example2/../..", {}, "", kPlain, kVanilla},
        Vector{"get-slash-dot-slash", "GET", "/./", {}, "", kPlain, kVanilla},
        Vector{"get-vanilla-query", "GET", "/?", {}, "", kPlain, kVanilla},
        Vector{"get-vanilla-query-order-key-case",
               "GET",
               "/?Param2=value2&Param1=value1",
               {},
               "",
               kPlain,
               "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
        Vector{"get-vanilla-query-order-encoded",
               "GET",
               "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
               {},
               "",
               kPlain,
               "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"},
        Vector{"get-vanilla-empty-query-key",
               "GET",
               "/?Param1=value1",
               {},
               "",
               kPlain,
               "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
        Vector{"get-vanilla-query-unreserved",
               "GET",
               kUnreservedQuery,
               {},
               "",
               kPlain,
               "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
        Vector{"get-vanilla-utf8-query",
               "GET",
               "/?\xE1\x88\xB4=bar",
               {},
               "",
               kPlain,
               "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
        Vector{"post-vanilla-query",
               "POST",
               "/?Param1=value1",
               {},
               "",
               kPlain,
               "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
        Vector{"post-vanilla-query-nonunreserved",
               "POST",
               "/?@%23%24%25%5E=&+=/,?%3E%3C%60%22;:%5C%7C%5D%5B%7B%7D",
               {},
               "",
               kPlain,
               "66c82657c86e26fb25238d0e69f011edc4c6df5ae71119d7cb98ed9b87393c1e"}),
    [](const auto& about) { return std::to_string(about.index); });

TEST(AwsSigner, DerivesTheKeyOfTheDocumentation) {
  const Sha256Digest key =
      aws_signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20120215", "us-east-1", "iam");

  EXPECT_EQ(text_of(hex_of(key)),
            "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d");
}

TEST(AwsSigner, EscapesAnEscapedPathOnceMore) {
  Arena arena;
  AwsSigner signer("us-east-1", "bedrock");
  const std::vector<Field> fields = {{"host", "bedrock-runtime.us-east-1.amazonaws.com"},
                                     {"content-type", "application/json"},
                                     {"x-amz-date", "19700101T010000Z"},
                                     {"x-amz-security-token", "session+token=="}};
  const auto digest = hex_of(sha256(R"({"messages":[]})"));

  const std::string_view authorization = signer.authorization(
      kKeys,
      {.method = "POST",
       .target = "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2F"
                 "us.anthropic.claude-sonnet-4-20250514-v1%3A0/converse",
       .signed_fields = fields,
       .date = "19700101T010000Z",
       .body_digest = text_of(digest)},
      arena);

  // As botocore signs the same request.
  EXPECT_TRUE(authorization.ends_with(
      "Signature=62c1cbe8af6b5f78bc9e15c1764a633a4bc717c80d1b0630af56c288f599fa8c"))
      << authorization;
}

TEST(AwsSigner, TakesANewKeyForANewDayAndForNewKeys) {
  Arena arena;
  AwsSigner signer("us-east-1", "service");
  const auto sign = [&](std::string_view secret, std::string_view date) {
    const std::vector<Field> fields = {{"host", "h"}};
    return signer.authorization(
        {.access_key = "A", .secret_key = secret},
        {.method = "GET", .target = "/", .signed_fields = fields, .date = date, .body_digest = "x"},
        arena);
  };

  const std::string_view first = sign("secret", kDate);
  const std::string_view next_day = sign("secret", "20150831T123600Z");
  const std::string_view other_secret = sign("other", "20150831T123600Z");

  EXPECT_EQ(sign("secret", kDate), first);
  EXPECT_EQ(sign("secret", "20150831T123600Z"), next_day);
  EXPECT_NE(first.substr(first.find("Signature=")), next_day.substr(next_day.find("Signature=")));
  EXPECT_NE(next_day, other_secret);
}

TEST(AwsSigner, WritesDatesInUtc) {
  using std::chrono::seconds;
  using std::chrono::system_clock;
  Arena arena;

  EXPECT_EQ(aws_date(system_clock::time_point(), arena), "19700101T000000Z");
  EXPECT_EQ(aws_date(system_clock::time_point(seconds(1'440'938'160)), arena), kDate);
  EXPECT_EQ(aws_date(system_clock::time_point(seconds(1'709'251'199)), arena), "20240229T235959Z");
}

}  // namespace
}  // namespace sluice::providers
