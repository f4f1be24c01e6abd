// The simulator's models, by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sluice::providers::simulator {

enum class Behaviour : std::uint8_t {
  Echo,
  Lorem,
  Numbered,
  Tool,
  Json,
  Reasoning,
  Refusal,
  Embedding,
  Moderation,
  Image,
  Speech,
  Transcription,
};

// Which endpoints a model serves. The words are those of the catalogue.
enum class Capability : std::uint8_t {
  Chat,
  Embeddings,
  Moderations,
  Images,
  Speech,
  Transcriptions
};

struct Model {
  std::string_view name;
  Behaviour behaviour;
  Capability capability;
  std::size_t count;      // What NAME alone means; NAME-N sets another.
  std::size_t max_count;  // 0: there is no NAME-N.
  std::string_view description;
};

std::span<const Model> known_models();

struct ModelChoice {
  const Model* model;
  std::size_t count;
};

// NAME or NAME-N, without knobs; "simulator/" may stand in front.
std::optional<ModelChoice> find_model(std::string_view name);

}  // namespace sluice::providers::simulator
