#include "dialect/anthropic_usage.h"

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

void take(const Value& object, std::string_view key, std::int64_t& to) {
  if (const auto value = object.find(key)) to = value->integer().value_or(to);
}

std::int64_t count(const Value& object, std::string_view key) {
  std::int64_t found = 0;
  take(object, key, found);
  return found;
}

}  // namespace

void AnthropicUsage::read(const json::Value& usage) {
  take(usage, "input_tokens", input_);
  take(usage, "cache_read_input_tokens", cached_);
  take(usage, "cache_creation_input_tokens", written_);
  take(usage, "output_tokens", output_);
  if (const auto detail = usage.find("cache_creation"))
    take(*detail, "ephemeral_1h_input_tokens", written_1h_);
  if (const auto detail = usage.find("output_tokens_details"))
    take(*detail, "thinking_tokens", thoughts_);
  if (const auto tools = usage.find("server_tool_use"))
    take(*tools, "web_search_requests", searches_);
  const auto iterations = usage.find("iterations");
  if (!iterations || iterations->kind() != Kind::Array) return;
  compaction_input_ = 0;
  compaction_output_ = 0;
  for (const Value one : iterations->elements()) {
    const auto type = one.find("type");
    if (!type || !(*type == "compaction")) continue;
    compaction_input_ += count(one, "input_tokens") + count(one, "cache_read_input_tokens") +
                         count(one, "cache_creation_input_tokens");
    compaction_output_ += count(one, "output_tokens");
  }
}

Usage AnthropicUsage::total() const {
  Usage usage;
  usage.input = input_ + cached_ + written_ + compaction_input_;
  usage.cached = cached_;
  usage.cache_write = written_;
  usage.cache_write_1h = written_1h_;
  usage.output = output_ + compaction_output_;
  usage.reasoning = thoughts_;
  usage.searches = searches_;
  return usage;
}

}  // namespace sluice::dialect
