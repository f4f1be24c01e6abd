#include "dialect/openai_completions.h"

#include "base/json_writer.h"
#include "dialect/conversation_text.h"
#include "dialect/openai_chat_read.h"
#include "dialect/openai_decoder.h"
#include "dialect/openai_fields.h"

#include <algorithm>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

constexpr std::string_view kOnce[] = {"prompt", "max_tokens", "n",    "stop",
                                      "suffix", "echo",       "user", "logprobs"};

// A single text is what a user says; lists are questions of their own, and tokens nobody else's.
Result<void> read_prompt(const Value& prompt, Arena& arena, Conversation& conversation,
                         ArenaList<Extra>& extras) {
  std::optional<Value> text;
  std::size_t count = 0;
  if (prompt.kind() == Kind::String) {
    text = prompt;
  } else if (prompt.kind() == Kind::Array) {
    for (const Value element : prompt.elements()) {
      if (element.kind() == Kind::String) text = element;
      ++count;
    }
  } else {
    return chat::wrong_field("prompt", "a string or an array");
  }
  if (!text || count > 1) {
    extras.add({Dialect::Completions, "prompt", prompt.raw(), Importance::Meaning});
    return {};
  }
  TRY(const std::string_view said, chat::read_text(*text, "prompt", arena));
  conversation.turns = arena.array_of(Turn{.parts = arena.array_of(Part{.what = Text{said}})});
  return {};
}

// What makes another answer of it, unless it is as by default.
Importance importance_of(std::string_view name, const Value& value) {
  if (name == "suffix") return value == "" ? Importance::Hint : Importance::Meaning;
  if (name == "echo") return value.boolean() == true ? Importance::Meaning : Importance::Hint;
  if (name == "best_of") return value.integer() == 1 ? Importance::Hint : Importance::Meaning;
  return Importance::Hint;
}

Result<void> read_member(std::string_view name, const Value& value, Arena& arena,
                         Conversation& conversation, ArenaList<Extra>& extras) {
  if (name == "prompt") return read_prompt(value, arena, conversation, extras);
  if (name == "max_tokens") {
    TRY(conversation.max_tokens, chat::read_count(value, name));
    return {};
  }
  if (name == "logprobs") {
    TRY(const std::int64_t most, chat::read_count(value, name));
    conversation.logprobs = true;
    conversation.top_logprobs = most;
    return {};
  }
  if (name == "stream_options") return {};  // The wish for usage is read elsewhere.
  TRY(const bool shared, chat::read_sampling(name, value, arena, conversation));
  if (!shared) extras.add({Dialect::Completions, name, value.raw(), importance_of(name, value)});
  return {};
}

std::string_view speaker(Role role) {
  switch (role) {
    case Role::System:
    case Role::Developer:
      return "";
    case Role::Assistant:
      return "Assistant: ";
    default:
      return "User: ";
  }
}

// A dialogue is told as one.
Result<std::string_view> prompt_of(const Conversation& asked, Losses& losses, Arena& arena) {
  const auto turns = asked.turns;
  std::string dialogue;
  for (const Turn& turn : turns) {
    for (const Part& part : turn.parts) {
      if (std::holds_alternative<Text>(part.what)) continue;
      if (std::holds_alternative<Thinking>(part.what)) {
        TRY_VOID(losses.hint("reasoning"));
        continue;
      }
      TRY_VOID(losses.meaning("messages.content", "it takes text only"));
    }
    if (turns.size() == 1 && turn.role == Role::User) return joined_text(turn.parts, "", arena);
    if (!dialogue.empty()) dialogue.append("\n\n");
    dialogue.append(speaker(turn.role)).append(joined_text(turn.parts, "", arena));
  }
  if (turns.empty()) return std::string_view();
  losses.approximate("messages");
  if (turns.back().role != Role::Assistant) dialogue.append("\n\nAssistant:");
  return arena.keep(dialogue);
}

