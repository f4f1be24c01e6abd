#include "dialect/embedding_batches.h"

#include "base/json_writer.h"

#include <algorithm>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

// The list of inputs, when it is one.
std::optional<Value> list_of(const Value& root) {
  const auto input = root.find("input");
  if (!input || input->kind() != Kind::Array) return std::nullopt;
  for (const Value first : input->elements()) {
    if (first.kind() == Kind::Number) return std::nullopt;  // The tokens of one text.
    break;
  }
  return input;
}

std::unexpected<Failure> malformed() {
  return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                       .code = "upstream_bad_response",
                       .message = "The provider's answer holds no embeddings.",
                       .retry = Retry::OtherTarget});
}

std::int64_t count(const std::optional<Value>& usage, std::string_view name) {
  const auto value = usage ? usage->find(name) : std::nullopt;
  return value ? value->integer().value_or(0) : 0;
}

}  // namespace

std::size_t EmbeddingBatches::inputs_of(std::string_view body, json::Reader& reader) {
  const auto root = reader.parse(body, {.strict_up_to = 0});
  const auto list = root ? list_of(*root) : std::nullopt;
  std::size_t inputs = 0;
  if (list) {
    for ([[maybe_unused]] const Value input : list->elements()) ++inputs;
  }
  return list ? inputs : 1;
}

EmbeddingBatches::EmbeddingBatches(std::string_view body, std::size_t most, json::Reader& reader,
                                   Arena& arena)
    : inputs_(arena.array<std::string_view>(inputs_of(body, reader))), most_(most) {
  const auto root = reader.parse(body, {.strict_up_to = 0});
  const auto list = root ? list_of(*root) : std::nullopt;
  if (!list) {
    inputs_ = {};
    return;
  }
  std::size_t at = 0;
  for (const Value input : list->elements()) inputs_[at++] = input.raw();
  before_ = body.substr(0, list->offset() + 1);
  after_ = body.substr(list->offset() + list->raw().size() - 1);
}

std::string_view EmbeddingBatches::next(Arena& arena) {
  const std::size_t end = std::min(next_ + most_, inputs_.size());
  // The inputs of one batch stand side by side in the body.
  const char* const first = inputs_[next_].data();
  const std::string_view last = inputs_[end - 1];
  const std::string_view batch(first, static_cast<std::size_t>(last.data() + last.size() - first));
  next_ = end;
  return arena.join(before_, batch, after_);
}

Result<void> EmbeddingBatches::take(std::string_view answer, json::Reader& reader) {
  TRY(const Value root, reader.parse(answer, {.strict_up_to = 0}));
  const auto data = root.find("data");
  if (!data || data->kind() != Kind::Array) return malformed();
  std::uint64_t taken = 0;
  for (const Value one : data->elements()) {
    if (!data_.empty()) data_ += ',';
    json::Writer writer(data_);
    writer.begin_object();
    std::uint64_t index = taken++;
    if (const auto told = one.find("index")) {
      index =
          static_cast<std::uint64_t>(told->integer().value_or(static_cast<std::int64_t>(index)));
    }
    for (const auto [key, value] : one.members()) {
      if (key == "index") continue;
      writer.key(key.plain_string().value_or("")).raw(value.raw());
    }
    writer.member("index", joined_count_ + index).end_object();
  }
  joined_count_ += taken;
  const auto usage = root.find("usage");
  prompt_tokens_ += count(usage, "prompt_tokens");
  total_tokens_ += count(usage, "total_tokens");
  if (const auto model = root.find("model")) model_ = model->raw();
  return {};
}

std::string_view EmbeddingBatches::joined(Arena& arena) const {
  json::Writer writer(arena);
  writer.begin_object().member("object", "list").key("data").raw(arena.join("[", data_, "]"));
  if (!model_.empty()) writer.key("model").raw(model_);
  writer.key("usage")
      .begin_object()
      .member("prompt_tokens", prompt_tokens_)
      .member("total_tokens", total_tokens_)
      .end_object()
      .end_object();
  return writer.text();
}

}  // namespace sluice::dialect
