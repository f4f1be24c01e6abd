#include "dialect/conversation_text.h"
#include "dialect/gemini_writing.h"
#include "dialect/structured_schema.h"

#include <algorithm>

namespace sluice::dialect {
namespace {

constexpr std::string_view kConfig = "generationConfig";
constexpr std::string_view kThinking = "generationConfig.thinkingConfig";
constexpr std::string_view kToolConfig = "toolConfig";

// What stands below `object` in the extra's name; nothing: it stands elsewhere, or deeper.
std::string_view name_below(std::string_view object, std::string_view name) {
  if (!object.empty()) {
    if (!name.starts_with(object) || name.substr(object.size(), 1) != ".") return {};
    name.remove_prefix(object.size() + 1);
  }
  return name.find('.') == std::string_view::npos ? name : std::string_view();
}

// What a model family can be told about thinking.
struct Thinker {
  bool thinks = true;
  bool by_level = false;  // By "thinkingLevel"; else by a budget.
  bool has_minimal = false;
  std::int64_t least = 0;  // Of budgets; 0: it can be switched off.
  std::int64_t most = 0;   // 0: not known.
};

Thinker thinker_of(const Wanted& wanted) {
  const int generation = gemini_generation(wanted.model);
  const auto has = [&](std::string_view word) {
    return wanted.model.find(word) != std::string_view::npos;
  };
  if (generation >= 3) return {.by_level = true, .has_minimal = has("flash"), .most = 32768};
  if (wanted.facts && !wanted.facts->abilities.has(Ability::Reasoning)) return {.thinks = false};
  if (generation == 1 || (generation == 2 && has("gemini-2.0")) || has("gemma"))
    return {.thinks = has("thinking")};
  if (generation == 2 && has("pro")) return {.least = 128, .most = 32768};
  if (generation == 2) return {.most = 24576};
  return {};
}

class Config {
 public:
  explicit Config(GeminiDraft& draft)
      : draft_(draft), asked_(draft.conversation), out_(draft.out) {}

  Result<void> write() {
    number("maxOutputTokens", asked_.max_tokens);
    raw("temperature", asked_.temperature);
    raw("topP", asked_.top_p);
    raw("topK", asked_.top_k);
    raw("frequencyPenalty", asked_.frequency_penalty);
    raw("presencePenalty", asked_.presence_penalty);
    raw("seed", asked_.seed);
    number("candidateCount", asked_.choices);
    write_stops();
    write_logprobs();
    write_format();
    write_modalities();
    write_thinking();
    if (has_gemini_extra(asked_, kConfig)) {
      begin();
      write_gemini_extras(draft_, kConfig);
    }
    if (begun_) out_.end_object();
    return {};
  }

 private:
  void begin() {
    if (!begun_) out_.key(kConfig).begin_object();
    begun_ = true;
  }
  json::Writer& key(std::string_view name) {
    begin();
    return out_.key(name);
  }
  bool said_by_extra(std::string_view name) { return has_gemini_extra(asked_, kConfig, name); }

  void number(std::string_view name, const std::optional<std::int64_t>& value) {
    if (value) key(name).value(*value);
  }
  void raw(std::string_view name, JsonText value) {
    if (!value.empty()) key(name).raw(value);
  }

  void write_stops() {
    if (asked_.stop.empty()) return;
    key("stopSequences").begin_array();
    for (const std::string_view stop : asked_.stop) out_.value(stop);
    out_.end_array();
  }

  void write_logprobs() {
    if (asked_.logprobs) key("responseLogprobs").value(*asked_.logprobs);
    if (asked_.top_logprobs && asked_.logprobs.value_or(true))
      key("logprobs").value(*asked_.top_logprobs);
  }

  void write_format() {
    using Kind = OutputFormat::Kind;
    const OutputFormat& format = asked_.format;
    if (format.kind == Kind::JsonObject || format.kind == Kind::JsonSchema) {
      if (!said_by_extra("responseMimeType")) key("responseMimeType").value("application/json");
    } else if (format.kind == Kind::Text) {
      key("responseMimeType").value("text/plain");
    }
    if (format.kind == Kind::JsonSchema && !format.schema.empty())
      key("responseJsonSchema").raw(format.schema);
  }

