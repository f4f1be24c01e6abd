#include "base/json_writer.h"
#include "dialect/openai_decoding.h"
#include "dialect/openai_usage.h"
#include "dialect/rerank.h"

#include <algorithm>
#include <string>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

std::optional<Value> either(const Value& object, std::string_view name, std::string_view other) {
  const auto found = object.find(name);
  return found ? found : object.find(other);
}

class RankingDecoder final : public OpenAiDecoder {
 public:
  RankingDecoder(json::Reader& reader, const RankingWish& wish)
      : OpenAiDecoder(reader), wish_(wish) {}

  Result<Signals> frame(std::string_view, std::string_view, Meaning*) override {
    return malformed_answer("a ranking in a stream");
  }

  Result<void> body(std::string_view text, Meaning* meaning) override {
    // A list alone is the answer of Text Embeddings Inference.
    const auto parsed = reader_.parse(text, {.strict_up_to = 0});
    if (!parsed) return malformed_answer("body: " + parsed.error()->message);
    const Value root = *parsed;
    const auto error = root.find("error");
    if (error && error->kind() != Kind::Null) return error_in_answer(*error);
    if (const auto told = root.find("usage"); told && told->kind() == Kind::Object) {
      const auto total = told->find("total_tokens");
      usage_ = read_openai_usage(*told);
      usage_->input = std::max(usage_->input, total ? total->integer().value_or(0) : 0);
      usage_->output = 0;
    }
    const auto list =
        root.kind() == Kind::Array ? std::optional(root) : either(root, "results", "data");
    if (!list || list->kind() != Kind::Array) return malformed_answer("body: no results");
    ended_ = true;
    return meaning ? say(root, *list, *meaning) : Result<void>();
  }

 private:
  Result<void> say(const Value& root, const Value& list, Meaning& meaning) const {
    const auto text = [&](std::string_view name) {
      const auto value = root.find(name);
      return value ? value->string(meaning.texts).value_or("") : std::string_view();
    };
    meaning.events.push_back(ReplyStarted{.id = text("id"), .model = text("model")});
    std::int64_t told = 0;
    for (const Value one : list.elements()) {
      if (wish_.most && told++ >= *wish_.most) break;
      TRY_VOID(say_rank(one, meaning));
    }
    if (const auto meta = root.find("meta"); meta && meta->kind() == Kind::Object) {
      meaning.events.push_back(
          ReplyExtra{{.of = Dialect::OpenAi, .name = "meta", .json = meta->raw()}});
    }
    if (usage_) meaning.events.push_back(*usage_);
    return {};
  }

  Result<void> say_rank(const Value& one, Meaning& meaning) const {
    const auto index = one.find("index");
    const auto score = either(one, "relevance_score", "score");
    const auto at = static_cast<std::size_t>(index ? index->integer().value_or(-1) : -1);
    if (!score || !score->number() || at >= wish_.documents.size())
      return malformed_answer("body: a result without its index or score");
    Ranked ranked{.index = static_cast<std::uint32_t>(at), .score = score->raw()};
    if (wish_.documents_wanted) ranked.document = document(at, meaning.texts);
    meaning.events.push_back(ranked);
    return {};
  }

  // As the caller wrote it, and as an object.
  JsonText document(std::size_t at, Arena& arena) const {
    const JsonText json = wish_.documents[at].json;
    return json.starts_with('{') ? arena.keep(json) : arena.join(R"({"text":)", json, "}");
  }

  RankingWish wish_;
};

// As Cohere and Jina say it.
class RankingEncoder final : public Encoder {
 public:
  explicit RankingEncoder(const Shape& shape) : id_(shape.id), model_(shape.model) {}

  std::string_view content_type() const override { return "application/json"; }

  void say(std::span<const Event> events, std::string&) override {
    for (const Event& event : events) {
      if (const auto* ranked = std::get_if<Ranked>(&event)) {
        keep(*ranked);
      } else if (const auto* started = std::get_if<ReplyStarted>(&event)) {
        if (!started->id.empty()) id_ = started->id;
        if (!started->model.empty()) model_ = started->model;
      } else if (const auto* more = std::get_if<ReplyExtra>(&event)) {
        if (more->extra.name == "meta") meta_ = more->extra.json;
      } else if (const auto* usage = std::get_if<Usage>(&event)) {
        usage_ = *usage;
      }
    }
  }

  void end(std::string& out) override {
    json::Writer writer(out);
    writer.begin_object().member("id", id_).member("object", "list").member("model", model_);
    writer.key("results").raw("[" + results_ + "]");
    if (!meta_.empty()) writer.key("meta").raw(meta_);
    if (usage_) {
      writer.key("usage").begin_object().member("prompt_tokens", usage_->input);
      writer.member("total_tokens", usage_->input).end_object();
    }
    writer.end_object();
  }

 private:
  void keep(const Ranked& ranked) {
    if (!results_.empty()) results_ += ',';
    json::Writer writer(results_);
    writer.begin_object().member("index", ranked.index).key("relevance_score").raw(ranked.score);
    if (!ranked.document.empty()) writer.key("document").raw(ranked.document);
    writer.end_object();
  }

  std::string id_;
  std::string model_;
  std::string results_;
  std::string meta_;
  std::optional<Usage> usage_;
};

}  // namespace

ArenaPtr<Decoder> ranking_decoder(Arena& arena, json::Reader& reader, const RankingWish& wish) {
  return arena.make<RankingDecoder>(reader, wish);
}

ArenaPtr<Encoder> ranking_encoder(Arena& arena, const Shape& shape) {
  return arena.make<RankingEncoder>(shape);
}

}  // namespace sluice::dialect
