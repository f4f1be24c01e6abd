// What failures are called, and after which of them another may be asked.
#include "routing/outcome.h"

#include <gtest/gtest.h>

namespace sluice::routing {
namespace {

ApiError answered(int status) {
  ApiError error{.kind = ErrorKind::UpstreamUnavailable, .code = "upstream_error"};
  error.retry = Retry::OtherTarget;
  if (status >= 400 && status < 500 && status != 429 && status != 408) {
    error.kind = ErrorKind::UpstreamRejected;
    error.code = "upstream_rejected";
    error.retry = Retry::Never;
  }
  error.upstream = UpstreamError{.status = status};
  return error;
}

// Told within an answer that began well.
ApiError told(std::string_view code) {
  return {.kind = ErrorKind::UpstreamUnavailable, .code = code, .retry = Retry::OtherTarget};
}

ApiError late() {
  return {
      .kind = ErrorKind::DeadlineExceeded, .code = "upstream_timeout", .retry = Retry::OtherTarget};
}

// Only these may be followed by another try.
config::RetryOn only(config::RetryOn on) {
  return on;
}
const config::RetryOn kNothing = only({});
const config::RetryOn kUsual = config::RetrySettings().on;

TEST(Outcomes, TellARefusalFromAFailureAndFromNobodyThere) {
  EXPECT_EQ(outcome_of(answered(400)), Outcome::Refused);
  EXPECT_EQ(outcome_of(answered(404)), Outcome::Refused);
  EXPECT_EQ(outcome_of(answered(429)), Outcome::Failed);
  EXPECT_EQ(outcome_of(answered(500)), Outcome::Failed);
  EXPECT_EQ(outcome_of(told("upstream_bad_response")), Outcome::Failed);
  EXPECT_EQ(outcome_of(told("upstream_error")), Outcome::Unreachable);
  EXPECT_EQ(outcome_of(late()), Outcome::TimedOut);
}

TEST(Outcomes, OfTheServersKindAreTriedAgain) {
  for (const int status : {500, 502, 503, 504, 529}) {
    EXPECT_TRUE(may_try_again(answered(status), kUsual)) << status;
    EXPECT_FALSE(may_try_again(answered(status), kNothing)) << status;
  }
  EXPECT_TRUE(may_try_again(told("upstream_bad_response"), kUsual));
  EXPECT_TRUE(may_try_again(told("upstream_overloaded"), kUsual));
}

TEST(Outcomes, AreTriedAgainByTheirExactStatus) {
  const config::RetryOn on{.statuses = {503}, .status_classes = {}};
  EXPECT_TRUE(may_try_again(answered(503), on));
  EXPECT_TRUE(may_try_again(told("upstream_overloaded"), on)) << "it would have been 503";
  EXPECT_FALSE(may_try_again(answered(500), on));
  EXPECT_FALSE(may_try_again(told("upstream_bad_response"), on)) << "it would have been 502";
}

TEST(Outcomes, OfARateLimitAreTriedAgain) {
  EXPECT_TRUE(may_try_again(answered(429), kUsual));
  EXPECT_TRUE(may_try_again(told("upstream_rate_limited"), kUsual));
  EXPECT_FALSE(may_try_again(answered(429), kNothing));
}

TEST(Outcomes, OfNoConnectionAndOfNoPatienceHaveNamesOfTheirOwn) {
  const config::RetryOn connect{.connect = true, .statuses = {}, .status_classes = {}};
  const config::RetryOn timeout{.timeout = true, .statuses = {}, .status_classes = {}};
  EXPECT_TRUE(may_try_again(told("upstream_error"), connect));
  EXPECT_FALSE(may_try_again(late(), connect));
  EXPECT_TRUE(may_try_again(late(), timeout));
  EXPECT_FALSE(may_try_again(told("upstream_error"), timeout));
}

TEST(Outcomes, OfWhatWasAskedWrongAreNotTriedAgain) {
  for (const int status : {400, 413, 415, 422}) {
    EXPECT_FALSE(may_try_again(answered(status), kUsual)) << status;
  }
}

TEST(Outcomes, OfWhatWasAskedWrongAreTriedAgainWhereTheListSaysSo) {
  const config::RetryOn on{.statuses = {422}, .status_classes = {}};
  EXPECT_TRUE(may_try_again(answered(422), on));
  EXPECT_FALSE(may_try_again(answered(400), on));
  EXPECT_TRUE(may_try_again(answered(400), {.statuses = {}, .status_classes = {4}}));
}

TEST(Outcomes, OfOneTargetAloneAreAlwaysTriedAtOthers) {
  EXPECT_TRUE(may_try_again(answered(404), kNothing)) << "the model is not there";
  ApiError key = answered(401);
  key.code = "upstream_auth";
  EXPECT_TRUE(may_try_again(key, kNothing)) << "our key is not accepted";
  const ApiError cannot{.kind = ErrorKind::Unsupported, .code = "unsupported_parameter"};
  EXPECT_TRUE(may_try_again(cannot, kNothing)) << "it cannot be told what was asked";
}

TEST(Outcomes, OfOurOwnAreNotTriedAgain) {
  EXPECT_FALSE(may_try_again({.kind = ErrorKind::InvalidRequest, .code = "invalid_json"}, kUsual));
  EXPECT_FALSE(may_try_again({.kind = ErrorKind::Internal, .code = "internal"}, kUsual));
}

}  // namespace
}  // namespace sluice::routing
