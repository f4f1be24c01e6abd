// What a caller can ask for, and what follows from it: one row per operation.
#pragma once

#include "sluice/dialect.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace sluice {

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
  Raw,                // A provider's own path that Sluice cannot read.
  Realtime,           // A WebSocket.
  Messages,           // Anthropic's
  CountTokens,        // Anthropic's
  GenerateContent,    // Gemini's
  CountContent,       // Gemini's countTokens
  EmbedContent,       // Gemini's
  BatchEmbedContent,  // Gemini's
  Converse,           // Bedrock's
  StoredResponse,     // What was answered before, by its id.
};
inline constexpr std::size_t kOperations = 22;

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
  Dialect dialect;  // In which it is asked.

  // Asked of a language model, and so told in any dialect of conversations.
  constexpr bool is_conversation() const {
    return dialect >= Dialect::Completions && permission == Permission::Chat &&
           metered == Metered::Tokens;
  }
};

inline constexpr std::array<OperationTraits, kOperations> kOperationTable{{
    // operation, name, permission, body, metered, can_stream, needs_model, repeatable, dialect
    {Operation::Chat, "chat", Permission::Chat, BodyKind::Json, Metered::Tokens, true, true, true,
     Dialect::Chat},
    {Operation::Completions, "completions", Permission::Chat, BodyKind::Json, Metered::Tokens, true,
     true, true, Dialect::Completions},
    {Operation::Responses, "responses", Permission::Chat, BodyKind::Json, Metered::Tokens, true,
     true, true, Dialect::Responses},
    {Operation::Embeddings, "embeddings", Permission::Embeddings, BodyKind::Json, Metered::Tokens,
     false, true, true, Dialect::OpenAi},
    {Operation::Moderations, "moderations", Permission::Chat, BodyKind::Json, Metered::Requests,
     false, false, true, Dialect::OpenAi},
    {Operation::Images, "images", Permission::Images, BodyKind::Json, Metered::Images, true, false,
     true, Dialect::OpenAi},
    {Operation::ImageEdits, "image_edits", Permission::Images, BodyKind::Multipart, Metered::Images,
     true, false, false, Dialect::OpenAi},
    {Operation::ImageVariations, "image_variations", Permission::Images, BodyKind::Multipart,
     Metered::Images, false, false, false, Dialect::OpenAi},
    {Operation::Transcriptions, "transcriptions", Permission::Audio, BodyKind::Multipart,
     Metered::Seconds, true, true, false, Dialect::OpenAi},
    {Operation::Translations, "translations", Permission::Audio, BodyKind::Multipart,
     Metered::Seconds, false, true, false, Dialect::OpenAi},
    {Operation::Speech, "speech", Permission::Audio, BodyKind::Json, Metered::Requests, true, true,
     true, Dialect::OpenAi},
    {Operation::Rerank, "rerank", Permission::Embeddings, BodyKind::Json, Metered::Requests, false,
     true, true, Dialect::OpenAi},
    {Operation::Raw, "raw", Permission::Raw, BodyKind::Opaque, Metered::Requests, true, false,
     false, Dialect::Opaque},
    {Operation::Realtime, "realtime", Permission::Audio, BodyKind::Opaque, Metered::Tokens, false,
     true, false, Dialect::Opaque},
    {Operation::Messages, "messages", Permission::Chat, BodyKind::Json, Metered::Tokens, true, true,
     true, Dialect::Messages},
    {Operation::CountTokens, "count_tokens", Permission::Chat, BodyKind::Json, Metered::Requests,
     false, true, true, Dialect::Messages},
    {Operation::GenerateContent, "generate_content", Permission::Chat, BodyKind::Json,
     Metered::Tokens, true, true, true, Dialect::Gemini},
    {Operation::CountContent, "count_content", Permission::Chat, BodyKind::Json, Metered::Requests,
     false, true, true, Dialect::Gemini},
    {Operation::EmbedContent, "embed_content", Permission::Embeddings, BodyKind::Json,
     Metered::Tokens, false, true, true, Dialect::Gemini},
    {Operation::BatchEmbedContent, "batch_embed_content", Permission::Embeddings, BodyKind::Json,
     Metered::Tokens, false, true, true, Dialect::Gemini},
    {Operation::Converse, "converse", Permission::Chat, BodyKind::Json, Metered::Tokens, true, true,
     true, Dialect::Converse},
    {Operation::StoredResponse, "stored_response", Permission::Chat, BodyKind::Opaque,
     Metered::Requests, true, false, false, Dialect::Responses},
}};

constexpr const OperationTraits& traits(Operation operation) {
  return kOperationTable[static_cast<std::size_t>(operation)];
}

}  // namespace sluice
