// How a catalogue writes what include/sluice/catalogue.h names.
#pragma once

#include "sluice/catalogue.h"

#include "config/scalar.h"

#include <array>
#include <string_view>

namespace sluice::config {

inline constexpr std::array kApiWords{
    Choice<Api>{"openai", Api::OpenAi},
    Choice<Api>{"azure", Api::Azure},
    Choice<Api>{"anthropic", Api::Anthropic},
    Choice<Api>{"gemini", Api::Gemini},
    Choice<Api>{"vertex", Api::Vertex},
    Choice<Api>{"bedrock", Api::Bedrock},
    Choice<Api>{"cohere", Api::Cohere},
    Choice<Api>{"ollama", Api::Ollama},
    Choice<Api>{"replicate", Api::Replicate},
    Choice<Api>{"voyage", Api::Voyage},
    Choice<Api>{"huggingface-tgi", Api::HuggingFaceTgi},
    Choice<Api>{"simulator", Api::Simulator},
};

inline constexpr std::array kKeyKindWords{
    Choice<KeyKind>{"none", KeyKind::None},
    Choice<KeyKind>{"bearer", KeyKind::Bearer},
    Choice<KeyKind>{"x-api-key", KeyKind::XApiKey},
    Choice<KeyKind>{"api-key", KeyKind::ApiKey},
    Choice<KeyKind>{"x-goog-api-key", KeyKind::XGoogApiKey},
    Choice<KeyKind>{"aws", KeyKind::Aws},
    Choice<KeyKind>{"google", KeyKind::Google},
    Choice<KeyKind>{"entra", KeyKind::Entra},
    Choice<KeyKind>{"token", KeyKind::Token},
};

inline constexpr std::array kAbilityWords{
    Choice<Ability>{"tools", Ability::Tools},
    Choice<Ability>{"parallel_tools", Ability::ParallelTools},
    Choice<Ability>{"json_object", Ability::JsonObject},
    Choice<Ability>{"json_schema", Ability::JsonSchema},
    Choice<Ability>{"reasoning", Ability::Reasoning},
    Choice<Ability>{"prefill", Ability::Prefill},
    Choice<Ability>{"prompt_cache", Ability::PromptCache},
    Choice<Ability>{"logprobs", Ability::Logprobs},
    Choice<Ability>{"choices", Ability::Choices},
    Choice<Ability>{"images_in", Ability::ImagesIn},
    Choice<Ability>{"documents_in", Ability::DocumentsIn},
    Choice<Ability>{"audio_in", Ability::AudioIn},
    Choice<Ability>{"video_in", Ability::VideoIn},
    Choice<Ability>{"images_out", Ability::ImagesOut},
    Choice<Ability>{"audio_out", Ability::AudioOut},
    Choice<Ability>{"system_turns", Ability::SystemTurns},
};
static_assert(kAbilityWords.size() == kAbilities);

inline constexpr std::array kUsageWords{
    Choice<Quirks::Usage>{"option", Quirks::Usage::Option},
    Choice<Quirks::Usage>{"always", Quirks::Usage::Always},
    Choice<Quirks::Usage>{"none", Quirks::Usage::None},
    Choice<Quirks::Usage>{"auto", Quirks::Usage::Auto},
};

inline constexpr std::array kThoughtsWords{
    Choice<Quirks::Thoughts>{"effort", Quirks::Thoughts::Effort},
    Choice<Quirks::Thoughts>{"object", Quirks::Thoughts::Object},
    Choice<Quirks::Thoughts>{"switch", Quirks::Thoughts::Switch},
    Choice<Quirks::Thoughts>{"enable_thinking", Quirks::Thoughts::EnableThinking},
    Choice<Quirks::Thoughts>{"none", Quirks::Thoughts::None},
};

template <class E, std::size_t count>
constexpr std::string_view word_of(const std::array<Choice<E>, count>& words, E value) {
  for (const Choice<E>& choice : words) {
    if (choice.value == value) return choice.word;
  }
  return {};
}

}  // namespace sluice::config