  void write_modalities() {
    if ((asked_.spoken.wanted || asked_.images_wanted) && !said_by_extra("responseModalities")) {
      key("responseModalities").begin_array();
      if (asked_.spoken.wanted) {
        out_.value("AUDIO");
      } else {
        out_.value("TEXT").value("IMAGE");
      }
      out_.end_array();
    }
    if (!asked_.spoken.voice.empty() && !said_by_extra("speechConfig")) {
      key("speechConfig").begin_object().key("voiceConfig").begin_object();
      out_.key("prebuiltVoiceConfig").begin_object();
      out_.member("voiceName", asked_.spoken.voice);
      out_.end_object().end_object().end_object();
    }
  }

  void write_thinking() {
    const Reasoning& reasoning = asked_.reasoning;
    const bool extra = has_gemini_extra(asked_, kThinking);
    const bool wished = reasoning.kind != Reasoning::Kind::NotGiven ||
                        reasoning.shown.has_value() || !reasoning.summary.empty();
    if (!wished && !extra) return;
    const Thinker thinker = thinker_of(draft_.wanted);
    if (!thinker.thinks) {
      lost_thinking = reasoning.kind != Reasoning::Kind::Off;
      return;
    }
    key("thinkingConfig").begin_object();
    if (shows(reasoning)) {
      out_.member("includeThoughts", true);
    } else if (reasoning.shown && reasoning.kind == Reasoning::Kind::NotGiven) {
      out_.member("includeThoughts", false);
    }
    write_depth(reasoning, thinker);
    write_gemini_extras(draft_, kThinking);
    out_.end_object();
  }

  // Who asks for thoughts, not for an effort only, reads them, unless it is said that they do not.
  static bool shows(const Reasoning& reasoning) {
    const bool thoughts =
        reasoning.kind == Reasoning::Kind::Budget || reasoning.kind == Reasoning::Kind::Adaptive;
    return reasoning.shown.value_or(thoughts || !reasoning.summary.empty());
  }

  void write_depth(const Reasoning& reasoning, const Thinker& thinker) {
    switch (reasoning.kind) {
      case Reasoning::Kind::NotGiven:
        return;
      case Reasoning::Kind::Off:
        return write_off(thinker);
      case Reasoning::Kind::Adaptive:
        if (!thinker.by_level) {
          out_.member("thinkingBudget", -1);
        } else if (!reasoning.effort.empty()) {
          write_effort(reasoning, thinker);
        }
        return;
      case Reasoning::Kind::Effort:
        return write_effort(reasoning, thinker);
      case Reasoning::Kind::Budget:
        return write_budget(reasoning.budget, thinker);
    }
  }

  void write_off(const Thinker& thinker) {
    if (thinker.by_level) {
      draft_.losses.approximate("reasoning");
      out_.member("thinkingLevel", thinker.has_minimal ? "minimal" : "low");
      return;
    }
    if (thinker.least > 0) draft_.losses.approximate("reasoning");
    out_.member("thinkingBudget", thinker.least);
  }

  void write_budget(std::int64_t budget, const Thinker& thinker) {
    std::int64_t told = std::max(budget, thinker.least);
    if (thinker.most > 0) told = std::min(told, thinker.most);
    if (told != budget) draft_.losses.approximate("reasoning");
    out_.member("thinkingBudget", told);
  }

  void write_effort(const Reasoning& reasoning, const Thinker& thinker) {
    const std::string_view effort = reasoning.effort;
    if (effort == "none") return write_off(thinker);
    if (!thinker.by_level) return write_budget(budget_of_effort(effort), thinker);
    std::string_view level = effort;
    if (effort == "xhigh" || effort == "max") level = "high";
    if (effort == "minimal" && !thinker.has_minimal) level = "low";
    if (level != effort) draft_.losses.approximate("reasoning");
    out_.member("thinkingLevel", level);
  }

 public:
  bool lost_thinking = false;

