#include "dialect/openai_usage.h"

namespace sluice::dialect {
namespace {

std::int64_t number(const json::Value& object, std::string_view key, std::string_view other_key) {
  auto found = object.find(key);
  if (!found) found = object.find(other_key);
  const std::int64_t value = found ? found->integer().value_or(0) : 0;
  return value < 0 ? 0 : value;
}

}  // namespace

Usage read_openai_usage(const json::Value& usage) {
  Usage read;
  read.input = number(usage, "prompt_tokens", "input_tokens");
  read.output = number(usage, "completion_tokens", "output_tokens");
  auto input_details = usage.find("prompt_tokens_details");
  if (!input_details) input_details = usage.find("input_tokens_details");
  if (input_details) {
    read.cached = number(*input_details, "cached_tokens", "cached_tokens");
    read.cache_write = number(*input_details, "cache_write_tokens", "cache_creation_tokens");
  }
  auto output_details = usage.find("completion_tokens_details");
  if (!output_details) output_details = usage.find("output_tokens_details");
  if (output_details)
    read.reasoning = number(*output_details, "reasoning_tokens", "reasoning_tokens");
  return read;
}

}  // namespace sluice::dialect
