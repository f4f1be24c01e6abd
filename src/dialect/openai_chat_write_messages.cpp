#include "dialect/arena_list.h"
#include "dialect/conversation_text.h"
#include "dialect/openai_chat_thoughts.h"
#include "dialect/openai_chat_write.h"
#include "dialect/openai_functions.h"

#include <algorithm>

namespace sluice::dialect::chat {
namespace {

template <class Kind>
bool any(std::span<const Part> parts) {
  return std::ranges::any_of(
      parts, [](const Part& part) { return std::holds_alternative<Kind>(part.what); });
}

std::string_view role_of(const Writing& to, Role role) {
  if (role == Role::Developer && to.quirks.developer_role) return "developer";
  return role == Role::User ? "user" : "system";
}

// The text of a tool's result; media go into `attached`.
Result<void> write_result_content(Writing& to, const ToolResult& result,
                                  ArenaList<Part>& attached) {
  ArenaList<Part> texts(to.arena);
  for (const Part& part : result.parts) {
    const auto* media = std::get_if<Media>(&part.what);
    if (media && media->source == MediaSource::PlainText) {
      texts.add({.what = Text{media->data}});
    } else if (media) {
      attached.add(part);
    } else if (std::holds_alternative<Text>(part.what)) {
      texts.add(part);
    } else if (const auto* foreign = std::get_if<Foreign>(&part.what)) {
      if (foreign->of == Dialect::Chat && !to.quirks.text_only_tools) {
        texts.add(part);
      } else {
        TRY_VOID(
            to.losses.lose(foreign->importance, to.arena.join("messages.content.", foreign->type)));
      }
    }
  }
  to.out.key("content");
  if (texts.empty() && !result.json.empty()) {
    to.out.value(result.json);
  } else if (to.quirks.text_only_tools) {
    to.out.value(joined_text(texts.all(), "\n", to.arena));
  } else {
    return write_content(to, texts.all());
  }
  return {};
}

Result<void> write_result(Writing& to, const ToolResult& result, const Part& part,
                          std::span<const Extra> extras, ArenaList<Part>& attached) {
  const bool function = to.functions && result.call_id.starts_with(kFunctionCallId);
  to.out.begin_object().member("role", function ? "function" : "tool");
  if (function) {
    to.out.member("name", result.name);
  } else {
    to.out.member("tool_call_id", result.call_id);
  }
  if (result.is_error) to.losses.approximate("messages.content.is_error");
  TRY_VOID(write_cache_mark(to, part.cache));
  TRY_VOID(write_extras(to, extras));
  TRY_VOID(to.losses.extras(part.extras, Dialect::Chat));
  const std::size_t before = attached.size();
  TRY_VOID(write_result_content(to, result, attached));
  if (attached.size() != before) to.losses.approximate("messages.content.tool_result");
  to.out.end_object();
  return {};
}

// Results follow the call at once, each a message; what else a user says comes behind them.
Result<void> write_user(Writing& to, const Turn& turn) {
  ArenaList<Part> rest(to.arena);
  bool results = false;
  for (const Part& part : turn.parts) {
    const auto* result = std::get_if<ToolResult>(&part.what);
    if (!result) continue;
    // What the caller said beside a result was said once.
    const auto extras = std::exchange(results, true) ? std::span<const Extra>() : turn.extras;
    TRY_VOID(write_result(to, *result, part, extras, rest));
  }
  for (const Part& part : turn.parts) {
    if (!std::holds_alternative<ToolResult>(part.what)) rest.add(part);
  }
  if (results && rest.empty()) return {};
  to.out.begin_object();
  to.out.member("role", role_of(to, turn.role == Role::Tool ? Role::User : turn.role));
  if (!turn.name.empty()) to.out.member("name", turn.name);
  if (!results) TRY_VOID(write_extras(to, turn.extras));
  to.out.key("content");
  TRY_VOID(write_content(to, rest.all()));
  to.out.end_object();
  return {};
}

Result<void> write_call(Writing& to, const ToolCall& call, const Part& part) {
  const bool custom = call.kind == ToolKind::Custom && knows_custom_tools(to);
  to.out.begin_object().member("id", call.id);
  to.out.member("type", custom ? "custom" : "function");
  to.out.key(custom ? "custom" : "function").begin_object().member("name", call.name);
  if (custom) {
    to.out.member("input", call.arguments);
  } else if (call.kind == ToolKind::Custom) {
    to.out.member("arguments", arguments_object(call, to.losses, to.arena));
  } else {
    to.out.member("arguments", call.arguments.empty() ? "{}" : call.arguments);
  }
  to.out.end_object();
  if (call.signature.given()) {
    if (call.signature.by == Dialect::Chat && is_object(call.signature.text)) {
      to.out.key("extra_content").raw(call.signature.text);
    } else {
      TRY_VOID(to.losses.hint("thought_signature"));
    }
  }
  TRY_VOID(write_cache_mark(to, part.cache));
  TRY_VOID(write_extras(to, part.extras));
  to.out.end_object();
  return {};
}

Result<void> write_calls(Writing& to, std::span<const Part> parts) {
  bool open = false;
  for (const Part& part : parts) {
    const auto* call = std::get_if<ToolCall>(&part.what);
    if (!call) continue;
    if (to.functions && call->id.starts_with(kFunctionCallId)) {
      to.out.key("function_call").begin_object().member("name", call->name);
      to.out.member("arguments", call->arguments).end_object();
      continue;
    }
    if (call->kind == ToolKind::BuiltIn) {
      TRY_VOID(to.losses.hint(to.arena.join("messages.content.", call->name)));
      continue;
    }
    if (!open) to.out.key("tool_calls").begin_array();
    open = true;
    TRY_VOID(write_call(to, *call, part));
  }
  if (open) to.out.end_array();
  return {};
}

// Thoughts that stand among the content, as Mistral has them.
JsonText inline_thought(const Part& part) {
  return std::holds_alternative<Thinking>(part.what) ? own_extra(part.extras, "thinking")
                                                     : JsonText();
}

Result<void> write_assistant_content(Writing& to, std::span<const Part> parts) {
  to.out.key("content");
  const bool thoughts =
      std::ranges::any_of(parts, [](const Part& part) { return !inline_thought(part).empty(); });
  if (thoughts) {
    to.out.begin_array();
    for (const Part& part : parts) {
      if (const JsonText thought = inline_thought(part); !thought.empty()) to.out.raw(thought);
      if (std::holds_alternative<Text>(part.what)) TRY_VOID(write_part(to, part));
    }
    to.out.end_array();
    return {};
  }
  ArenaList<Part> said(to.arena);
  for (const Part& part : parts) {
    const auto* media = std::get_if<Media>(&part.what);
    if (media && media->kind != MediaKind::Document) {
      // Assistants say texts; what they drew is not shown to them again.
      TRY_VOID(to.losses.hint("messages.content.media"));
    } else {
      said.add(part);
    }
  }
  const bool marked = std::ranges::any_of(said.all(), [&to](const Part& part) {
    return !part.extras.empty() || (part.cache.set && to.router());
  });
  const bool texts = any<Text>(said.all());
  if (!texts && !any<Foreign>(said.all())) {
    if (any<ToolCall>(parts) || any<Refusal>(parts)) {
      to.out.null();
    } else {
      to.out.value("");
    }
    return {};
  }
  // Only OpenAI is known to take several texts here.
  if (to.strict() || marked || any<Foreign>(said.all())) return write_content(to, said.all());
  for (const Part& part : said.all()) TRY_VOID(write_cache_mark(to, part.cache));
  to.out.value(joined_text(said.all(), "", to.arena));
  return {};
}

Result<void> write_assistant(Writing& to, const Turn& turn) {
  to.out.begin_object().member("role", "assistant");
  if (!turn.name.empty()) to.out.member("name", turn.name);
  TRY_VOID(write_extras(to, turn.extras));
  TRY_VOID(write_assistant_content(to, turn.parts));
  ArenaList<Part> refusals(to.arena);
  for (const Part& part : turn.parts) {
    if (const auto* refusal = std::get_if<Refusal>(&part.what))
      refusals.add({.what = Text{refusal->text}});
  }
  if (!refusals.empty()) to.out.member("refusal", joined_text(refusals.all(), "", to.arena));
  TRY_VOID(write_thoughts(to, turn.parts));
  TRY_VOID(write_calls(to, turn.parts));
  to.out.end_object();
  return {};
}

}  // namespace

Result<void> write_messages(Writing& to) {
  to.out.key("messages").begin_array();
  if (to.asked.format.kind == OutputFormat::Kind::JsonSchema && to.lacks(Ability::JsonSchema)) {
    to.out.begin_object().member("role", "system");
    to.out.member("content", to.arena.join("Answer with nothing but a JSON object that follows "
                                           "this JSON Schema:\n",
                                           to.asked.format.schema));
    to.out.end_object();
  }
  for (const Turn& turn : to.asked.turns) {
    if (turn.role == Role::Assistant) {
      TRY_VOID(write_assistant(to, turn));
    } else {
      TRY_VOID(write_user(to, turn));
    }
  }
  to.out.end_array();
  return {};
}

}  // namespace sluice::dialect::chat
