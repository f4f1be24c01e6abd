#include "dialect/embedding_writing.h"

#include <algorithm>

namespace sluice::dialect {

Result<std::string_view> EmbeddingWriting::use() const {
  if (wish.use == EmbeddingUse::NotGiven) return std::string_view();
  const UseWord word = use_word(wish.use, api);
  if (word.word.empty()) TRY_VOID(losses.hint(use_name()));
  if (!word.word.empty() && !word.exact) losses.approximate(use_name());
  return word.word;
}

Result<void> EmbeddingWriting::no_dimensions() const {
  if (!wish.dimensions) return {};
  return losses.meaning(dimensions_name(), "its vectors are of one size");
}

Result<void> EmbeddingWriting::no_titles() const {
  const bool given =
      std::ranges::any_of(wish.inputs, [](const ToEmbed& input) { return !input.title.empty(); });
  return given ? losses.hint("title") : Result<void>();
}

Result<void> EmbeddingWriting::no_user() const {
  return wish.user.empty() ? Result<void>() : losses.hint("user");
}

Result<void> EmbeddingWriting::texts_only() const {
  const bool texts =
      std::ranges::all_of(wish.inputs, [](const ToEmbed& input) { return input.tokens.empty(); });
  if (texts) return {};
  return fail(ApiError{.kind = ErrorKind::InvalidRequest,
                       .code = "unsupported_parameter",
                       .message = "The model that answers takes texts only: lists of tokens mean "
                                  "nothing to it.",
                       .param = "input"});
}

Result<void> EmbeddingWriting::extras(json::Writer& out,
                                      std::span<const std::string_view> known) const {
  for (const Extra& extra : wish.extras) {
    if (std::ranges::find(known, extra.name) != known.end()) {
      out.key(extra.name).raw(extra.json);
    } else {
      TRY_VOID(losses.lose(extra.importance, extra.name));
    }
  }
  return {};
}

void EmbeddingWriting::texts(json::Writer& out) const {
  out.begin_array();
  for (const ToEmbed& input : wish.inputs) out.value(input.text);
  out.end_array();
}

EmbeddingApi embedding_api(Dialect spoken, std::string_view model) {
  switch (spoken) {
    case Dialect::Voyage:
      return EmbeddingApi::Voyage;
    case Dialect::Jina:
      return EmbeddingApi::Jina;
    case Dialect::Gemini:
      return EmbeddingApi::GeminiBatch;
    case Dialect::Predict:
      return EmbeddingApi::Predict;
    case Dialect::Cohere:
      return EmbeddingApi::Cohere;
    case Dialect::Ollama:
      return EmbeddingApi::Ollama;
    case Dialect::Converse:
      if (model.find("cohere.") != std::string_view::npos) return EmbeddingApi::BedrockCohere;
      return model.find("nova") != std::string_view::npos ? EmbeddingApi::Nova
                                                          : EmbeddingApi::Titan;
    default:
      return EmbeddingApi::OpenAi;
  }
}

Result<std::string_view> write_embeddings(const EmbeddingWish& wish, EmbeddingApi api,
                                          std::string_view model, Losses& losses, Arena& arena) {
  const EmbeddingWriting writing{wish, api, model, losses, arena};
  if (api != EmbeddingApi::OpenAi) TRY_VOID(writing.texts_only());
  switch (api) {
    case EmbeddingApi::OpenAi:
    case EmbeddingApi::Voyage:
    case EmbeddingApi::Jina:
      return write_openai_embeddings(writing);
    case EmbeddingApi::GeminiBatch:
    case EmbeddingApi::GeminiSingle:
      return write_gemini_embeddings(writing);
    case EmbeddingApi::Predict:
      return write_predict_embeddings(writing);
    case EmbeddingApi::Cohere:
    case EmbeddingApi::BedrockCohere:
      return write_cohere_embeddings(writing);
    case EmbeddingApi::Ollama:
      return write_ollama_embeddings(writing);
    case EmbeddingApi::Titan:
      return write_titan_embeddings(writing);
    case EmbeddingApi::Nova:
      return write_nova_embeddings(writing);
  }
  return write_openai_embeddings(writing);
}

}  // namespace sluice::dialect
