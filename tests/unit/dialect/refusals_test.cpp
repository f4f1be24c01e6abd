#include "dialect/refusals.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace sluice::dialect {
namespace {

// As an adapter tells it: the message was read, and the body is kept when it is JSON.
ApiError told(int status, std::string message, std::string body = {}) {
  ApiError error{.kind = ErrorKind::UpstreamRejected, .code = "invalid_request"};
  error.message = message;
  error.upstream =
      UpstreamError{.status = status, .message = std::move(message), .body = std::move(body)};
  return error;
}

Refusal of_code(int status, std::string_view code) {
  return refusal_of(told(status, "No.",
                         R"({"error":{"message":"No.","type":"invalid_request_error","code":")" +
                             std::string(code) + "\"}}"));
}

TEST(Refusals, OfLengthAreKnownByTheirCodes) {
  for (const std::string_view code :
       {"context_length_exceeded", "string_above_max_length", "exceed_context_size_error",
        "too_many_prompt_tokens", "tokens_limit_reached"}) {
    EXPECT_EQ(of_code(400, code), Refusal::ContextLength) << code;
  }
  EXPECT_EQ(refusal_of(ApiError{.code = "context_length_exceeded"}), Refusal::ContextLength);
}

TEST(Refusals, OfContentAreKnownByTheirCodes) {
  for (const std::string_view code : {"content_policy_violation", "content_filter",
                                      "moderation_blocked", "data_inspection_failed"}) {
    EXPECT_EQ(of_code(400, code), Refusal::ContentPolicy) << code;
  }
  EXPECT_EQ(refusal_of(ApiError{.code = "content_blocked"}), Refusal::ContentPolicy);
  EXPECT_EQ(refusal_of(told(400, "Filtered.",
                            R"({"error":{"innererror":{"code":"ResponsibleAIPolicyViolation"}}})")),
            Refusal::ContentPolicy);
  // The message of a 403 is not for callers; the body is still there.
  EXPECT_EQ(
      refusal_of(told(
          403, "",
          R"({"error":{"code":403,"metadata":{"reasons":["violence"],"flagged_input":"…"}}})")),
      Refusal::ContentPolicy);
}

TEST(Refusals, OfLengthAreKnownByTheirWords) {
  for (
      const std::string_view message : {
          // Anthropic
          "prompt is too long: 209353 tokens > 200000 maximum",
          "input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000, decrease "
          "input length or `max_tokens` and try again",
          // OpenAI, Azure, vLLM, OpenRouter, Mistral
          "Your input exceeds the context window of this model. Please adjust your input and try "
          "again.",
          "This model's maximum context length is 8192 tokens. However, your messages resulted in "
          "10000 tokens.",
          "This endpoint's maximum context length is 200000 tokens. However, you requested about "
          "2500021 tokens (2500021 of text input).",
          "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum "
          "context length",
          // Gemini
          "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
          // Bedrock
          "Input is too long for requested model.",
          "Too many input tokens. Max input tokens: 8192, request input token count: 9000",
          // Cohere
          "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received "
          "5000.",
          // llama.cpp, Ollama, SGLang, Text Generation Inference
          "request (9000 tokens) exceeds the available context size (4096 tokens), try increasing "
          "it",
          "the input length exceeds the context length",
          "prompt too long; exceeded max context length by 1119046 tokens",
          "The input (9000 tokens) is longer than the model's context length (4096 tokens).",
          "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 "
          "`inputs` tokens and 20 `max_new_tokens`",
          // xAI, Perplexity, Moonshot
          "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
          "The total length of all messages is too long.",
          "Invalid request: Your request exceeded model token limit: 8192",
      }) {
    EXPECT_EQ(refusal_of(told(400, std::string(message))), Refusal::ContextLength) << message;
  }
}

TEST(Refusals, OfContentAreKnownByTheirWords) {
  for (const std::string_view message : {
           "The response was filtered due to the prompt triggering Azure OpenAI's content "
           "management policy. Please modify your prompt and retry.",
           "Your request was rejected as a result of our safety system.",
           "Invalid prompt: your prompt was flagged as potentially violating our usage policy. "
           "Please try again with a different prompt",
           "Output blocked by content filtering policy",
           "The prompt could not be submitted. This prompt contains sensitive words that violate "
           "Google's Responsible AI practices.",
           "This request has been blocked by our content filters.",
           "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO",
           "Content Exists Risk",
           "Input data may contain inappropriate content.",
       }) {
    EXPECT_EQ(refusal_of(told(400, std::string(message))), Refusal::ContentPolicy) << message;
  }
}

TEST(Refusals, WithinAStreamAreKnownByTheirWords) {
  ApiError error{.code = "upstream_error"};
  error.message = "prompt is too long: 209353 tokens > 200000 maximum";
  EXPECT_EQ(refusal_of(error), Refusal::ContextLength);

  error.code = "upstream_rate_limited";
  EXPECT_EQ(refusal_of(error), Refusal::None);
}

TEST(Refusals, OrdinaryMistakesAreNone) {
  for (const std::string_view message : {
           "Unsupported parameter: 'max_tokens' is not supported with this model.",
           "max_tokens is too large: 100000. This model supports at most 16384 completion tokens.",
           "Invalid 'max_tokens': integer below minimum value. Expected a value >= 0, but got -1.",
           "This model does not support effort level 'xhigh'.",
           "The provided model identifier is invalid.",
           "The guardrail identifier or version provided in the request does not exist.",
           "This model doesn't support the video content block that you provided.",
           "Invalid value: 'content_filter'. Supported values are: 'stop' and 'length'.",
           "Please use a valid role: user, model.",
           "API key not valid. Please pass a valid API key.",
           "Tool call validation failed: parameters for tool f did not match schema",
           "messages: text content blocks must be non-empty",
           "Invalid image data.",
           "Request payload size exceeds the limit: 20971520 bytes.",
           "Too many tokens, please wait before trying again.",
           "Unknown parameter: 'safety_settings'.",
           "",
       }) {
    EXPECT_EQ(refusal_of(told(400, std::string(message))), Refusal::None) << message;
  }
}

TEST(Refusals, OfTheRateOrTheKeyAreNoneWhateverTheirWords) {
  const std::string long_prompt = "prompt is too long for your rate limit: content_filter";
  for (const int status : {401, 402, 404, 408, 409, 429, 503, 504, 529}) {
    EXPECT_EQ(refusal_of(told(status, long_prompt)), Refusal::None) << status;
    EXPECT_EQ(of_code(status, "context_length_exceeded"), Refusal::None) << status;
  }
}

TEST(Refusals, AreNotTheKeysOfABodyNorWhatItQuotes) {
  EXPECT_EQ(refusal_of(told(400, "No.", R"({"error":{"content_filter" : {"hate":"safe"}}})")),
            Refusal::None);
  EXPECT_EQ(refusal_of(told(400, "No.", R"({"error":{"code":"a","param":"\"content_filter\""}})")),
            Refusal::None);
  EXPECT_EQ(refusal_of(told(400, "No.", R"({"error":{"code":"context_length_exceeded_not"}})")),
            Refusal::None);
}

TEST(Refusals, OfOursAreNone) {
  EXPECT_EQ(refusal_of(ApiError{.code = "upstream_timeout", .message = "The provider timed out."}),
            Refusal::None);
  EXPECT_EQ(refusal_of(ApiError{.code = "internal_error", .message = "prompt is too long"}),
            Refusal::None);
}

}  // namespace
}  // namespace sluice::dialect
