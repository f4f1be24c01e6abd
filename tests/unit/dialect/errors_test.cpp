#include "dialect/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace sluice::dialect {
namespace {

using Json = nlohmann::json;

ApiError error_of(std::string_view code, std::string message = "No.") {
  return {.code = code, .message = std::move(message)};
}

struct Told {
  std::string_view code;
  int status;
  std::string_view openai;
  std::string_view anthropic;
  std::string_view gemini;
};

// Of the contract's table: a row of each status, and those where the families differ.
constexpr Told kTold[] = {
    {"invalid_json", 400, "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"},
    {"invalid_api_key", 401, "authentication_error", "authentication_error", "UNAUTHENTICATED"},
    {"model_not_allowed", 403, "permission_error", "permission_error", "PERMISSION_DENIED"},
    {"model_not_found", 404, "invalid_request_error", "not_found_error", "NOT_FOUND"},
    {"method_not_allowed", 405, "invalid_request_error", "invalid_request_error",
     "INVALID_ARGUMENT"},
    {"request_timeout", 408, "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"},
    {"request_too_large", 413, "invalid_request_error", "request_too_large", "INVALID_ARGUMENT"},
    {"unsupported_media_type", 415, "invalid_request_error", "invalid_request_error",
     "INVALID_ARGUMENT"},
    {"rate_limit_exceeded", 429, "rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED"},
    {"upstream_bad_response", 502, "api_error", "api_error", "INTERNAL"},
    {"upstream_auth", 502, "api_error", "api_error", "INTERNAL"},
    {"overloaded", 503, "overloaded_error", "overloaded_error", "UNAVAILABLE"},
    {"draining", 503, "overloaded_error", "overloaded_error", "UNAVAILABLE"},
    {"upstream_timeout", 504, "timeout_error", "api_error", "DEADLINE_EXCEEDED"},
};

TEST(Errors, AreToldToEachFamilyInItsOwnWords) {
  for (const Told& told : kTold) {
    const ApiError error = error_of(told.code);
    EXPECT_EQ(status_of(error), told.status) << told.code;

    const Json openai = Json::parse(error_body(error, Family::OpenAi, "req_1"));
    EXPECT_EQ(openai["error"]["type"], told.openai) << told.code;
    EXPECT_EQ(openai["error"]["code"], told.code);
    const Json anthropic = Json::parse(error_body(error, Family::Anthropic, "req_1"));
    EXPECT_EQ(anthropic["error"]["type"], told.anthropic) << told.code;
    const Json gemini = Json::parse(error_body(error, Family::Gemini, "req_1"));
    EXPECT_EQ(gemini["error"]["status"], told.gemini) << told.code;
    EXPECT_EQ(gemini["error"]["code"], told.status);
    EXPECT_EQ(gemini["error"]["details"][0]["reason"], told.code);
  }
}

TEST(Errors, NameTheFieldAtFaultToOpenAisSdks) {
  ApiError error = error_of("invalid_request");
  EXPECT_TRUE(Json::parse(error_body(error, Family::OpenAi, ""))["error"]["param"].is_null());

  error.param = "model";

  EXPECT_EQ(Json::parse(error_body(error, Family::OpenAi, ""))["error"]["param"], "model");
}

TEST(Errors, CarryCodeAndIdToAnthropicsSdks) {
  const Json told =
      Json::parse(error_body(error_of("not_found", "Gone."), Family::Anthropic, "r7"));

  EXPECT_EQ(told["type"], "error");
  EXPECT_EQ(told["error"]["message"], "not_found: Gone.");
  EXPECT_EQ(told["request_id"], "r7");
}

TEST(Errors, KeepTheProvidersStatusWhereItIsTheCallersAffair) {
  for (const int status : {400, 404, 409, 413, 422, 429, 529}) {
    ApiError error = error_of("invalid_request");
    error.upstream = UpstreamError{.status = status};
    EXPECT_EQ(status_of(error), status);
  }
  for (const int status : {401, 402, 403}) {
    ApiError error = error_of("upstream_auth");
    error.upstream = UpstreamError{.status = status};
    EXPECT_EQ(status_of(error), 502);
  }
}

TEST(Errors, TellWhatTheProviderSaid) {
  ApiError error = error_of("upstream_error");
  error.upstream = UpstreamError{.status = 500, .message = "out of cards"};

  const Json upstream = Json::parse(error_body(error, Family::OpenAi, ""))["error"]["upstream"];

  EXPECT_EQ(upstream["status"], 500);
  EXPECT_EQ(upstream["message"], "out of cards");
}

TEST(Errors, CannotBreakOutOfTheirEvent) {
  const ApiError error = error_of("upstream_error", "a\n\ndata: {\"fake\":1}\n\n\"quoted\" \x01");

  for (const Family family : {Family::OpenAi, Family::Anthropic, Family::Gemini}) {
    const std::string event = error_event(error, family, "r");
    EXPECT_EQ(event.find("\n\n"), event.size() - 2);
  }
  EXPECT_TRUE(error_event(error, Family::OpenAi, "r").starts_with("data: {"));
  EXPECT_TRUE(error_event(error, Family::Anthropic, "r").starts_with("event: error\ndata: {"));
}

TEST(Errors, ThatNobodyKnowsAreInternal) {
  EXPECT_EQ(error_row("what").status, 500);
  EXPECT_EQ(Json::parse(error_body(error_of("what"), Family::OpenAi, ""))["error"]["code"],
            "internal_error");
}

}  // namespace
}  // namespace sluice::dialect
