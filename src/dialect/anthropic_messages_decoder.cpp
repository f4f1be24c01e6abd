#include "dialect/anthropic_answer_blocks.h"
#include "dialect/anthropic_messages.h"
#include "dialect/anthropic_usage.h"
#include "dialect/malformed_answer.h"

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

// An error inside of an answer that began with 200.
std::unexpected<Failure> in_band(const Value& error) {
  Arena arena;
  std::string_view message = "The provider reported an error.";
  if (const auto text = error.find("message")) message = text->string(arena).value_or(message);
  ApiError told{.kind = ErrorKind::UpstreamUnavailable,
                .code = "upstream_error",
                .message = std::string(message),
                .retry = Retry::OtherTarget};
  if (const auto type = error.find("type")) {
    if (*type == "overloaded_error") told.code = "upstream_overloaded";
    if (*type == "timeout_error") told.code = "upstream_timeout";
    if (*type == "rate_limit_error") {
      told.kind = ErrorKind::RateLimited;
      told.code = "upstream_rate_limited";
    }
  }
  return fail(std::move(told));
}

bool given(const std::optional<Value>& value) {
  return value && value->kind() != Kind::Null;
}

FinishReason finish_reason(std::string_view native) {
  if (native == "end_turn") return FinishReason::Stop;
  if (native == "max_tokens") return FinishReason::Length;
  if (native == "stop_sequence") return FinishReason::StopSequence;
  if (native == "tool_use") return FinishReason::ToolCalls;
  if (native == "pause_turn" || native == "compaction") return FinishReason::Pause;
  if (native == "refusal") return FinishReason::Refusal;
  if (native == "model_context_window_exceeded") return FinishReason::ContextLength;
  return FinishReason::Other;
}

// The letters that a delta adds, as far as an estimate needs to know.
std::uint32_t size_of(const Value& delta) {
  for (const std::string_view key : {"text", "thinking", "partial_json"}) {
    if (const auto value = delta.find(key); value && value->raw().size() > 2)
      return static_cast<std::uint32_t>(value->raw().size() - 2);
  }
  return 0;
}

class MessagesDecoder final : public Decoder {
 public:
  explicit MessagesDecoder(json::Reader& reader) : reader_(reader) {}

  Result<Signals> frame(std::string_view name, std::string_view data, Meaning* meaning) override {
    const auto root = reader_.parse(data);
    if (!root) return malformed_answer("event: " + root.error()->message);
    if (root->kind() != Kind::Object) return malformed_answer("event: not an object");
    const auto type = root->find("type");
    const std::string_view kind = type ? type->plain_string().value_or(name) : name;
    if (kind == "content_block_delta") return block_delta(*root, meaning);
    if (kind == "content_block_start") return block_start(*root, meaning);
    if (kind == "content_block_stop") {
      if (meaning) blocks_.stop(index_of(*root), *meaning);
      return Signals{};
    }
    if (kind == "message_start") {
      if (const auto message = root->find("message")) start(*message, meaning);
      return Signals{};
    }
    if (kind == "message_delta") return message_delta(*root, meaning);
    if (kind == "message_stop") {
      ended_ = true;
      return Signals{.end = true};
    }
    if (kind == "error") {
      const auto error = root->find("error");
      return in_band(error ? *error : *root);
    }
    return Signals{};  // A ping, or what the API has learnt since.
  }

  Result<void> body(std::string_view text, Meaning* meaning) override {
    const auto root = reader_.parse(text, {.strict_up_to = meaning ? SIZE_MAX : 0});
    if (!root) return malformed_answer("body: " + root.error()->message);
    if (root->kind() != Kind::Object) return malformed_answer("body: not an object");
    if (const auto error = root->find("error"); given(error)) return in_band(*error);
    ended_ = true;
    const auto content = root->find("content");
    if (const auto counted = root->find("input_tokens"); counted && !content) {
      if (meaning) meaning->events.push_back(TokensCounted{counted->integer().value_or(0)});
      return {};
    }
    start(*root, meaning);
    if (!meaning) return {};
    std::uint32_t index = 0;
    if (content) {
      for (const Value block : content->elements()) {
        blocks_.start(index, block, *meaning);
        blocks_.stop(index++, *meaning);
      }
    }
    stopped(*root, *meaning);
    return {};
  }

