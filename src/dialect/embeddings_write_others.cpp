// The bodies of Cohere, Ollama, and Amazon's own models.
#include "dialect/embedding_writing.h"

namespace sluice::dialect {
namespace {

bool is_of(std::string_view model, std::string_view series) {
  return model.find(series) != std::string_view::npos;
}

// The first models had no purposes; all others must be told one.
bool has_purposes(std::string_view model) {
  return !is_of(model, "-v2.0") && !is_of(model, "embed-english-light-v2");
}

bool has_sizes(std::string_view model) {
  return !is_of(model, "-v2.0") && !is_of(model, "-v3");
}

Result<void> write_cohere_use(const EmbeddingWriting& writing, json::Writer& out) {
  TRY(const std::string_view use, writing.use());
  if (!use.empty()) {
    out.member("input_type", use);
  } else if (has_purposes(writing.model)) {
    writing.losses.approximate("input_type");
    out.member("input_type", "search_document");
  }
  return {};
}

}  // namespace

Result<std::string_view> write_cohere_embeddings(const EmbeddingWriting& writing) {
  json::Writer out(writing.arena);
  out.begin_object();
  if (writing.api == EmbeddingApi::Cohere) out.member("model", writing.model);
  out.key("texts");
  writing.texts(out);
  TRY_VOID(write_cohere_use(writing, out));
  out.key("embedding_types").begin_array().value("float").end_array();
  if (!has_sizes(writing.model)) {
    TRY_VOID(writing.no_dimensions());
  } else if (writing.wish.dimensions) {
    out.member("output_dimension", *writing.wish.dimensions);
  }
  TRY_VOID(writing.no_titles());
  TRY_VOID(writing.no_user());
  constexpr std::string_view kKnown[] = {"truncate", "max_tokens", "priority"};
  TRY_VOID(writing.extras(out, kKnown));
  return out.end_object().text();
}

Result<std::string_view> write_ollama_embeddings(const EmbeddingWriting& writing) {
  json::Writer out(writing.arena);
  out.begin_object().member("model", writing.model).key("input");
  writing.texts(out);
  if (writing.wish.dimensions) out.member("dimensions", *writing.wish.dimensions);
  TRY([[maybe_unused]] const std::string_view none, writing.use());
  TRY_VOID(writing.no_titles());
  TRY_VOID(writing.no_user());
  constexpr std::string_view kKnown[] = {"truncate", "options", "keep_alive"};
  TRY_VOID(writing.extras(out, kKnown));
  return out.end_object().text();
}

Result<std::string_view> write_titan_embeddings(const EmbeddingWriting& writing) {
  const auto& dimensions = writing.wish.dimensions;
  json::Writer out(writing.arena);
  out.begin_object().member("inputText", writing.wish.inputs.front().text);
  const bool second = is_of(writing.model, "titan-embed-text-v2");
  if (second) {
    if (dimensions) out.member("dimensions", *dimensions);
  } else if (is_of(writing.model, "titan-embed-image")) {
    if (dimensions) {
      out.key("embeddingConfig").begin_object().member("outputEmbeddingLength", *dimensions);
      out.end_object();
    }
  } else {
    TRY_VOID(writing.no_dimensions());
  }
  TRY([[maybe_unused]] const std::string_view none, writing.use());
  TRY_VOID(writing.no_titles());
  TRY_VOID(writing.no_user());
  constexpr std::string_view kKnown[] = {"normalize"};
  TRY_VOID(writing.extras(out, second ? std::span<const std::string_view>(kKnown)
                                      : std::span<const std::string_view>()));
  return out.end_object().text();
}

Result<std::string_view> write_nova_embeddings(const EmbeddingWriting& writing) {
  TRY(const std::string_view use, writing.use());
  json::Writer out(writing.arena);
  out.begin_object().member("taskType", "SINGLE_EMBEDDING").key("singleEmbeddingParams");
  out.begin_object().member("embeddingPurpose", use.empty() ? "GENERIC_INDEX" : use);
  if (writing.wish.dimensions) out.member("embeddingDimension", *writing.wish.dimensions);
  out.key("text").begin_object().member("truncationMode", "END");
  out.member("value", writing.wish.inputs.front().text).end_object().end_object();
  TRY_VOID(writing.no_titles());
  TRY_VOID(writing.no_user());
  TRY_VOID(writing.extras(out, {}));
  return out.end_object().text();
}

}  // namespace sluice::dialect
