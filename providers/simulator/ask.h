// What a request asks for, read once from its body. Views live as long as the body and the arena.
#pragma once

#include "sluice/arena.h"
#include "sluice/error.h"

#include "base/json.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers::simulator {

enum class ToolChoice : std::uint8_t { Auto, None, Required };
enum class Format : std::uint8_t { Text, JsonObject, JsonSchema };

struct Tool {
  std::string_view name;
  std::optional<json::Value> parameters;
};

struct Ask {
  static constexpr auto kUnlimited = std::numeric_limits<std::size_t>::max();

  std::vector<std::string_view>
      texts;  // To be answered: one of a chat, as many as prompts or inputs.
  std::size_t prompt_tokens = 0;
  std::size_t choices = 1;  // For each text.
  std::size_t max_tokens = kUnlimited;
  std::vector<std::string> stops;
  std::vector<Tool> tools;  // Only the one that must be called, where one is named.
  std::optional<json::Value> schema;
  ToolChoice tool_choice = ToolChoice::Auto;
  Format format = Format::Text;
  bool parallel_tools = true;
  bool ends_with_tool_result = false;  // Then that is the text.
  std::string_view begun;  // The assistant's words at the end: the answer goes on from them.
  bool stream = false;
  bool include_usage = false;
};

Result<Ask> read_chat(const json::Value& root, Arena& arena);
Result<Ask> read_completions(const json::Value& root, Arena& arena);
Result<Ask> read_responses(const json::Value& root, Arena& arena);
// Embeddings and moderations: a text, a list of token numbers, or a list of either.
Result<Ask> read_inputs(const json::Value& root, Arena& arena);

std::unexpected<Failure> missing(std::string_view param);
std::unexpected<Failure> invalid(std::string_view param, std::string_view expected);

}  // namespace sluice::providers::simulator
