// Texts as vectors: what is asked, in our own words, and how each provider is asked it.
#pragma once

#include "sluice/arena.h"
#include "sluice/conversation.h"
#include "sluice/provider.h"
#include "sluice/request.h"

#include "base/json.h"
#include "dialect/conversation_dialect.h"
#include "dialect/losses.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sluice::dialect {

// What the vectors are for.
enum class EmbeddingUse : std::uint8_t {
  NotGiven,
  Query,
  Document,
  Similarity,
  Classification,
  Clustering,
  QuestionAnswering,
  FactVerification,
  CodeQuery,
};

struct ToEmbed {
  std::string_view text = {};
  JsonText tokens = {};  // Instead of a text: an array of numbers.
  std::string_view title = {};
};

struct EmbeddingWish {
  Dialect of = Dialect::OpenAi;  // How the caller asked, and names what is lost.
  std::span<const ToEmbed> inputs = {};
  bool alone = false;  // The one input stood in no list.
  std::optional<std::int64_t> dimensions = {};
  bool base64 = false;  // The caller wants little-endian 32-bit floats.
  EmbeddingUse use = EmbeddingUse::NotGiven;
  std::string_view user = {};
  std::span<const Extra> extras = {};
};

// The bodies by which vectors are asked for.
enum class EmbeddingApi : std::uint8_t {
  OpenAi,
  Voyage,
  Jina,
  GeminiBatch,
  GeminiSingle,  // One text a call.
  Predict,       // Vertex AI's older models.
  Cohere,
  Ollama,
  Titan,          // Bedrock; one text a call.
  Nova,           // Likewise.
  BedrockCohere,  // Names its model in the path.
};

constexpr bool asks_for_vectors(Operation operation) {
  return operation == Operation::Embeddings || operation == Operation::EmbedContent ||
         operation == Operation::BatchEmbedContent;
}
constexpr bool takes_one_text(EmbeddingApi api) {
  return api == EmbeddingApi::GeminiSingle || api == EmbeddingApi::Titan ||
         api == EmbeddingApi::Nova;
}

// The body of an operation that asks_for_vectors(): views of it, or of the arena.
Result<EmbeddingWish> read_embeddings(const Request& request, json::Reader& reader, Arena& arena);
// Only whether it wants its vectors in base64.
bool wants_base64(const Request& request, json::Reader& reader);

// The body by which a target that speaks this dialect is asked.
EmbeddingApi embedding_api(Dialect spoken, std::string_view model);

// Of those that take one text a call: the first.
Result<std::string_view> write_embeddings(const EmbeddingWish& wish, EmbeddingApi api,
                                          std::string_view model, Losses& losses, Arena& arena);

// Reads every answer that holds vectors, whoever gave it. With `base64` it tells them so.
ArenaPtr<Decoder> embeddings_decoder(Arena& arena, json::Reader& reader, bool base64);

// Writes the answer to an operation that asks_for_vectors().
ArenaPtr<Encoder> embeddings_encoder(Operation operation, Arena& arena, const Shape& shape);

}  // namespace sluice::dialect
