#include "dialect/openai_chat_write.h"

#include "dialect/openai_chat.h"
#include "dialect/openai_functions.h"

#include <algorithm>

namespace sluice::dialect {
namespace chat {
namespace {

bool refuses(const Writing& to, std::string_view field) {
  return std::ranges::find(to.quirks.refuses, field) != to.quirks.refuses.end();
}

// Whether a field may be written; if not, its loss was told.
Result<bool> may(Writing& to, std::string_view field, Importance importance = Importance::Hint) {
  if (!refuses(to, field)) return true;
  TRY_VOID(to.losses.lose(importance, field));
  return false;
}

Result<void> write_raw(Writing& to, std::string_view field, JsonText json) {
  if (json.empty()) return {};
  TRY(const bool allowed, may(to, field));
  if (allowed) to.out.key(field).raw(json);
  return {};
}

Result<void> write_text(Writing& to, std::string_view field, std::string_view text) {
  if (text.empty()) return {};
  TRY(const bool allowed, may(to, field));
  if (allowed) to.out.member(field, text);
  return {};
}

// OpenAI's reasoning models answer these with an error.
bool takes_sampling(const Writing& to) {
  if (!to.quirks.developer_role || !to.wanted.facts || to.lacks(Ability::Reasoning)) return true;
  const std::string_view model = to.wanted.model;
  const bool numbered = model.size() > 1 && model[0] == 'o' && model[1] >= '0' && model[1] <= '9';
  const bool fifth = model.starts_with("gpt-5") && model.find("chat") == std::string_view::npos;
  return !(numbered || fifth) || to.asked.reasoning.effort == "none";
}

Result<void> write_sampling(Writing& to) {
  const Conversation& asked = to.asked;
  struct Number {
    std::string_view field;
    JsonText json;
  };
  const bool takes = takes_sampling(to);
  for (const Number& number :
       {Number{"temperature", asked.temperature}, Number{"top_p", asked.top_p},
        Number{"frequency_penalty", asked.frequency_penalty},
        Number{"presence_penalty", asked.presence_penalty}}) {
    if (takes) {
      TRY_VOID(write_raw(to, number.field, number.json));
    } else if (!number.json.empty()) {
      TRY_VOID(to.losses.hint(number.field));
    }
  }
  if (!asked.top_k.empty() && to.strict()) {
    TRY_VOID(to.losses.hint("top_k"));
  } else {
    TRY_VOID(write_raw(to, "top_k", asked.top_k));
  }
  TRY_VOID(write_raw(to, "seed", asked.seed));
  return write_raw(to, "logit_bias", asked.logit_bias);
}

Result<void> write_limits(Writing& to) {
  const Conversation& asked = to.asked;
  if (asked.max_tokens) {
    to.out.member(to.quirks.completion_tokens ? "max_completion_tokens" : "max_tokens",
                  *asked.max_tokens);
  }
  if (!asked.stop.empty()) {
    TRY(const bool allowed, may(to, "stop", Importance::Meaning));
    if (allowed) {
      to.out.key("stop").begin_array();
      for (const std::string_view stop : asked.stop) to.out.value(stop);
      to.out.end_array();
    }
  }
  if (asked.choices) {
    const auto importance = *asked.choices > 1 ? Importance::Meaning : Importance::Hint;
    TRY(const bool allowed, may(to, "n", importance));
    if (allowed) to.out.member("n", *asked.choices);
  }
  if (asked.logprobs) {
    TRY(const bool allowed,
        may(to, "logprobs", *asked.logprobs ? Importance::Meaning : Importance::Hint));
    if (allowed) to.out.member("logprobs", *asked.logprobs);
  }
  if (asked.top_logprobs) {
    TRY(const bool allowed, may(to, "top_logprobs", Importance::Meaning));
    if (allowed) to.out.member("top_logprobs", *asked.top_logprobs);
  }
  return {};
}

Result<void> write_format(Writing& to) {
  using Kind = OutputFormat::Kind;
  const OutputFormat& format = to.asked.format;
  if (format.kind == Kind::NotGiven) return {};
  TRY(const bool allowed, may(to, "response_format",
                              format.kind == Kind::Text ? Importance::Hint : Importance::Meaning));
  if (!allowed) return {};
  if (format.kind == Kind::JsonSchema && to.lacks(Ability::JsonSchema)) {
    // The schema stands among the messages then.
    to.losses.approximate("response_format.json_schema");
    if (to.lacks(Ability::JsonObject)) return {};
    to.out.key("response_format").begin_object().member("type", "json_object").end_object();
    return {};
  }
  to.out.key("response_format").begin_object();
  if (format.kind != Kind::JsonSchema) {
    to.out.member("type", format.kind == Kind::Text ? "text" : "json_object");
  } else {
    to.out.member("type", "json_schema").key("json_schema").begin_object();
    to.out.member("name", format.name.empty() ? "answer" : format.name);
    if (!format.description.empty()) to.out.member("description", format.description);
    if (!format.schema.empty()) to.out.key("schema").raw(format.schema);
    if (format.strict) to.out.member("strict", *format.strict);
    to.out.end_object();
  }
  to.out.end_object();
  return {};
}

Result<void> write_modalities(Writing& to) {
  const SpokenAnswer& spoken = to.asked.spoken;
  if (spoken.wanted && to.lacks(Ability::AudioOut))
    return to.losses.meaning("audio", "the model does not speak");
  if (to.asked.images_wanted && to.lacks(Ability::ImagesOut))
    return to.losses.meaning("modalities", "the model does not draw");
  if (!spoken.wanted && !to.asked.images_wanted) return {};
  to.out.key("modalities").begin_array();
  if (to.asked.images_wanted) to.out.value("image");
  to.out.value("text");
  if (spoken.wanted) to.out.value("audio");
  to.out.end_array();
  if (!spoken.wanted || !own_extra(to.asked.extras, "audio").empty()) return {};
  to.out.key("audio").begin_object();
  to.out.member("voice", spoken.voice.empty() ? "alloy" : spoken.voice);
  to.out.member("format", spoken.format.empty() ? "wav" : spoken.format).end_object();
  return {};
}

Result<void> write_bookkeeping(Writing& to) {
  const Conversation& asked = to.asked;
  TRY_VOID(write_text(to, "user", asked.user));
  if (asked.service_tier == "standard_only") {  // Anthropic's word.
    TRY_VOID(to.losses.hint("service_tier"));
  } else {
    TRY_VOID(write_text(to, "service_tier", asked.service_tier));
  }
  TRY_VOID(write_text(to, "verbosity", asked.verbosity));
  TRY_VOID(write_text(to, "prompt_cache_key", asked.prompt_cache_key));
  TRY_VOID(write_text(to, "safety_identifier", asked.safety_identifier));
  TRY_VOID(write_raw(to, "metadata", asked.metadata));
  if (asked.store) {
    TRY(const bool allowed, may(to, "store"));
    if (allowed) to.out.member("store", *asked.store);
  }
  return write_cache_mark(to, asked.cache);
}

// "stream_options.…" belong inside of it.
Result<void> write_stream(Writing& to) {
  constexpr std::string_view kInside = "stream_options.";
  if (!to.wanted.stream) return {};
  to.out.member("stream", true);
  const bool usage = to.wanted.ask_for_usage && to.quirks.stream_usage != Quirks::Usage::None &&
                     to.quirks.stream_usage != Quirks::Usage::Always;
  bool open = false;
  const auto options = [&] {
    if (!std::exchange(open, true)) to.out.key("stream_options").begin_object();
  };
  if (usage) {
    options();
    to.out.member("include_usage", true);
  }
  for (const Extra& extra : to.asked.extras) {
    if (extra.of != Dialect::Chat || !extra.name.starts_with(kInside)) continue;
    options();
    to.out.key(extra.name.substr(kInside.size())).raw(extra.json);
  }
  if (open) to.out.end_object();
  return {};
}

Result<void> write_top_extras(Writing& to) {
  for (const Extra& extra : to.asked.extras) {
    if (extra.of != Dialect::Chat || extra.name.starts_with("stream_options.")) continue;
    TRY(const bool allowed, may(to, extra.name, extra.importance));
    if (allowed) to.out.key(extra.name).raw(extra.json);
  }
  return to.losses.extras(to.asked.extras, Dialect::Chat);
}

}  // namespace

Writing::Writing(const Conversation& its_conversation, const Wanted& its_wanted, Losses& its_losses,
                 Arena& its_arena)
    : asked(its_conversation),
      wanted(its_wanted),
      quirks(its_wanted.quirks ? *its_wanted.quirks : Quirks()),
      losses(its_losses),
      arena(its_arena),
      out(its_arena),
      functions(speaks_of_functions(its_conversation)) {}

Result<void> write_cache_mark(Writing& to, const CacheMark& mark) {
  if (!mark.set) return {};
  if (!to.router()) return to.losses.hint("cache_control");
  to.out.key("cache_control").begin_object().member("type", "ephemeral");
  if (!mark.ttl.empty()) to.out.member("ttl", mark.ttl);
  to.out.end_object();
  return {};
}

Result<void> write_extras(Writing& to, std::span<const Extra> extras) {
  for (const Extra& extra : extras) {
    if (extra.of == Dialect::Chat && !extra.json.empty()) to.out.key(extra.name).raw(extra.json);
  }
  return to.losses.extras(extras, Dialect::Chat);
}

JsonText own_extra(std::span<const Extra> extras, std::string_view name) {
  for (const Extra& extra : extras) {
    if (extra.of == Dialect::Chat && extra.name == name) return extra.json;
  }
  return {};
}

}  // namespace chat

Result<std::string_view> ChatDialect::write(const Conversation& conversation, const Wanted& wanted,
                                            Losses& losses, Arena& arena) const {
  using namespace chat;  // NOLINT(google-build-using-namespace)
  Writing to(conversation, wanted, losses, arena);
  to.out.begin_object().member("model", wanted.model);
  TRY_VOID(write_messages(to));
  TRY_VOID(write_stream(to));
  TRY_VOID(write_limits(to));
  TRY_VOID(write_sampling(to));
  TRY_VOID(write_tools(to));
  TRY_VOID(write_format(to));
  TRY_VOID(write_reasoning(to));
  TRY_VOID(write_modalities(to));
  TRY_VOID(write_bookkeeping(to));
  TRY_VOID(write_top_extras(to));
  to.out.end_object();
  return to.out.text();
}

const ConversationDialect& chat_dialect() {
  static const ChatDialect dialect;
  return dialect;
}

}  // namespace sluice::dialect
