#include "providers/simulator/models.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace sluice::providers::simulator {
namespace {

constexpr std::size_t kMaxPieces = 1'000'000;
constexpr std::size_t kMaxDimensions = 8192;

constexpr std::array kModels = {
    Model{"echo", Behaviour::Echo, Capability::Chat, 0, 0, "repeats the last user message"},
    Model{"lorem", Behaviour::Lorem, Capability::Chat, 100, kMaxPieces, "N tokens of Lorem ipsum"},
    Model{"numbered", Behaviour::Numbered, Capability::Chat, 10, kMaxPieces,
          "N deltas: 0, 1, 2, …"},
    Model{"tool", Behaviour::Tool, Capability::Chat, 1, 16, "calls the first N tools"},
    Model{"json", Behaviour::Json, Capability::Chat, 0, 0,
          "a minimal instance of the response format"},
    Model{"reasoning", Behaviour::Reasoning, Capability::Chat, 20, kMaxPieces,
          "N tokens of thought, then echo"},
    Model{"refusal", Behaviour::Refusal, Capability::Chat, 0, 0, "refuses"},
    Model{"embedding", Behaviour::Embedding, Capability::Embeddings, 1536, kMaxDimensions,
          "unit vectors of N dimensions"},
    Model{"moderation", Behaviour::Moderation, Capability::Moderations, 0, 0,
          "flags the categories that the text names"},
    Model{"image", Behaviour::Image, Capability::Images, 0, 0, "a picture of one pixel"},
    Model{"speech", Behaviour::Speech, Capability::Speech, 0, 0, "a tenth of a second of sound"},
    Model{"transcription", Behaviour::Transcription, Capability::Transcriptions, 0, 0,
          "says how large the recording is"},
};

const Model* find_exact(std::string_view name) {
  const auto* found = std::ranges::find(kModels, name, &Model::name);
  return found == kModels.end() ? nullptr : found;
}

}  // namespace

std::span<const Model> known_models() {
  return kModels;
}

std::optional<ModelChoice> find_model(std::string_view name) {
  constexpr std::string_view kProvider = "simulator/";
  if (name.starts_with(kProvider)) name.remove_prefix(kProvider.size());
  if (const auto* model = find_exact(name)) return ModelChoice{model, model->count};

  const auto dash = name.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto* model = find_exact(name.substr(0, dash));
  const auto count = text::parse_uint(name.substr(dash + 1));
  if (model == nullptr || !count || *count == 0 || *count > model->max_count) return std::nullopt;
  return ModelChoice{model, *count};
}

}  // namespace sluice::providers::simulator
