// What is known of providers and their models before the first request.
#pragma once

#include "sluice/operation.h"

#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sluice {

// How a provider is spoken to: one adapter each.
enum class Api : std::uint8_t {
  OpenAi,  // And all who speak like it.
  Azure,
  Anthropic,
  Gemini,
  Vertex,
  Bedrock,
  Cohere,
  Ollama,
  Replicate,
  Voyage,
  HuggingFaceTgi,
  Simulator,
};

enum class KeyKind : std::uint8_t {
  None,         // Needs none; one that is configured goes as Bearer.
  Bearer,       // authorization: Bearer …
  XApiKey,      // x-api-key
  ApiKey,       // api-key
  XGoogApiKey,  // x-goog-api-key
  Aws,          // SigV4, or a bearer key
  Google,       // An access token
  Entra,        // An access token, or api-key
  Token,        // authorization: Token …
};

enum class Ability : std::uint8_t {
  Tools,
  ParallelTools,
  JsonObject,
  JsonSchema,
  Reasoning,
  Prefill,  // Goes on from an assistant's turn at the end.
  PromptCache,
  Logprobs,
  Choices,  // n > 1
  ImagesIn,
  DocumentsIn,
  AudioIn,
  VideoIn,
  ImagesOut,
  AudioOut,
  SystemTurns,
};
inline constexpr std::size_t kAbilities = 16;

class Abilities {
 public:
  constexpr Abilities() = default;
  constexpr explicit Abilities(std::uint32_t bits) : bits_(bits) {}
  constexpr bool has(Ability ability) const { return (bits_ & bit(ability)) != 0; }
  constexpr void add(Ability ability) { bits_ |= bit(ability); }
  constexpr std::uint32_t bits() const { return bits_; }
  bool operator==(const Abilities&) const = default;

 private:
  static constexpr std::uint32_t bit(Ability ability) {
    return std::uint32_t{1} << static_cast<unsigned>(ability);
  }
  std::uint32_t bits_ = 0;
};

struct ModelFacts {
  std::string_view id;           // As the provider knows it; may end in one star.
  std::int64_t context = 0;      // Tokens of input and output; 0: unknown.
  std::int64_t most_output = 0;  // Likewise.
  Abilities abilities;
};

// Where providers of one API differ.
struct Quirks {
  enum class Usage : std::uint8_t { Option, Always, None, Auto };
  enum class Thoughts : std::uint8_t {
    Effort,          // reasoning_effort
    Object,          // reasoning: {effort}
    Switch,          // thinking: {type: enabled | disabled}
    EnableThinking,  // enable_thinking: true | false
    None,
  };
  Usage stream_usage = Usage::Auto;
  Thoughts thoughts = Thoughts::Effort;
  bool completion_tokens = false;  // "max_completion_tokens" instead of "max_tokens".
  bool developer_role = false;     // Knows the role "developer"; else it is told as "system".
  bool bills_when_cancelled = false;
  bool text_only_tools = false;      // Results of tools must be one text.
  std::int64_t most_embeddings = 0;  // In one request; 0: as many as are sent.
  std::span<const std::string_view> refuses =
      {};  // Top-level fields that it answers with an error.
};

// One row of `sluice providers`.
struct ProviderKind {
  std::string_view type;
  std::string_view title;
  Api api = Api::OpenAi;
  // {region}, {location} and {project} are filled in from the configuration, which must say it
  // itself when anything else is in braces, or when this is empty.
  std::string_view base_url;
  KeyKind key = KeyKind::Bearer;
  std::string_view telemetry_name;  // gen_ai.provider.name
  std::bitset<kOperations> operations;
  Abilities abilities;  // Of models that are not listed.
  Quirks quirks;
  std::span<const ModelFacts> models;  // Sorted by id.

  // An exact one, else the longest that ends in a star; null: unknown.
  const ModelFacts* find(std::string_view model) const;
};

}  // namespace sluice
