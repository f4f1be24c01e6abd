#include "base/json_writer.h"
#include "dialect/embeddings.h"
#include "dialect/vectors.h"

#include <string>
#include <vector>

namespace sluice::dialect {
namespace {

// What was said, kept until all was.
class EmbeddingsEncoder final : public Encoder {
 public:
  EmbeddingsEncoder(Operation operation, const Shape& shape)
      : operation_(operation), model_(shape.model) {}

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

  void end(std::string& out) override {
    json::Writer writer(out);
    writer.begin_object();
    if (operation_ == Operation::Embeddings) {
      end_openai(writer);
    } else {
      end_gemini(writer);
    }
    writer.end_object();
  }

 private:
  // A vector as JSON. Gemini's callers read numbers only.
  void keep(const VectorMade& vector, std::string& json) const {
    if (vector.base64.empty()) {
      json = vector.values;
    } else if (operation_ == Operation::Embeddings) {
      json = '"';
      json::append_escaped(json, vector.base64);
      json += '"';
    } else {
      Arena arena;
      json = numbers_of_base64(vector.base64, arena);
    }
  }

  static std::string_view or_none(const std::string& vector) {
    return vector.empty() ? std::string_view("[]") : vector;
  }

  void end_openai(json::Writer& writer) const {
    writer.member("object", "list").key("data").begin_array();
    std::size_t index = 0;
    for (const std::string& vector : vectors_) {
      writer.begin_object().member("object", "embedding").member("index", index++);
      writer.key("embedding").raw(or_none(vector)).end_object();
    }
    const std::int64_t tokens = usage_ ? usage_->input : 0;
    writer.end_array().member("model", model_).key("usage").begin_object();
    writer.member("prompt_tokens", tokens).member("total_tokens", tokens).end_object();
  }

  void end_gemini(json::Writer& writer) const {
    if (operation_ == Operation::BatchEmbedContent) {
      writer.key("embeddings").begin_array();
      for (const std::string& vector : vectors_)
        writer.begin_object().key("values").raw(or_none(vector)).end_object();
      writer.end_array();
    } else {
      const std::string_view only = vectors_.empty() ? "[]" : or_none(vectors_.front());
      writer.key("embedding").begin_object().key("values").raw(only).end_object();
    }
    if (!usage_) return;
    writer.key("usageMetadata").begin_object().member("promptTokenCount", usage_->input);
    writer.member("totalTokenCount", usage_->input).end_object();
  }

  Operation operation_;
  std::string model_;
  std::vector<std::string> vectors_;
  std::optional<Usage> usage_;
};

}  // namespace

ArenaPtr<Encoder> embeddings_encoder(Operation operation, Arena& arena, const Shape& shape) {
  return arena.make<EmbeddingsEncoder>(operation, shape);
}

}  // namespace sluice::dialect
