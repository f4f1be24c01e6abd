// Texts ranked by how well they answer a query.
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

struct Rankable {
  std::string_view text = {};  // Of an object: its "text", else all of it.
  JsonText json = {};          // As the caller wrote it.
  bool plain = true;           // A text, or an object that holds nothing else.
};

struct RankingWish {
  std::string_view query = {};
  std::span<const Rankable> documents = {};
  std::optional<std::int64_t> most = {};  // "top_n"
  bool documents_wanted = false;          // In the answer.
  std::span<const Extra> extras = {};
};

// The body of /v1/rerank: views of it, or of the arena.
Result<RankingWish> read_ranking(std::string_view body, json::Reader& reader, Arena& arena);

// Asks a target that speaks this dialect: Cohere, Voyage, Tei, or Converse, which stands for the
// models of Bedrock.
Result<std::string_view> write_ranking(const RankingWish& wish, Dialect spoken,
                                       std::string_view model, Losses& losses, Arena& arena);

// Reads every answer that ranks, whoever gave it. What the caller wishes to read in it and the
// provider left out is taken from `wish`, which lives as long.
ArenaPtr<Decoder> ranking_decoder(Arena& arena, json::Reader& reader, const RankingWish& wish);

ArenaPtr<Encoder> ranking_encoder(Arena& arena, const Shape& shape);

}  // namespace sluice::dialect
