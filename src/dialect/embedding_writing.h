// What the writers of requests for vectors share.
#pragma once

#include "base/json_writer.h"
#include "dialect/embedding_uses.h"
#include "dialect/embeddings.h"

#include <string_view>

namespace sluice::dialect {

struct EmbeddingWriting {
  const EmbeddingWish& wish;
  EmbeddingApi api;
  std::string_view model;
  Losses& losses;
  Arena& arena;

  bool of_gemini() const { return wish.of == Dialect::Gemini; }
  std::string_view dimensions_name() const {
    return of_gemini() ? "outputDimensionality" : "dimensions";
  }
  std::string_view use_name() const { return of_gemini() ? "taskType" : "input_type"; }

  // The word for what the vectors are for; empty: there is none, and none is needed.
  Result<std::string_view> use() const;
  Result<void> no_dimensions() const;
  Result<void> no_titles() const;
  Result<void> no_user() const;
  // Tokens are of no use to a model of another maker.
  Result<void> texts_only() const;
  // Writes the caller's own members of these names, and loses the others.
  Result<void> extras(json::Writer& out, std::span<const std::string_view> known) const;
  void texts(json::Writer& out) const;  // As a list.
};

Result<std::string_view> write_openai_embeddings(const EmbeddingWriting& writing);
Result<std::string_view> write_gemini_embeddings(const EmbeddingWriting& writing);
Result<std::string_view> write_predict_embeddings(const EmbeddingWriting& writing);
Result<std::string_view> write_cohere_embeddings(const EmbeddingWriting& writing);
Result<std::string_view> write_ollama_embeddings(const EmbeddingWriting& writing);
Result<std::string_view> write_titan_embeddings(const EmbeddingWriting& writing);
Result<std::string_view> write_nova_embeddings(const EmbeddingWriting& writing);

}  // namespace sluice::dialect
