// What a caller can ask for, and what follows from it: one row per operation.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sluice {

// Which SDKs the caller uses: decides the shape of errors and of stream ends.
enum class Family : std::uint8_t { OpenAi, Anthropic, Gemini };

enum class Operation : std::uint8_t {
  Chat,
  Completions,
  Responses,
  Embeddings,
  Moderations,
  Images,
  ImageEdits,
  ImageVariations,
  Transcriptions,
  Translations,
  Speech,
  Rerank,
  Raw,       // A provider's own path that Sluice cannot read.
  Realtime,  // A WebSocket.
};
inline constexpr std::size_t kOperations = 14;

// What a key may be allowed to do.
enum class Permission : std::uint8_t { Chat, Embeddings, Images, Audio, Files, Raw };

enum class BodyKind : std::uint8_t {
  Json,       // Read whole, parsed once.
  Multipart,  // Streamed on, or spooled until the model is known.
  Opaque,     // Streamed on as it comes.
};

enum class Metered : std::uint8_t { Tokens, Images, Seconds, Requests };

struct OperationTraits {
  Operation operation;
  std::string_view name;  // In logs and metrics.
  Permission permission;
  BodyKind body;
  Metered metered;
  bool can_stream;  // Answers as server-sent events when asked to.
  bool needs_model;
  bool repeatable;  // A failed try may be made again: the whole request is at hand.
};

inline constexpr std::array<OperationTraits, kOperations> kOperationTable{{
    // operation, name, permission, body, metered, can_stream, needs_model, repeatable
    {Operation::Chat, "chat", Permission::Chat, BodyKind::Json, Metered::Tokens, true, true, true},
    {Operation::Completions, "completions", Permission::Chat, BodyKind::Json, Metered::Tokens, true,
     true, true},
    {Operation::Responses, "responses", Permission::Chat, BodyKind::Json, Metered::Tokens, true,
     true, true},
    {Operation::Embeddings, "embeddings", Permission::Embeddings, BodyKind::Json, Metered::Tokens,
     false, true, true},
    {Operation::Moderations, "moderations", Permission::Chat, BodyKind::Json, Metered::Requests,
     false, false, true},
    {Operation::Images, "images", Permission::Images, BodyKind::Json, Metered::Images, true, false,
     true},
    {Operation::ImageEdits, "image_edits", Permission::Images, BodyKind::Multipart, Metered::Images,
     true, false, false},
    {Operation::ImageVariations, "image_variations", Permission::Images, BodyKind::Multipart,
     Metered::Images, false, false, false},
    {Operation::Transcriptions, "transcriptions", Permission::Audio, BodyKind::Multipart,
     Metered::Seconds, true, true, false},
    {Operation::Translations, "translations", Permission::Audio, BodyKind::Multipart,
     Metered::Seconds, false, true, false},
    {Operation::Speech, "speech", Permission::Audio, BodyKind::Json, Metered::Requests, true, true,
     true},
    {Operation::Rerank, "rerank", Permission::Embeddings, BodyKind::Json, Metered::Requests, false,
     true, true},
    {Operation::Raw, "raw", Permission::Raw, BodyKind::Opaque, Metered::Requests, true, false,
     false},
    {Operation::Realtime, "realtime", Permission::Audio, BodyKind::Opaque, Metered::Tokens, false,
     true, false},
}};

constexpr const OperationTraits& traits(Operation operation) {
  return kOperationTable[static_cast<std::size_t>(operation)];
}

}  // namespace sluice