  bool ended() const override { return ended_; }
  bool finished() const override { return ended_ || finished_; }
  const std::optional<Usage>& usage() const override { return usage_; }

 private:
  static std::uint32_t index_of(const Value& event) {
    const auto index = event.find("index");
    return static_cast<std::uint32_t>(index ? index->integer().value_or(0) : 0);
  }

  static std::string_view text_in(const Value& object, std::string_view key, Meaning& meaning) {
    const auto value = object.find(key);
    return value ? value->string(meaning.texts).value_or("") : std::string_view();
  }

  void start(const Value& message, Meaning* meaning) {
    if (meaning) {
      meaning->events.push_back(
          ReplyStarted{text_in(message, "id", *meaning), text_in(message, "model", *meaning)});
    }
    count(message, meaning);
    if (meaning) tell_extras(message, *meaning);
  }

  void count(const Value& holder, Meaning* meaning) {
    const auto usage = holder.find("usage");
    if (!given(usage)) return;
    counted_.read(*usage);
    usage_ = counted_.total();
    if (!meaning) return;
    meaning->events.push_back(*usage_);
    for (const std::string_view name :
         {"usage.service_tier", "usage.inference_geo", "usage.iterations", "usage.speed"}) {
      if (const auto value = usage->find(name.substr(name.find('.') + 1)); given(value))
        tell_extra(name, *value, *meaning);
    }
  }

  static void tell_extra(std::string_view name, const Value& value, Meaning& meaning) {
    meaning.events.push_back(ReplyExtra{{Dialect::Messages, name, value.raw()}});
  }

  static void tell_extras(const Value& holder, Meaning& meaning) {
    for (const std::string_view name : {"container", "context_management", "stop_details"}) {
      if (const auto value = holder.find(name); given(value)) tell_extra(name, *value, meaning);
    }
  }

  Result<Signals> block_start(const Value& event, Meaning* meaning) {
    const auto block = event.find("content_block");
    if (!block || block->kind() != Kind::Object) return malformed_answer("event: no content_block");
    if (meaning) blocks_.start(index_of(event), *block, *meaning);
    Signals signals;
    const auto type = block->find("type");
    if (type && (*type == "text" || *type == "thinking")) {
      signals.text_bytes = size_of(*block);
      signals.content = signals.text_bytes != 0;
    } else {
      signals.content = true;  // A call, or what the provider's own tools found.
    }
    return signals;
  }

  Result<Signals> block_delta(const Value& event, Meaning* meaning) {
    const auto delta = event.find("delta");
    if (!delta || delta->kind() != Kind::Object) return malformed_answer("event: no delta");
    if (meaning) blocks_.delta(index_of(event), *delta, *meaning);
    Signals signals{.text_bytes = size_of(*delta)};
    signals.content = signals.text_bytes != 0;
    return signals;
  }

  Result<Signals> message_delta(const Value& event, Meaning* meaning) {
    count(event, meaning);
    const auto delta = event.find("delta");
    if (!delta) return Signals{};
    if (const auto reason = delta->find("stop_reason"); given(reason)) finished_ = true;
    if (meaning) {
      tell_extras(event, *meaning);
      tell_extras(*delta, *meaning);
      stopped(*delta, *meaning);
    }
    return Signals{};
  }

  void stopped(const Value& holder, Meaning& meaning) {
    blocks_.end(meaning);
    const std::string_view native = text_in(holder, "stop_reason", meaning);
    if (native.empty()) return;
    meaning.events.push_back(
        ReplyStopped{.reason = finish_reason(native),
                     .stop_sequence = text_in(holder, "stop_sequence", meaning),
                     .native = native});
  }

  json::Reader& reader_;
  AnswerBlocks blocks_;
  AnthropicUsage counted_;
  std::optional<Usage> usage_;
  bool ended_ = false;
  bool finished_ = false;
};

}  // namespace

ArenaPtr<Decoder> messages_decoder(Arena& arena, json::Reader& reader) {
  return arena.make<MessagesDecoder>(reader);
}

}  // namespace sluice::dialect
