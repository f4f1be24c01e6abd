#include "dialect/openai_usage.h"

#include <algorithm>

namespace sluice::dialect {
namespace {

std::int64_t count(const json::Value& value) {
  return std::max<std::int64_t>(0, value.integer().value_or(0));
}

void read_input_details(const json::Value& details, Usage& usage) {
  for (const auto [key, value] : details.members()) {
    const std::string_view name = key.plain_string().value_or("");
    if (name == "cached_tokens") usage.cached = count(value);
    if (name == "cache_write_tokens" || name == "cache_creation_tokens")
      usage.cache_write = count(value);
    if (name == "audio_tokens") usage.audio_input = count(value);
    if (name == "image_tokens") usage.image_input = count(value);
  }
}

void read_output_details(const json::Value& details, Usage& usage) {
  for (const auto [key, value] : details.members()) {
    const std::string_view name = key.plain_string().value_or("");
    if (name == "reasoning_tokens") usage.reasoning = count(value);
    if (name == "audio_tokens") usage.audio_output = count(value);
    if (name == "image_tokens") usage.image_output = count(value);
  }
}

// What providers say beside OpenAI's members.
void read_more(std::string_view name, const json::Value& value, Usage& usage) {
  if (name == "prompt_cache_hit_tokens" ||  // DeepSeek
      name == "cached_tokens" ||            // Moonshot
      name == "num_cached_tokens") {        // Mistral
    usage.cached = std::max(usage.cached, count(value));
  } else if (name == "reasoning_tokens") {  // Perplexity
    usage.reasoning = std::max(usage.reasoning, count(value));
  } else if (name == "num_search_queries") {  // Perplexity
    usage.searches = count(value);
  } else if (name == "server_tool_use_details" || name == "server_tool_use") {  // OpenRouter
    if (const auto searches = value.find("web_search_requests")) usage.searches = count(*searches);
  }
}

}  // namespace

Usage read_openai_usage(const json::Value& object) {
  Usage usage;
  std::int64_t total = 0;
  bool chat = false;
  // One pass, not one per name: this is read in every answer.
  for (const auto [key, value] : object.members()) {
    const std::string_view name = key.plain_string().value_or("");
    if (name == "prompt_tokens" || name == "input_tokens") {
      usage.input = count(value);
    } else if (name == "completion_tokens" || name == "output_tokens") {
      usage.output = count(value);
      chat |= name == "completion_tokens";
    } else if (name == "total_tokens") {
      total = count(value);
    } else if (name == "prompt_tokens_details" || name == "input_tokens_details" ||
               name == "input_token_details") {  // The last one is the realtime API's.
      read_input_details(value, usage);
    } else if (name == "completion_tokens_details" || name == "output_tokens_details") {
      read_output_details(value, usage);
    } else {
      read_more(name, value, usage);
    }
  }
  // xAI does not count thoughts among the completion, but in the total.
  const std::int64_t beside = total - usage.input - usage.output;
  if (chat && usage.reasoning > 0 && usage.reasoning == beside) usage.output += beside;
  // Nor Mistral spoken input among the prompt.
  if (chat && usage.audio_input > 0 && usage.audio_input == beside) usage.input += beside;
  return usage;
}

}  // namespace sluice::dialect
