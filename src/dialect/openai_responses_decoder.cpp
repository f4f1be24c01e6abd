// Answers: response.* events, ended by response.completed or .incomplete, and whole bodies.
#include "dialect/malformed_answer.h"
#include "dialect/openai_decoder.h"
#include "dialect/openai_responses_parts.h"
#include "dialect/openai_responses_teller.h"
#include "dialect/openai_usage.h"

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;
using responses::given;

// An error inside of an answer that began with 200.
std::unexpected<Failure> in_band(const Value& error) {
  Arena arena;
  ApiError told{.kind = ErrorKind::UpstreamUnavailable,
                .code = "upstream_error",
                .message = "The provider reported an error.",
                .retry = Retry::OtherTarget};
  std::string_view code;
  if (error.kind() == Kind::Object) {
    if (const auto text = error.find("message"))
      told.message = text->string(arena).value_or(told.message);
    if (const auto named = error.find("code")) code = named->string(arena).value_or("");
  } else {
    told.message = error.string(arena).value_or(told.message);
  }
  if (code == "rate_limit_exceeded") {
    told.kind = ErrorKind::RateLimited;
    told.code = "upstream_rate_limited";
  } else if (code == "server_is_overloaded" || code == "slow_down" || code == "overloaded") {
    told.code = "upstream_overloaded";
  } else if (code == "context_length_exceeded") {
    told.kind = ErrorKind::UpstreamRejected;
    told.code = "context_length_exceeded";
  }
  return fail(std::move(told));
}

bool is_search(const Value& item) {
  const auto type = item.find("type");
  if (!type || !(*type == "web_search_call")) return false;
  const auto action = item.find("action");
  const auto kind = given(action) ? action->find("type") : std::nullopt;
  return !kind || *kind == "search";  // Not those that open or read a page that was found.
}

bool begins(std::string_view kind) {
  return kind == "response.created" || kind == "response.in_progress" || kind == "response.queued";
}

class ResponsesDecoder final : public Decoder {
 public:
  explicit ResponsesDecoder(json::Reader& reader) : reader_(reader) {}

  Result<Signals> frame(std::string_view name, std::string_view data, Meaning* meaning) override {
    if (data == "[DONE]") {
      ended_ = true;
      return Signals{.end = true};
    }
    TRY(const Value event, parse(data, "event: ", {}));
    constexpr std::string_view keys[] = {"type", "response", "error", "delta", "item"};
    TRY(const auto fields, json::pick(event, keys));
    const auto& [type, response, error, delta, item] = fields;
    const std::string_view kind = type ? type->plain_string().value_or(name) : name;

    if (kind == "error" || kind == "response.error") return in_band(given(error) ? *error : event);
    if (kind == "response.failed") {
      const auto reason = response ? response->find("error") : std::nullopt;
      return in_band(given(reason) ? *reason : event);
    }
    Signals signals;
    const bool item_done = kind == "response.output_item.done";
    if (item_done && item && is_search(*item)) ++searches_;
    if (response) read_usage(*response);
    signals.end = kind == "response.completed" || kind == "response.incomplete";
    ended_ |= signals.end;
    signals.content = item_done || kind.ends_with(".delta");
    if (delta && delta->kind() == Kind::String && !item_done)
      signals.text_bytes = static_cast<std::uint32_t>(delta->raw().size() - 2);
    if (meaning) say(kind, event, response, *meaning);
    return signals;
  }

  Result<void> body(std::string_view text, Meaning* meaning) override {
    // Structure is always checked; every last scalar of a provider's answer is not ours to judge.
    TRY(const Value root, parse(text, "body: ", {.strict_up_to = 0}));
    constexpr std::string_view keys[] = {"error", "usage", "object", "status", "output"};
    TRY(const auto fields, json::pick(root, keys));
    const auto& [error, usage, object, status, output] = fields;
    if (given(error)) return in_band(*error);
    if (status && *status == "failed") return in_band(root);
    if (output) {
      for (const Value item : output->elements()) searches_ += is_search(item) ? 1 : 0;
    }
    read_usage(root);
    ended_ = true;
    if (!meaning) return {};
    const auto tokens = root.find("input_tokens");
    if (object && *object == "response.input_tokens" && tokens) {
      meaning->events.push_back(TokensCounted{tokens->integer().value_or(0)});
    } else if (!output || !status) {
      meaning->events.push_back(Bytes{text});  // Something else: a compacted conversation, a list.
    } else {
      finish(root, *meaning);
    }
    return {};
  }

  bool ended() const override { return ended_; }
  bool finished() const override { return ended_; }
  const std::optional<Usage>& usage() const override { return usage_; }

 private:
  Result<Value> parse(std::string_view text, std::string_view what, const json::Limits& limits) {
    auto root = reader_.parse(text, limits);
    if (!root) return malformed_answer(std::string(what) + root.error()->message);
    if (root->kind() != Kind::Object) return malformed_answer(std::string(what) + "not an object");
    return *root;
  }

  void read_usage(const Value& response) {
    const auto usage = response.find("usage");
    if (!given(usage)) return;
    usage_ = read_openai_usage(*usage);
    usage_->searches = searches_;
  }

  void say(std::string_view kind, const Value& event, const std::optional<Value>& response,
           Meaning& meaning) {
    if (!response) return teller_.event(kind, event, meaning);
    if (begins(kind)) return teller_.started(*response, meaning);
    if (ended_) finish(*response, meaning);
  }

  void finish(const Value& response, Meaning& meaning) {
    teller_.rest(response, meaning);
    if (usage_) meaning.events.push_back(*usage_);
    teller_.stopped(response, meaning);
  }

  json::Reader& reader_;
  responses::Teller teller_;
  std::optional<Usage> usage_;
  std::int64_t searches_ = 0;
  bool ended_ = false;
};

}  // namespace

ArenaPtr<Decoder> make_responses_decoder(Arena& arena, json::Reader& reader) {
  return arena.make<ResponsesDecoder>(reader);
}

}  // namespace sluice::dialect