Result<void> write_numbers(json::Writer& out, const Conversation& asked, Losses& losses) {
  struct Number {
    std::string_view field;
    JsonText json;
  };
  for (const Number& number :
       {Number{"temperature", asked.temperature}, Number{"top_p", asked.top_p},
        Number{"frequency_penalty", asked.frequency_penalty},
        Number{"presence_penalty", asked.presence_penalty}, Number{"seed", asked.seed},
        Number{"logit_bias", asked.logit_bias}}) {
    if (!number.json.empty()) out.key(number.field).raw(number.json);
  }
  if (!asked.top_k.empty()) TRY_VOID(losses.hint("top_k"));
  if (asked.max_tokens) out.member("max_tokens", *asked.max_tokens);
  if (asked.choices) out.member("n", *asked.choices);
  if (asked.logprobs.value_or(false)) out.member("logprobs", asked.top_logprobs.value_or(0));
  if (!asked.stop.empty()) {
    out.key("stop").begin_array();
    for (const std::string_view stop : asked.stop) out.value(stop);
    out.end_array();
  }
  return {};
}

// What there is no word for.
Result<void> lose_the_rest(const Conversation& asked, Losses& losses) {
  struct Hint {
    bool given;
    std::string_view field;
  };
  const bool reasons = asked.reasoning.kind != Reasoning::Kind::NotGiven;
  for (const Hint& hint :
       {Hint{reasons, "reasoning"}, Hint{!asked.service_tier.empty(), "service_tier"},
        Hint{!asked.verbosity.empty(), "verbosity"},
        Hint{!asked.prompt_cache_key.empty(), "prompt_cache_key"},
        Hint{!asked.safety_identifier.empty(), "safety_identifier"},
        Hint{!asked.metadata.empty(), "metadata"}, Hint{asked.store.has_value(), "store"},
        Hint{asked.cache.set, "cache_control"}}) {
    if (hint.given) TRY_VOID(losses.hint(hint.field));
  }
  if (!asked.tools.empty()) TRY_VOID(losses.meaning("tools", "it calls none"));
  const auto format = asked.format.kind;
  if (format == OutputFormat::Kind::JsonObject || format == OutputFormat::Kind::JsonSchema)
    TRY_VOID(losses.meaning("response_format", "it answers with text"));
  if (asked.spoken.wanted) TRY_VOID(losses.meaning("audio", "it answers with text"));
  if (asked.images_wanted) TRY_VOID(losses.meaning("modalities", "it answers with text"));
  return losses.extras(asked.extras, Dialect::Completions);
}

}  // namespace

Result<void> CompletionsDialect::read(const Value& body, Arena& arena,
                                      Conversation& conversation) const {
  TRY_VOID(json::refuse_duplicates(body, kOnce));
  ArenaList<Extra> extras(arena);
  bool asked = false;
  for (const auto member : body.members()) {
    const std::string_view name = chat::name_of(member, arena);
    if (chat::is_null(member.value) || name == "model" || name == "stream") continue;
    asked |= name == "prompt";
    TRY_VOID(read_member(name, member.value, arena, conversation, extras));
  }
  if (!asked) return chat::wrong_field("prompt", "a string or an array");
  conversation.extras = extras.all();
  return {};
}

Result<std::string_view> CompletionsDialect::write(const Conversation& conversation,
                                                   const Wanted& wanted, Losses& losses,
                                                   Arena& arena) const {
  json::Writer out(arena);
  out.begin_object().member("model", wanted.model);
  TRY(const std::string_view prompt, prompt_of(conversation, losses, arena));
  if (!conversation.turns.empty()) out.member("prompt", prompt);
  if (wanted.stream) {
    out.member("stream", true);
    if (wanted.ask_for_usage)
      out.key("stream_options").begin_object().member("include_usage", true).end_object();
  }
  TRY_VOID(write_numbers(out, conversation, losses));
  if (!conversation.user.empty()) out.member("user", conversation.user);
  for (const Extra& extra : conversation.extras) {
    if (extra.of == Dialect::Completions) out.key(extra.name).raw(extra.json);
  }
  TRY_VOID(lose_the_rest(conversation, losses));
  out.end_object();
  return out.text();
}

ArenaPtr<Decoder> CompletionsDialect::decoder(Arena& arena, json::Reader& reader) const {
  return make_chat_decoder(arena, reader, UsageEvent::Pass);
}

const ConversationDialect& completions_dialect() {
  static const CompletionsDialect dialect;
  return dialect;
}

}  // namespace sluice::dialect
