// Gemini's bodies, and Vertex AI's.
#include "dialect/embedding_writing.h"

namespace sluice::dialect {
namespace {

std::string_view bare(std::string_view model) {
  constexpr std::string_view kPrefix = "models/";
  const std::size_t at = model.rfind(kPrefix);
  return at == std::string_view::npos ? model : model.substr(at + kPrefix.size());
}

Result<void> lose_foreign(const EmbeddingWriting& writing) {
  TRY_VOID(writing.no_user());
  return writing.losses.extras(writing.wish.extras, Dialect::Gemini);
}

// The members of a request for one text.
void write_one(const EmbeddingWriting& writing, const ToEmbed& input, std::string_view use,
               json::Writer& out) {
  out.key("content").begin_object().key("parts").begin_array().begin_object();
  out.member("text", input.text).end_object().end_array().end_object();
  if (!use.empty()) out.member("taskType", use);
  if (!input.title.empty()) out.member("title", input.title);
  if (writing.wish.dimensions) out.member("outputDimensionality", *writing.wish.dimensions);
  for (const Extra& extra : writing.wish.extras) {
    if (extra.of == Dialect::Gemini) out.key(extra.name).raw(extra.json);
  }
}

}  // namespace

Result<std::string_view> write_gemini_embeddings(const EmbeddingWriting& writing) {
  TRY_VOID(lose_foreign(writing));
  TRY(const std::string_view use, writing.use());
  json::Writer out(writing.arena);
  out.begin_object();
  if (writing.api == EmbeddingApi::GeminiSingle) {
    write_one(writing, writing.wish.inputs.front(), use, out);
    return out.end_object().text();
  }
  const std::string_view model = writing.arena.join("models/", bare(writing.model));
  out.key("requests").begin_array();
  for (const ToEmbed& input : writing.wish.inputs) {
    out.begin_object().member("model", model);
    write_one(writing, input, use, out);
    out.end_object();
  }
  return out.end_array().end_object().text();
}

Result<std::string_view> write_predict_embeddings(const EmbeddingWriting& writing) {
  TRY_VOID(writing.no_user());
  TRY(const std::string_view use, writing.use());
  json::Writer out(writing.arena);
  out.begin_object().key("instances").begin_array();
  for (const ToEmbed& input : writing.wish.inputs) {
    out.begin_object().member("content", input.text);
    if (!use.empty()) out.member("task_type", use);
    if (!input.title.empty()) out.member("title", input.title);
    out.end_object();
  }
  out.end_array();
  json::Writer parameters(writing.arena);
  parameters.begin_object();
  if (writing.wish.dimensions) parameters.member("outputDimensionality", *writing.wish.dimensions);
  constexpr std::string_view kKnown[] = {"autoTruncate"};
  TRY_VOID(writing.extras(parameters, kKnown));
  parameters.end_object();
  if (parameters.text() != "{}") out.key("parameters").raw(parameters.text());
  return out.end_object().text();
}

}  // namespace sluice::dialect
