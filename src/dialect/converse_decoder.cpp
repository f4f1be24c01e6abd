#include "base/json_writer.h"
#include "dialect/converse.h"
#include "dialect/converse_answer_blocks.h"
#include "dialect/converse_words.h"
#include "dialect/malformed_answer.h"

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

constexpr Dialect kOwn = Dialect::Converse;

bool given(const std::optional<Value>& value) {
  return value && value->kind() != Kind::Null;
}

// An error inside of a stream that began with 200.
std::unexpected<Failure> in_band(std::string_view exception, const Value& payload) {
  Arena arena;
  std::string_view message = "The provider reported an error.";
  if (const auto text = payload.find("message")) message = text->string(arena).value_or(message);
  ApiError told{.kind = ErrorKind::UpstreamUnavailable,
                .code = "upstream_error",
                .message = std::string(message),
                .detail = std::string(exception),
                .retry = Retry::OtherTarget};
  if (exception == "throttlingException") {
    told.kind = ErrorKind::RateLimited;
    told.code = "upstream_rate_limited";
  } else if (exception == "validationException") {
    told.kind = ErrorKind::UpstreamRejected;
    told.code = "invalid_request";
    told.retry = Retry::Never;
  } else if (exception == "serviceUnavailableException" || exception == "modelNotReadyException") {
    told.code = "upstream_overloaded";
  } else if (exception == "modelTimeoutException") {
    told.code = "upstream_timeout";
  }
  return fail(std::move(told));
}

// The letters that a delta adds, as far as an estimate needs to know.
std::uint32_t size_of(const Value& delta) {
  const auto size = [](const std::optional<Value>& text) {
    const bool any = text && text->kind() == Kind::String && text->raw().size() > 2;
    return any ? static_cast<std::uint32_t>(text->raw().size() - 2) : 0U;
  };
  if (const auto text = delta.find("text")) return size(text);
  if (const auto call = delta.find("toolUse")) return size(call->find("input"));
  if (const auto thought = delta.find("reasoningContent")) return size(thought->find("text"));
  return 0;
}

class ConverseDecoder final : public Decoder {
 public:
  explicit ConverseDecoder(json::Reader& reader) : reader_(reader) {}

  Result<Signals> frame(std::string_view name, std::string_view data, Meaning* meaning) override {
    const auto root = reader_.parse(data);
    if (!root) return malformed_answer("event: " + root.error()->message);
    if (root->kind() != Kind::Object) return malformed_answer("event: not an object");
    constexpr std::string_view kException = "exception:";
    if (name.starts_with(kException)) return in_band(name.substr(kException.size()), *root);
    if (name == "contentBlockDelta") return block_delta(*root, meaning);
    if (name == "contentBlockStart") return block_start(*root, meaning);
    if (name == "contentBlockStop") {
      if (meaning) blocks_.stop(index_of(*root), *meaning);
      return Signals{};
    }
    if (name == "messageStart") {
      if (meaning) meaning->events.emplace_back(ReplyStarted{});
      return Signals{};
    }
    if (name == "messageStop") {
      finished_ = true;
      if (meaning) stopped(*root, *meaning);
      return Signals{};
    }
    if (name != "metadata") return Signals{};  // What the API has learnt since.
    ended_ = true;
    count(*root, meaning);
    if (meaning) tell_extras(*root, *meaning);
    return Signals{.end = true};
  }

  Result<void> body(std::string_view text, Meaning* meaning) override {
    const auto root = reader_.parse(text, {.strict_up_to = meaning ? SIZE_MAX : 0});
    if (!root) return malformed_answer("body: " + root.error()->message);
    const auto output = root->find("output");
    const auto message = given(output) ? output->find("message") : std::nullopt;
    if (!given(message)) {
      if (given(root->find("message"))) return in_band({}, *root);
      return malformed_answer("body: no message");
    }
    ended_ = true;
    if (meaning) meaning->events.emplace_back(ReplyStarted{});
    count(*root, meaning);
    if (!meaning) return {};
    if (const auto content = message->find("content")) {
      for (const Value block : content->elements()) blocks_.whole(block, *meaning);
    }
    stopped(*root, *meaning);
    tell_extras(*root, *meaning);
    return {};
  }

  bool ended() const override { return ended_; }
  bool finished() const override { return ended_ || finished_; }
  const std::optional<Usage>& usage() const override { return usage_; }

 private:
  static std::uint32_t index_of(const Value& event) {
    const auto index = event.find("contentBlockIndex");
    return static_cast<std::uint32_t>(index ? index->integer().value_or(0) : 0);
  }

  Result<Signals> block_start(const Value& event, Meaning* meaning) {
    const auto start = event.find("start");
    if (!given(start)) return Signals{};
    if (meaning) blocks_.start(index_of(event), *start, *meaning);
    return Signals{.content = given(start->find("toolUse"))};
  }

  Result<Signals> block_delta(const Value& event, Meaning* meaning) {
    const auto delta = event.find("delta");
    if (!delta || delta->kind() != Kind::Object) return malformed_answer("event: no delta");
    if (meaning) blocks_.delta(index_of(event), *delta, *meaning);
    Signals signals{.text_bytes = size_of(*delta)};
    signals.content = signals.text_bytes != 0;
    return signals;
  }

  void count(const Value& holder, Meaning* meaning) {
    const auto usage = holder.find("usage");
    if (!given(usage)) return;
    usage_ = read_converse_usage(*usage);
    if (meaning) meaning->events.emplace_back(*usage_);
  }

  static void tell_extras(const Value& holder, Meaning& meaning) {
    for (const std::string_view name : {"trace", "metrics", "performanceConfig", "serviceTier"}) {
      if (const auto value = holder.find(name); given(value))
        meaning.events.emplace_back(ReplyExtra{{kOwn, name, value->raw()}});
    }
  }

  void stopped(const Value& holder, Meaning& meaning) {
    blocks_.end(meaning);
    const auto reason = holder.find("stopReason");
    const std::string_view native =
        reason ? reason->string(meaning.texts).value_or("") : std::string_view();
    std::string_view sequence;
    constexpr std::string_view kMore = "additionalModelResponseFields";
    if (const auto more = holder.find(kMore); given(more)) {
      meaning.events.emplace_back(ReplyExtra{{kOwn, kMore, more->raw()}});
      if (const auto text = more->find("stop_sequence"))
        sequence = text->string(meaning.texts).value_or("");
    }
    if (native.empty()) return;
    meaning.events.emplace_back(ReplyStopped{
        .reason = converse_finish_reason(native), .stop_sequence = sequence, .native = native});
  }

  json::Reader& reader_;
  ConverseAnswerBlocks blocks_;
  std::optional<Usage> usage_;
  bool ended_ = false;
  bool finished_ = false;
};

}  // namespace

ArenaPtr<Decoder> converse_decoder(Arena& arena, json::Reader& reader) {
  return arena.make<ConverseDecoder>(reader);
}

}  // namespace sluice::dialect
