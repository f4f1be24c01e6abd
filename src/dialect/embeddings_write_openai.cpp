// OpenAI's body, and what others made of it.
#include "dialect/embedding_writing.h"

namespace sluice::dialect {
namespace {

std::string_view dimensions_key(EmbeddingApi api) {
  return api == EmbeddingApi::Voyage ? "output_dimension" : "dimensions";
}

std::string_view use_key(EmbeddingApi api) {
  return api == EmbeddingApi::Jina ? "task" : "input_type";
}

std::string_view format_key(EmbeddingApi api) {
  return api == EmbeddingApi::Jina ? "embedding_type" : "encoding_format";
}

void write_input(const EmbeddingWriting& writing, json::Writer& out) {
  const auto one = [&](const ToEmbed& input) {
    if (input.tokens.empty()) {
      out.value(input.text);
    } else {
      out.raw(input.tokens);
    }
  };
  out.key("input");
  // A single text may stand alone; to Jina it is always a list.
  if (writing.wish.alone && writing.api != EmbeddingApi::Jina) {
    one(writing.wish.inputs.front());
    return;
  }
  out.begin_array();
  for (const ToEmbed& input : writing.wish.inputs) one(input);
  out.end_array();
}

// All who speak like OpenAI take members beside its own, each its own ones.
Result<void> write_extras(const EmbeddingWriting& writing, json::Writer& out) {
  for (const Extra& extra : writing.wish.extras) {
    if (extra.of == Dialect::OpenAi) out.key(extra.name).raw(extra.json);
  }
  return writing.losses.extras(writing.wish.extras, Dialect::OpenAi);
}

bool told_among_extras(const EmbeddingWriting& writing, std::string_view name) {
  for (const Extra& extra : writing.wish.extras) {
    if (extra.name == name) return true;
  }
  return false;
}

}  // namespace

Result<std::string_view> write_openai_embeddings(const EmbeddingWriting& writing) {
  const EmbeddingWish& wish = writing.wish;
  json::Writer out(writing.arena);
  out.begin_object().member("model", writing.model);
  write_input(writing, out);
  const std::string_view dimensions = dimensions_key(writing.api);
  if (wish.dimensions && !told_among_extras(writing, dimensions))
    out.member(dimensions, *wish.dimensions);
  TRY(const std::string_view use, writing.use());
  if (!use.empty() && !told_among_extras(writing, use_key(writing.api)))
    out.member(use_key(writing.api), use);
  if (wish.base64 && !told_among_extras(writing, format_key(writing.api)))
    out.member(format_key(writing.api), "base64");
  if (writing.api == EmbeddingApi::OpenAi) {
    if (!wish.user.empty()) out.member("user", wish.user);
  } else {
    TRY_VOID(writing.no_user());
  }
  TRY_VOID(writing.no_titles());
  TRY_VOID(write_extras(writing, out));
  return out.end_object().text();
}

}  // namespace sluice::dialect
