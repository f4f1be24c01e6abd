#include "dialect/embedding_uses.h"

#include <algorithm>
#include <array>

namespace sluice::dialect {
namespace {

struct Row {
  EmbeddingUse use;
  std::string_view gemini;
  UseWord cohere;
  UseWord voyage;
  UseWord jina;
};

constexpr std::array kRows{
    Row{EmbeddingUse::Query,
        "RETRIEVAL_QUERY",
        {"search_query", true},
        {"query", true},
        {"retrieval.query", true}},
    Row{EmbeddingUse::Document,
        "RETRIEVAL_DOCUMENT",
        {"search_document", true},
        {"document", true},
        {"retrieval.passage", true}},
    Row{EmbeddingUse::Similarity,
        "SEMANTIC_SIMILARITY",
        {"clustering", false},
        {},
        {"text-matching", true}},
    Row{EmbeddingUse::Classification,
        "CLASSIFICATION",
        {"classification", true},
        {},
        {"classification", true}},
    Row{EmbeddingUse::Clustering, "CLUSTERING", {"clustering", true}, {}, {"separation", true}},
    Row{EmbeddingUse::QuestionAnswering,
        "QUESTION_ANSWERING",
        {"search_query", false},
        {"query", false},
        {"retrieval.query", false}},
    Row{EmbeddingUse::FactVerification,
        "FACT_VERIFICATION",
        {"search_query", false},
        {"query", false},
        {"retrieval.query", false}},
    Row{EmbeddingUse::CodeQuery,
        "CODE_RETRIEVAL_QUERY",
        {"search_query", false},
        {"query", false},
        {"retrieval.query", false}},
};

UseWord nova_word(EmbeddingUse use) {
  switch (use) {
    case EmbeddingUse::Query:
      return {"TEXT_RETRIEVAL", true};
    case EmbeddingUse::QuestionAnswering:
    case EmbeddingUse::FactVerification:
    case EmbeddingUse::CodeQuery:
      return {"TEXT_RETRIEVAL", false};
    case EmbeddingUse::Classification:
      return {"CLASSIFICATION", true};
    case EmbeddingUse::Clustering:
      return {"CLUSTERING", true};
    case EmbeddingUse::Similarity:
      return {"CLUSTERING", false};
    default:
      return {"GENERIC_INDEX", true};
  }
}

}  // namespace

UseWord use_word(EmbeddingUse use, EmbeddingApi api) {
  if (api == EmbeddingApi::Nova) return nova_word(use);
  const auto* const row = std::ranges::find(kRows, use, &Row::use);
  if (row == kRows.end()) return {};
  switch (api) {
    case EmbeddingApi::GeminiBatch:
    case EmbeddingApi::GeminiSingle:
    case EmbeddingApi::Predict:
      return {row->gemini, true};
    case EmbeddingApi::Cohere:
    case EmbeddingApi::BedrockCohere:
      return row->cohere;
    case EmbeddingApi::Voyage:
      return row->voyage;
    case EmbeddingApi::Jina:
      return row->jina;
    default:
      return {};
  }
}

EmbeddingUse use_of(std::string_view word) {
  if (word == "passage") return EmbeddingUse::Document;  // NVIDIA's.
  for (const Row& row : kRows) {
    for (const UseWord& known : {UseWord{row.gemini, true}, row.cohere, row.voyage, row.jina}) {
      if (known.exact && known.word == word) return row.use;
    }
  }
  return EmbeddingUse::NotGiven;
}

}  // namespace sluice::dialect
