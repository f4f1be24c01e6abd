// The wire formats that Sluice reads and writes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice {

enum class Dialect : std::uint8_t {
  Opaque,       // Bytes that nobody here reads.
  OpenAi,       // OpenAI's operations that are no conversation: embeddings, images, audio, …
  Completions,  // POST /v1/completions
  Chat,         // POST /v1/chat/completions
  Responses,    // POST /v1/responses
  Messages,     // Anthropic's POST /v1/messages
  Gemini,       // generateContent and its neighbours
  Converse,     // Bedrock
  Cohere,       // POST /v2/chat
  Ollama,       // POST /api/chat
  Replicate,    // Predictions
  Voyage,       // Embeddings and rankings of Voyage AI
  Jina,         // Embeddings of Jina AI
  Predict,      // Embeddings of Vertex AI
  Tei,          // Rankings of Text Embeddings Inference
};
inline constexpr std::size_t kDialects = 15;

// Which SDKs a caller uses: decides the shape of errors and of stream ends.
enum class Family : std::uint8_t { OpenAi, Anthropic, Gemini };

}  // namespace sluice
