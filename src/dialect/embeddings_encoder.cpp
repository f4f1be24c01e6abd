#include "base/json_writer.h"
#include "dialect/embeddings.h"
#include "dialect/vectors.h"

#include <string>
#include <vector>

namespace sluice::dialect {
namespace {

// What was said, kept until all was.
class EmbeddingsEncoder : public Encoder {
 public:
  explicit EmbeddingsEncoder(const Shape& shape) : model_(shape.model) {}

  std::string_view content_type() const override { return "application/json"; }

  void say(std::span<const Event> events, std::string&) override {
    for (const Event& event : events) {
      if (const auto* vector = std::get_if<VectorMade>(&event)) {
        if (vectors_.size() <= vector->index) vectors_.resize(vector->index + std::size_t{1});
        keep(*vector, vectors_[vector->index]);
      } else if (const auto* started = std::get_if<ReplyStarted>(&event)) {
        if (!started->model.empty()) model_ = started->model;
      } else if (const auto* usage = std::get_if<Usage>(&event)) {
        usage_ = *usage;
      }
    }
  }

 protected:
  // A vector as JSON.
  virtual void keep(const VectorMade& vector, std::string& json) = 0;

  std::string model_;
  std::vector<std::string> vectors_;
  std::optional<Usage> usage_;
};

class OpenAiEmbeddings final : public EmbeddingsEncoder {
 public:
  using EmbeddingsEncoder::EmbeddingsEncoder;

  void end(std::string& out) override {
    json::Writer writer(out);
    writer.begin_object().member("object", "list").key("data").begin_array();
    std::size_t index = 0;
    for (const std::string& vector : vectors_) {
      writer.begin_object().member("object", "embedding").member("index", index++);
      writer.key("embedding").raw(vector.empty() ? "[]" : vector).end_object();
    }
    const std::int64_t tokens = usage_ ? usage_->input : 0;
    writer.end_array().member("model", model_).key("usage").begin_object();
    writer.member("prompt_tokens", tokens).member("total_tokens", tokens).end_object().end_object();
  }

 protected:
  void keep(const VectorMade& vector, std::string& json) override {
    json.clear();
    if (vector.base64.empty()) {
      json = vector.values;
    } else {
      json = '"';
      json::append_escaped(json, vector.base64);
      json += '"';
    }
  }
};

class GeminiEmbeddings final : public EmbeddingsEncoder {
 public:
  GeminiEmbeddings(const Shape& shape, bool batch) : EmbeddingsEncoder(shape), batch_(batch) {}

  void end(std::string& out) override {
    json::Writer writer(out);
    writer.begin_object().key(batch_ ? "embeddings" : "embedding");
    if (batch_) writer.begin_array();
    for (const std::string& vector : vectors_) {
      writer.begin_object().key("values").raw(vector.empty() ? "[]" : vector).end_object();
      if (!batch_) break;
    }
    if (batch_) {
      writer.end_array();
    } else if (vectors_.empty()) {
      writer.begin_object().end_object();
    }
    if (usage_) {
      writer.key("usageMetadata").begin_object().member("promptTokenCount", usage_->input);
      writer.member("totalTokenCount", usage_->input).end_object();
    }
    writer.end_object();
  }

 protected:
  void keep(const VectorMade& vector, std::string& json) override {
    Arena arena;
    json = vector.base64.empty() ? vector.values : numbers_of_base64(vector.base64, arena);
  }

 private:
  bool batch_;
};

}  // namespace

ArenaPtr<Encoder> embeddings_encoder(Operation operation, Arena& arena, const Shape& shape) {
  if (operation == Operation::Embeddings) return arena.make<OpenAiEmbeddings>(shape);
  return arena.make<GeminiEmbeddings>(shape, operation == Operation::BatchEmbedContent);
}

}  // namespace sluice::dialect
