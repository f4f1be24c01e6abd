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
  }
}

}  // namespace

Usage read_openai_usage(const json::Value& object) {
  Usage usage;
  // One pass, not one per name: this is read in every answer.
  for (const auto [key, value] : object.members()) {
    const std::string_view name = key.plain_string().value_or("");
    if (name == "prompt_tokens" || name == "input_tokens") {
      usage.input = count(value);
    } else if (name == "completion_tokens" || name == "output_tokens") {
      usage.output = count(value);
    } else if (name == "prompt_tokens_details" || name == "input_tokens_details" ||
               name == "input_token_details") {  // The last one is the realtime API's.
      read_input_details(value, usage);
    } else if (name == "completion_tokens_details" || name == "output_tokens_details") {
      for (const auto [detail, tokens] : value.members()) {
        if (detail.plain_string() == "reasoning_tokens") usage.reasoning = count(tokens);
      }
    }
  }
  return usage;
}

}  // namespace sluice::dialect