 private:
  GeminiDraft& draft_;
  const Conversation& asked_;
  json::Writer& out_;
  bool begun_ = false;
};

Result<void> lose_from_tool(const Tool& tool, Losses& losses) {
  if (tool.cache.set) TRY_VOID(losses.hint("tools.cache_control"));
  if (tool.strict.value_or(false) && tool.kind == ToolKind::Function)
    TRY_VOID(losses.hint("tools.strict"));
  return losses.extras(tool.extras, Dialect::Gemini);
}

void write_declaration(json::Writer& out, const Tool& tool, Arena& arena) {
  if (tool.of == Dialect::Gemini && !tool.json.empty() && tool.kind == ToolKind::Function) {
    out.raw(tool.json);
    return;
  }
  out.begin_object().member("name", tool.name);
  if (!tool.description.empty()) out.member("description", tool.description);
  if (tool.kind == ToolKind::Custom) {
    out.key("parametersJsonSchema").raw(kCustomToolSchema);
  } else if (!tool.parameters.empty()) {
    out.key("parametersJsonSchema").raw(object_schema(tool.parameters, arena));
  }
  out.end_object();
}

// Whether any function is left that could be called.
Result<bool> write_tools(GeminiDraft& draft) {
  bool functions = false;
  bool begun = false;
  for (const Tool& tool : draft.conversation.tools) {
    TRY_VOID(lose_from_tool(tool, draft.losses));
    if (tool.kind == ToolKind::BuiltIn) continue;
    if (!begun) draft.out.key("tools").begin_array();
    if (!functions) draft.out.begin_object().key("functionDeclarations").begin_array();
    begun = functions = true;
    write_declaration(draft.out, tool, draft.arena);
  }
  if (functions) draft.out.end_array().end_object();
  const ToolChoice& choice = draft.conversation.tool_choice;
  for (const Tool& tool : draft.conversation.tools) {
    if (tool.kind != ToolKind::BuiltIn) continue;
    if (tool.of != Dialect::Gemini) {
      const bool named = choice.kind == ToolChoice::Kind::Named &&
                         (choice.name == tool.name || choice.name == tool.type);
      TRY_VOID(draft.losses.lose(named ? Importance::Meaning : Importance::Hint,
                                 tool.type.empty() ? tool.name : tool.type));
      continue;
    }
    if (!begun) draft.out.key("tools").begin_array();
    begun = true;
    draft.out.raw(tool.json);
  }
  if (begun) draft.out.end_array();
  return functions;
}

void write_choice(GeminiDraft& draft) {
  using Kind = ToolChoice::Kind;
  const ToolChoice& choice = draft.conversation.tool_choice;
  draft.out.key("functionCallingConfig").begin_object();
  const bool only_some = !choice.allowed.empty();
  std::string_view mode = "AUTO";
  // Only calls that are forced or checked can be restricted to some functions.
  if (choice.kind == Kind::Auto && only_some) mode = "VALIDATED";
  if (choice.kind == Kind::None) mode = "NONE";
  if (choice.kind == Kind::Required || choice.kind == Kind::Named) mode = "ANY";
  draft.out.member("mode", mode);
  if (choice.kind == Kind::Named) {
    draft.out.key("allowedFunctionNames").begin_array().value(choice.name).end_array();
  } else if (only_some && choice.kind != Kind::None) {
    draft.out.key("allowedFunctionNames").begin_array();
    for (const std::string_view name : choice.allowed) draft.out.value(name);
    draft.out.end_array();
  }
  draft.out.end_object();
}

}  // namespace

void write_gemini_extras(GeminiDraft& draft, std::string_view object) {
  for (const Extra& extra : draft.conversation.extras) {
    if (extra.of != Dialect::Gemini) continue;
    const std::string_view name = name_below(object, extra.name);
    if (!name.empty()) draft.out.key(name).raw(extra.json);
  }
}

bool has_gemini_extra(const Conversation& conversation, std::string_view object,
                      std::string_view name) {
  return std::ranges::any_of(conversation.extras, [&](const Extra& extra) {
    if (extra.of != Dialect::Gemini) return false;
    const std::string_view below = name_below(object, extra.name);
    return !below.empty() && (name.empty() || below == name);
  });
}

Result<void> write_gemini_tools(GeminiDraft& draft) {
  using Kind = ToolChoice::Kind;
  const ToolChoice& choice = draft.conversation.tool_choice;
  TRY(const bool functions, write_tools(draft));
  if (choice.parallel && !*choice.parallel) TRY_VOID(draft.losses.hint("parallel_tool_calls"));
  const bool extra = has_gemini_extra(draft.conversation, kToolConfig);
  const bool said = has_gemini_extra(draft.conversation, kToolConfig, "functionCallingConfig");
  const bool chosen = choice.kind != Kind::NotGiven && !said;
  if (chosen && !functions && (choice.kind == Kind::Required || choice.kind == Kind::Named)) {
    TRY_VOID(draft.losses.meaning("tool_choice", "it has none of these tools"));
  }
  const bool written = chosen && (functions || choice.kind == Kind::None);
  if (!written && !extra) return {};
  draft.out.key(kToolConfig).begin_object();
  if (written) write_choice(draft);
  write_gemini_extras(draft, kToolConfig);
  draft.out.end_object();
  return {};
}

Result<void> write_gemini_config(GeminiDraft& draft) {
  Config config(draft);
  TRY_VOID(config.write());
  if (config.lost_thinking) return draft.losses.hint("reasoning");
  return {};
}

}  // namespace sluice::dialect
