// Vectors stand in few places, and each API is known by its own. So one reader reads them all.
#include "dialect/embeddings.h"
#include "dialect/openai_decoding.h"
#include "dialect/openai_usage.h"
#include "dialect/vectors.h"

#include <algorithm>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

std::int64_t count(const std::optional<Value>& value) {
  return value ? std::max<std::int64_t>(0, value->integer().value_or(0)) : 0;
}

std::size_t size_of(const Value& list) {
  std::size_t size = 0;
  for ([[maybe_unused]] const Value one : list.elements()) ++size;
  return size;
}

std::optional<Value> first_of(const Value& object, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const auto found = object.find(name)) return found;
  }
  return std::nullopt;
}

class EmbeddingsDecoder final : public OpenAiDecoder {
 public:
  EmbeddingsDecoder(json::Reader& reader, bool base64) : OpenAiDecoder(reader), base64_(base64) {}

  Result<Signals> frame(std::string_view, std::string_view, Meaning*) override {
    return malformed_answer("embeddings in a stream");
  }

  Result<void> body(std::string_view text, Meaning* meaning) override {
    TRY(const Value root, parse_body(text));
    const auto error = root.find("error");
    if (error && error->kind() != Kind::Null) return error_in_answer(*error);
    read_usage(root);
    ended_ = true;
    if (!meaning) return {};
    const auto model = root.find("model");
    const auto name = model ? model->string(meaning->texts) : std::nullopt;
    meaning->events.push_back(ReplyStarted{.model = name.value_or("")});
    TRY_VOID(read_vectors(root, *meaning));
    if (usage_) meaning->events.push_back(*usage_);
    return {};
  }

 private:
  void read_usage(const Value& root) {
    if (const auto told = root.find("usage"); told && told->kind() == Kind::Object) {
      usage_ = read_openai_usage(*told);
      usage_->input = std::max(usage_->input, count(told->find("total_tokens")));
      usage_->output = 0;
      if (usage_->input == 0) usage_.reset();  // No text is made of nothing.
    }
    if (const auto told = root.find("usageMetadata")) say_input(told->find("promptTokenCount"));
    if (const auto told = root.find("meta")) {
      const auto units = told->find("billed_units");
      if (units) say_input(units->find("input_tokens"));
    }
    say_input(root.find("prompt_eval_count"));    // Ollama
    say_input(root.find("inputTextTokenCount"));  // Titan
    if (const auto predictions = root.find("predictions")) read_statistics(*predictions);
  }

  void say_input(const std::optional<Value>& tokens) {
    if (tokens) usage_ = Usage{.input = count(tokens)};
  }

  void read_statistics(const Value& predictions) {
    std::int64_t tokens = 0;
    for (const Value one : predictions.elements()) {
      const auto embeddings = one.find("embeddings");
      const auto statistics = embeddings ? embeddings->find("statistics") : std::nullopt;
      if (statistics) tokens += count(statistics->find("token_count"));
    }
    if (tokens > 0) usage_ = Usage{.input = tokens};
  }

  Result<void> read_vectors(const Value& root, Meaning& meaning) {
    if (const auto data = root.find("data")) return read_data(*data, meaning);
    if (const auto list = root.find("predictions")) return read_list(*list, meaning);
    if (const auto list = root.find("embeddings")) {
      if (list->kind() == Kind::Array) return read_list(*list, meaning);
      // Cohere's, by type: the one that was asked for.
      if (const auto floats = first_of(*list, {"float", "base64", "int8", "uint8", "binary"}))
        return read_list(*floats, meaning);
    }
    if (const auto one = root.find("embedding")) return say(0, *one, meaning);
    return malformed_answer("body: no embeddings");
  }

  Result<void> read_data(const Value& data, Meaning& meaning) {
    if (data.kind() != Kind::Array) return malformed_answer("body: data is no list");
    const std::size_t size = size_of(data);
    std::size_t at = 0;
    for (const Value one : data.elements()) {
      const auto vector = one.find("embedding");
      const auto told = one.find("index");
      const auto index = told ? static_cast<std::size_t>(told->integer().value_or(-1)) : at;
      if (!vector || index >= size) return malformed_answer("body: data without embeddings");
      TRY_VOID(say(index, *vector, meaning));
      ++at;
    }
    return {};
  }

  Result<void> read_list(const Value& list, Meaning& meaning) {
    if (list.kind() != Kind::Array) return malformed_answer("body: embeddings are no list");
    std::size_t at = 0;
    for (const Value one : list.elements()) TRY_VOID(say(at++, one, meaning));
    return {};
  }

  // `vector` is one, or an object that holds it.
  Result<void> say(std::size_t index, Value vector, Meaning& meaning) const {
    while (vector.kind() == Kind::Object) {
      const auto inner = first_of(vector, {"values", "embedding", "embeddings"});
      if (!inner) return malformed_answer("body: an embedding without values");
      vector = *inner;
    }
    VectorMade made{.index = static_cast<std::uint32_t>(index)};
    if (vector.kind() == Kind::String) {
      made.base64 = vector.string(meaning.texts).value_or("");
    } else if (vector.kind() != Kind::Array) {
      return malformed_answer("body: an embedding that is no list");
    } else if (base64_) {
      made.base64 = base64_of_numbers(vector, meaning.texts);
    } else {
      made.values = vector.raw();
    }
    meaning.events.push_back(made);
    return {};
  }

  bool base64_;
};

}  // namespace

ArenaPtr<Decoder> embeddings_decoder(Arena& arena, json::Reader& reader, bool base64) {
  return arena.make<EmbeddingsDecoder>(reader, base64);
}

}  // namespace sluice::dialect
