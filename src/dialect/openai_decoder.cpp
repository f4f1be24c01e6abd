#include "dialect/openai_decoder.h"

#include "dialect/malformed_answer.h"
#include "dialect/openai_usage.h"

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

constexpr std::string_view kDone = "[DONE]";

// An error inside of an answer that began with 200.
std::unexpected<Failure> in_band(const Value& error) {
  Arena arena;
  std::string_view message = "The provider reported an error.";
  if (error.kind() == Kind::Object) {
    if (const auto text = error.find("message")) message = text->string(arena).value_or(message);
  } else {
    message = error.string(arena).value_or(message);
  }
  return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                       .code = "upstream_error",
                       .message = std::string(message),
                       .retry = Retry::OtherTarget});
}

bool is_given(const std::optional<Value>& value) {
  return value && value->kind() != Kind::Null;
}

// What they have in common: one parse a frame, the last usage, whole bodies.
class OpenAiDecoder : public Decoder {
 public:
  explicit OpenAiDecoder(json::Reader& reader) : reader_(reader) {}

  Result<void> body(std::string_view text, Meaning* meaning) override {
    // Structure is always checked; every last scalar of a provider's answer is not ours to judge.
    auto root = reader_.parse(text, {.strict_up_to = 0});
    if (!root) return malformed_answer("body: " + root.error()->message);
    if (root->kind() != Kind::Object) return malformed_answer("body: not an object");
    constexpr std::string_view keys[] = {"error", "usage"};
    TRY(const auto fields, json::pick(*root, keys));
    const auto& [error, usage] = fields;
    if (is_given(error)) return in_band(*error);
    if (is_given(usage)) usage_ = read_openai_usage(*usage);
    if (meaning) meaning->events.push_back(Bytes{text});
    ended_ = true;
    return {};
  }
  bool ended() const override { return ended_; }
  bool finished() const override { return ended_ || finished_; }
  const std::optional<Usage>& usage() const override { return usage_; }

 protected:
  Result<Value> parse(std::string_view data) {
    auto root = reader_.parse(data);
    if (!root) return malformed_answer("event: " + root.error()->message);
    if (root->kind() != Kind::Object) return malformed_answer("event: not an object");
    return *root;
  }

  json::Reader& reader_;
  bool ended_ = false;
  bool finished_ = false;
  std::optional<Usage> usage_;
};

class PlainDecoder final : public OpenAiDecoder {
 public:
  using OpenAiDecoder::OpenAiDecoder;

  Result<Signals> frame(std::string_view, std::string_view data, Meaning* meaning) override {
    if (data == kDone) {
      ended_ = true;
      return Signals{.end = true};
    }
    TRY(const Value event, parse(data));
    constexpr std::string_view keys[] = {"error", "usage", "type"};
    TRY(const auto fields, json::pick(event, keys));
    const auto& [error, usage, type] = fields;
    if (is_given(error)) return in_band(*error);
    if (is_given(usage)) usage_ = read_openai_usage(*usage);
    if (meaning) meaning->events.push_back(Bytes{data});
    // Such streams (audio, images) name their end, or have none but that of the connection.
    const std::string_view kind = type ? type->plain_string().value_or("") : std::string_view();
    finished_ |= kind.ends_with(".done") || kind.ends_with(".completed");
    return Signals{.content = true};
  }
};

}  // namespace

ArenaPtr<Decoder> make_plain_decoder(Arena& arena, json::Reader& reader) {
  return arena.make<PlainDecoder>(reader);
}

std::string openai_error_message(std::string_view body, json::Reader& reader) {
  const auto root = reader.parse(body);
  if (!root || root->kind() != Kind::Object) return {};
  Arena arena;
  for (const std::string_view key : {"error", "message", "detail"}) {
    auto found = root->find(key);
    if (found && found->kind() == Kind::Object) found = found->find("message");
    if (found) {
      if (const auto text = found->string(arena)) return std::string(*text);
    }
  }
  return {};
}

}  // namespace sluice::dialect
