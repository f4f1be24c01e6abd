#include "dialect/refusals.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

namespace sluice::dialect {
namespace {

// Codes and types of errors: whole strings of the body.
constexpr std::string_view kLengthCodes[] = {
    "context_length_exceeded",    // OpenAI and all who speak like it
    "string_above_max_length",    // OpenAI: one text alone
    "exceed_context_size_error",  // llama.cpp
    "too_many_prompt_tokens",     // Perplexity
    "tokens_limit_reached",       // GitHub
};
constexpr std::string_view kPolicyCodes[] = {
    "content_policy_violation",      // OpenAI
    "moderation_blocked",            // OpenAI, of images
    "content_filter",                // Azure, Moonshot
    "ResponsibleAIPolicyViolation",  // Azure
    "data_inspection_failed",        // DashScope
    "DataInspectionFailed",          // The same, at its own API
    "guardrail_intervened",          // Bedrock
    "flagged_input",                 // OpenRouter, beside the reasons
};

// Words of messages, in lower case.
constexpr std::string_view kLengthWords[] = {
    "maximum context length",  // OpenAI, Mistral, vLLM, OpenRouter, Ollama
    "max context length",      // Ollama's cloud
    "maximum context limit",
    "prompt is too long",  // Anthropic, Fireworks
    "exceed context limit",
    "exceeds the context window",            // OpenAI's Responses
    "exceeds the maximum number of tokens",  // Gemini
    "input is too long",                     // Bedrock
    "too many input tokens",
    "too many tokens:",                    // Cohere; without the colon it is Bedrock's throttling.
    "exceeds the available context size",  // llama.cpp
    "exceeds the context length",          // Ollama
    "greater than the context length",     // LM Studio
    "longer than the model's context length",  // SGLang
    "maximum prompt length is",                // xAI
    "total length of all messages is too long",
    "`inputs` must have less than",  // Text Generation Inference
    "`inputs` tokens + `max_new_tokens` must be",
    "prompt token count of",            // GitHub
    "exceeded model token limit",       // Moonshot
    "prompt exceeds max length",        // Zhipu
    "range of input length should be",  // DashScope
    "context window exceeds limit",     // MiniMax
};
constexpr std::string_view kPolicyWords[] = {
    "content management policy",                  // Azure
    "rejected as a result of our safety system",  // OpenAI
    "rejected by the safety system",
    "flagged as potentially violating our usage policy",
    "limited access to this content for safety reasons",
    "content policy violation",
    "content filtering policy",  // Anthropic
    "responsible ai practices",  // Vertex
    "prohibited_content",        // Gemini
    "prompt was blocked",
    "blocked by our content filters",  // Bedrock
    "blocked by guardrail",
    "guardrail intervened",
    "violates usage guidelines",      // xAI
    "blocked output: please try",     // Cohere
    "input was flagged for",          // OpenRouter
    "contain inappropriate content",  // DashScope
    "content exists risk",            // DeepSeek
    "considered high risk",           // Moonshot
    "unsafe or sensitive content",    // Zhipu
    "new_sensitive",                  // MiniMax
};

// What is said with these is said of the key, of the rate or of the moment, whatever words it uses.
bool is_of_something_else(int status) {
  constexpr std::array kOthers{401, 402, 404, 408, 409, 429, 503, 504, 529};
  return std::ranges::find(kOthers, status) != kOthers.end();
}

// As a whole string that is no key. Within other strings its quotes would be escaped.
bool holds_code(std::string_view body, std::string_view code) {
  for (std::size_t at = body.find(code); at != std::string_view::npos;
       at = body.find(code, at + code.size())) {
    const std::size_t end = at + code.size();
    if (at == 0 || body[at - 1] != '"' || end >= body.size() || body[end] != '"') continue;
    const std::size_t next = body.find_first_not_of(" \t\r\n", end + 1);
    if (next == std::string_view::npos || body[next] != ':' || code == "flagged_input") return true;
  }
  return false;
}

std::string lower(std::string_view text) {
  constexpr std::size_t kEnough = std::size_t{16} * 1024;
  std::string copy(text.substr(0, kEnough));
  for (char& letter : copy) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + ('a' - 'A'));
  }
  return copy;
}

bool says_any(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(
      words, [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

bool holds_any(std::string_view body, std::span<const std::string_view> codes) {
  return std::ranges::any_of(codes, [&](std::string_view code) { return holds_code(body, code); });
}

Refusal refusal_in(std::string_view message, std::string_view body) {
  if (holds_any(body, kPolicyCodes)) return Refusal::ContentPolicy;
  if (holds_any(body, kLengthCodes)) return Refusal::ContextLength;
  // Where the message could not be read, or is not for callers, the body still has it.
  const std::string words = lower(message.empty() ? body : message);
  if (says_any(words, kPolicyWords)) return Refusal::ContentPolicy;
  return says_any(words, kLengthWords) ? Refusal::ContextLength : Refusal::None;
}

}  // namespace

Refusal refusal_of(const ApiError& error) {
  if (error.code == "context_length_exceeded") return Refusal::ContextLength;
  if (error.code == "content_blocked") return Refusal::ContentPolicy;
  if (!error.upstream) {
    // Told within a stream: there is no more of it than its words.
    const bool in_band = error.code == "upstream_error" || error.code == "invalid_request";
    return in_band ? refusal_in(error.message, {}) : Refusal::None;
  }
  if (is_of_something_else(error.upstream->status)) return Refusal::None;
  return refusal_in(error.upstream->message, error.upstream->body);
}

}  // namespace sluice::dialect
