#include "dialect/openai_chat_read.h"

#include "dialect/openai_chat.h"
#include "dialect/openai_fields.h"

#include <array>

namespace sluice::dialect::chat {
namespace {

using json::Kind;
using json::Value;

// Read by more than one place, or differently by libraries when they are doubled.
constexpr std::string_view kOnce[] = {"messages",
                                      "max_tokens",
                                      "max_completion_tokens",
                                      "tools",
                                      "tool_choice",
                                      "functions",
                                      "function_call",
                                      "response_format",
                                      "reasoning_effort",
                                      "reasoning",
                                      "thinking",
                                      "modalities",
                                      "audio",
                                      "temperature",
                                      "top_p",
                                      "stop",
                                      "n",
                                      "metadata",
                                      "user"};

Result<void> read_format(const Value& value, Arena& arena, Conversation& conversation,
                         ArenaList<Extra>& extras) {
  TRY_VOID(read_object(value, "response_format"));
  OutputFormat& format = conversation.format;
  const std::string_view type = text_or_nothing(value.find("type"), arena);
  if (type == "text") {
    format.kind = OutputFormat::Kind::Text;
  } else if (type == "json_object") {
    format.kind = OutputFormat::Kind::JsonObject;
  } else if (type == "json_schema") {
    const auto wished = value.find("json_schema");
    if (!wished) return wrong_field("response_format.json_schema", "an object");
    TRY_VOID(read_object(*wished, "response_format.json_schema"));
    format.kind = OutputFormat::Kind::JsonSchema;
    for (const auto member : wished->members()) {
      const std::string_view name = name_of(member, arena);
      if (is_null(member.value)) continue;
      if (name == "name") format.name = member.value.string(arena).value_or("");
      if (name == "description") format.description = member.value.string(arena).value_or("");
      if (name == "schema") {
        TRY(format.schema, read_object(member.value, "response_format.json_schema.schema"));
      }
      if (name == "strict") {
        TRY(format.strict, read_bool(member.value, "response_format.json_schema.strict"));
      }
    }
  } else {
    extras.add({Dialect::Chat, "response_format", value.raw(), Importance::Meaning});
  }
  return {};
}

// OpenRouter's "reasoning".
Result<void> read_reasoning_object(const Value& value, Arena& arena, Reasoning& reasoning) {
  TRY_VOID(read_object(value, "reasoning"));
  for (const auto member : value.members()) {
    const std::string_view name = name_of(member, arena);
    if (is_null(member.value)) continue;
    if (name == "effort") {
      TRY(reasoning.effort, read_text(member.value, "reasoning.effort", arena));
      reasoning.kind = Reasoning::Kind::Effort;
    } else if (name == "max_tokens") {
      TRY(reasoning.budget, read_count(member.value, "reasoning.max_tokens"));
      reasoning.kind = Reasoning::Kind::Budget;
    } else if (name == "enabled") {
      TRY(const bool enabled, read_bool(member.value, "reasoning.enabled"));
      if (!enabled) reasoning.kind = Reasoning::Kind::Off;
      if (enabled && reasoning.kind == Reasoning::Kind::NotGiven)
        reasoning.kind = Reasoning::Kind::Adaptive;
    } else if (name == "exclude") {
      TRY(const bool hidden, read_bool(member.value, "reasoning.exclude"));
      reasoning.shown = !hidden;
    } else if (name == "summary") {
      reasoning.summary = member.value.string(arena).value_or("");
    }
  }
  return {};
}

// "thinking": {"type": "enabled" | "disabled" | "adaptive", "budget_tokens": 1024}
Result<void> read_thinking_switch(const Value& value, Arena& arena, Reasoning& reasoning) {
  TRY_VOID(read_object(value, "thinking"));
  const std::string_view type = text_or_nothing(value.find("type"), arena);
  if (type == "disabled") {
    reasoning.kind = Reasoning::Kind::Off;
  } else if (const auto budget = value.find("budget_tokens"); is_given(budget)) {
    TRY(reasoning.budget, read_count(*budget, "thinking.budget_tokens"));
    reasoning.kind = Reasoning::Kind::Budget;
  } else if (reasoning.kind == Reasoning::Kind::NotGiven) {
    reasoning.kind = Reasoning::Kind::Adaptive;
  }
  return {};
}

// True: `name` was one of the ways to wish for thoughts.
Result<bool> read_reasoning(std::string_view name, const Value& value, Arena& arena,
                            Reasoning& reasoning) {
  if (name == "reasoning_effort") {
    TRY(reasoning.effort, read_text(value, name, arena));
    reasoning.kind = Reasoning::Kind::Effort;
  } else if (name == "reasoning") {
    TRY_VOID(read_reasoning_object(value, arena, reasoning));
  } else if (name == "thinking") {
    TRY_VOID(read_thinking_switch(value, arena, reasoning));
  } else if (name == "enable_thinking") {
    TRY(const bool enabled, read_bool(value, name));
    if (!enabled) {
      reasoning.kind = Reasoning::Kind::Off;
    } else if (reasoning.kind == Reasoning::Kind::NotGiven) {
      reasoning.kind = Reasoning::Kind::Adaptive;
    }
  } else if (name == "thinking_budget") {
    TRY(reasoning.budget, read_count(value, name));
    if (reasoning.kind != Reasoning::Kind::Off) reasoning.kind = Reasoning::Kind::Budget;
  } else if (name == "include_reasoning") {
    TRY(reasoning.shown, read_bool(value, name));
  } else {
    return false;
  }
  return true;
}

Result<void> read_modalities(const Value& value, Conversation& conversation) {
  if (value.kind() != Kind::Array) return wrong_field("modalities", "an array");
  for (const Value modality : value.elements()) {
    if (modality == "audio") conversation.spoken.wanted = true;
    if (modality == "image") conversation.images_wanted = true;
  }
  return {};
}

Result<void> read_audio(const Value& value, Arena& arena, Conversation& conversation,
                        ArenaList<Extra>& extras) {
  TRY_VOID(read_object(value, "audio"));
  if (const auto voice = value.find("voice")) {
    // A voice of one's own is an object.
    if (voice->kind() == Kind::Object)
      extras.add({Dialect::Chat, "audio", value.raw(), Importance::Meaning});
    else
      conversation.spoken.voice = text_or_nothing(voice, arena);
  }
  conversation.spoken.format = text_or_nothing(value.find("format"), arena);
  return {};
}

// What is not the turns, the tools, or shared with completions.
Result<bool> read_wish(std::string_view name, const Value& value, Arena& arena,
                       Conversation& conversation, ArenaList<Extra>& extras) {
  TRY(const bool thoughts, read_reasoning(name, value, arena, conversation.reasoning));
  if (thoughts) return true;
  if (name == "response_format") {
    TRY_VOID(read_format(value, arena, conversation, extras));
  } else if (name == "parallel_tool_calls") {
    TRY(conversation.tool_choice.parallel, read_bool(value, name));
  } else if (name == "modalities") {
    TRY_VOID(read_modalities(value, conversation));
  } else if (name == "audio") {
    TRY_VOID(read_audio(value, arena, conversation, extras));
  } else if (name == "logprobs") {
    TRY(conversation.logprobs, read_bool(value, name));
  } else if (name == "top_logprobs") {
    TRY(conversation.top_logprobs, read_count(value, name));
  } else if (name == "verbosity") {
    TRY(conversation.verbosity, read_text(value, name, arena));
  } else if (name == "prompt_cache_key") {
    TRY(conversation.prompt_cache_key, read_text(value, name, arena));
  } else if (name == "safety_identifier") {
    TRY(conversation.safety_identifier, read_text(value, name, arena));
  } else if (name == "metadata") {
    TRY(conversation.metadata, read_object(value, name));
  } else if (name == "store") {
    TRY(conversation.store, read_bool(value, name));
  } else if (name == "cache_control") {
    conversation.cache = read_cache_control(value, arena);
  } else {
    return false;
  }
  return true;
}

Result<std::span<const std::string_view>> read_stops(const Value& value, Arena& arena) {
  if (value.kind() == Kind::String) {
    TRY(const std::string_view only, read_text(value, "stop", arena));
    return arena.array_of(only);
  }
  if (value.kind() != Kind::Array) return wrong_field("stop", "a string or an array of strings");
  ArenaList<std::string_view> stops(arena);
  for (const Value stop : value.elements()) {
    TRY(const std::string_view text, read_text(stop, "stop", arena));
    stops.add(text);
  }
  return stops.all();
}

// stream_options, but for the wish for usage, which is read elsewhere.
void read_stream_options(const Value& value, Arena& arena, ArenaList<Extra>& extras) {
  for (const auto member : value.members()) {
    const std::string_view name = name_of(member, arena);
    if (name == "include_usage" || is_null(member.value)) continue;
    extras.add(
        {Dialect::Chat, arena.join("stream_options.", name), member.value.raw(), Importance::Hint});
  }
}

}  // namespace

Result<void> refuse_doubled(const Value& body) {
  return json::refuse_duplicates(body, kOnce);
}

Result<void> read_chat_member(std::string_view name, const Value& value, Arena& arena,
                              Conversation& conversation, ArenaList<Extra>& extras) {
  if (name == "messages") {
    TRY(conversation.turns, read_chat_messages(value, arena));
  } else if (name == "tools") {
    TRY(conversation.tools, read_chat_tools(value, arena));
  } else if (name == "functions") {
    if (conversation.tools.empty()) {
      TRY(conversation.tools, read_chat_functions(value, arena));
    }
  } else if (name == "tool_choice" || name == "function_call") {
    if (conversation.tool_choice.kind == ToolChoice::Kind::NotGiven || name == "tool_choice")
      TRY_VOID(read_chat_tool_choice(value, arena, conversation.tool_choice));
  } else if (name == "max_completion_tokens") {
    TRY(conversation.max_tokens, read_count(value, name));
  } else if (name == "max_tokens") {
    TRY(const std::int64_t most, read_count(value, name));
    if (!conversation.max_tokens) conversation.max_tokens = most;
  } else if (name == "stream_options") {
    read_stream_options(value, arena, extras);
  } else {
    TRY(const bool wish, read_wish(name, value, arena, conversation, extras));
    if (wish) return {};
    TRY(const bool shared, read_sampling(name, value, arena, conversation));
    if (!shared) extras.add({Dialect::Chat, name, value.raw(), Importance::Hint});
  }
  return {};
}

CacheMark read_cache_control(const Value& value, Arena& arena) {
  if (value.kind() != Kind::Object) return {};
  return {true, text_or_nothing(value.find("ttl"), arena)};
}

Result<bool> read_sampling(std::string_view name, const Value& value, Arena& arena,
                           Conversation& conversation) {
  struct Number {
    std::string_view name;
    JsonText Conversation::* member;
  };
  constexpr std::array kNumbers = {
      Number{"temperature", &Conversation::temperature},
      Number{"top_p", &Conversation::top_p},
      Number{"top_k", &Conversation::top_k},
      Number{"frequency_penalty", &Conversation::frequency_penalty},
      Number{"presence_penalty", &Conversation::presence_penalty},
      Number{"seed", &Conversation::seed},
  };
  for (const Number& number : kNumbers) {
    if (name != number.name) continue;
    TRY(conversation.*number.member, read_number(value, name));
    return true;
  }
  if (name == "stop") {
    TRY(conversation.stop, read_stops(value, arena));
  } else if (name == "n") {
    TRY(conversation.choices, read_count(value, name));
  } else if (name == "logit_bias") {
    TRY(conversation.logit_bias, read_object(value, name));
  } else if (name == "user") {
    TRY(conversation.user, read_text(value, name, arena));
  } else if (name == "service_tier") {
    TRY(conversation.service_tier, read_text(value, name, arena));
  } else {
    return false;
  }
  return true;
}

}  // namespace sluice::dialect::chat

namespace sluice::dialect {

Result<void> ChatDialect::read(const json::Value& body, Arena& arena,
                               Conversation& conversation) const {
  TRY_VOID(chat::refuse_doubled(body));
  ArenaList<Extra> extras(arena);
  bool asked = false;
  for (const auto member : body.members()) {
    const std::string_view name = chat::name_of(member, arena);
    asked |= name == "messages";
    if (chat::is_null(member.value) || name == "model" || name == "stream") continue;
    TRY_VOID(chat::read_chat_member(name, member.value, arena, conversation, extras));
  }
  if (!asked || conversation.turns.empty())
    return chat::wrong_field("messages", "an array of at least one message");
  conversation.extras = extras.all();
  return {};
}

}  // namespace sluice::dialect
