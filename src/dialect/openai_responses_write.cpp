// A request, but for its items: openai_responses_write_input.cpp.
#include "dialect/conversation_text.h"
#include "dialect/openai_responses_parts.h"

#include <algorithm>

namespace sluice::dialect::responses {
namespace {

// Of an answer; less is refused.
constexpr std::int64_t kLeastTokens = 16;
constexpr std::string_view kSealedThoughts = R"(["reasoning.encrypted_content"])";

class RequestWriter {
 public:
  RequestWriter(const Conversation& conversation, const Wanted& wanted, Losses& losses,
                Arena& arena)
      : asked_(conversation), wanted_(wanted), losses_(losses), arena_(arena), writer_(arena) {}

  Result<std::string_view> write() {
    writer_.begin_object().member("model", wanted_.model);
    if (wanted_.stream) writer_.member("stream", true);
    if (const auto instructions = instructions_of(asked_)) {
      const Turn& first = asked_.turns.front();
      TRY_VOID(losses_.extras(first.extras, Dialect::Responses));
      if (first.parts[0].cache.set) TRY_VOID(losses_.hint("cache_control"));
      if (!first.name.empty()) TRY_VOID(losses_.hint("name"));
      writer_.member("instructions", *instructions);
    }
    TRY_VOID(write_input(writer_, asked_, losses_, arena_));
    TRY_VOID(tools());
    TRY_VOID(text());
    TRY_VOID(reasoning());
    TRY_VOID(numbers());
    TRY_VOID(hints());
    TRY_VOID(include());
    TRY_VOID(unsayable());
    TRY_VOID(extras());
    writer_.end_object();
    return writer_.text();
  }

 private:
  bool refused(std::string_view field) const {
    return wanted_.quirks &&
           std::ranges::find(wanted_.quirks->refuses, field) != wanted_.quirks->refuses.end();
  }

  bool says(const Tool& tool) const {
    return tool.kind != ToolKind::BuiltIn || tool.of == Dialect::Responses;
  }

  Result<void> tools() {
    bool any = false;
    for (const Tool& tool : asked_.tools) {
      if (!says(tool)) {
        const ToolChoice& choice = asked_.tool_choice;
        const bool named = choice.kind == ToolChoice::Kind::Named && choice.name == tool.name;
        TRY_VOID(losses_.lose(named ? Importance::Meaning : Importance::Hint, "tools"));
        continue;
      }
      if (!any) writer_.key("tools").begin_array();
      any = true;
      TRY_VOID(losses_.extras(tool.extras, Dialect::Responses));
      if (tool.cache.set) TRY_VOID(losses_.hint("tools.cache_control"));
      if (tool.kind == ToolKind::Custom && tool.of != Dialect::Responses &&
          tool.json.find("\"format\"") != JsonText::npos) {
        losses_.approximate("tools.format");
      }
      write_tool(writer_, tool);
    }
    if (any) writer_.end_array();
    const ToolChoice& choice = asked_.tool_choice;
    if (choice.kind != ToolChoice::Kind::NotGiven) {
      // Without tools there is nothing to choose, and whoever says so is refused.
      if (any || own_extra(asked_.extras, "tool_choice")) {
        writer_.key("tool_choice");
        write_tool_choice(writer_, asked_);
      } else if (choice.kind == ToolChoice::Kind::Required ||
                 choice.kind == ToolChoice::Kind::Named) {
        TRY_VOID(losses_.meaning("tool_choice", "there is no tool to choose"));
      }
    }
    if (choice.parallel) writer_.member("parallel_tool_calls", *choice.parallel);
    return {};
  }

  Result<void> text() {
    const bool formatted = asked_.format.kind != OutputFormat::Kind::NotGiven;
    if (!formatted && asked_.verbosity.empty() && !has_nested("text.")) return {};
    writer_.key("text").begin_object();
    if (formatted) {
      writer_.key("format");
      write_text_format(writer_, asked_);
    }
    if (!asked_.verbosity.empty()) writer_.member("verbosity", asked_.verbosity);
    nested("text.");
    writer_.end_object();
    return {};
  }

  std::string_view effort() {
    const Reasoning& wish = asked_.reasoning;
    switch (wish.kind) {
      case Reasoning::Kind::Off:
        if (!wish.effort.empty() || (wanted_.facts && thinks())) return "none";
        if (!wanted_.facts) losses_.approximate("reasoning");
        return {};
      case Reasoning::Kind::NotGiven:
      case Reasoning::Kind::Adaptive:
      case Reasoning::Kind::Effort:
        return wish.effort;
      case Reasoning::Kind::Budget:
        if (!wish.effort.empty()) return wish.effort;
        losses_.approximate("reasoning");
        return effort_of_budget(wish.budget);
    }
    return {};
  }

  bool thinks() const { return wanted_.facts->abilities.has(Ability::Reasoning); }

  Result<void> reasoning() {
    const Reasoning& wish = asked_.reasoning;
    const bool shown = wish.shown.value_or(false) && wish.kind != Reasoning::Kind::Off;
    const std::string_view summary = !wish.summary.empty() ? wish.summary : shown ? "auto" : "";
    const std::string_view effort = this->effort();
    if (effort.empty() && summary.empty() && !has_nested("reasoning.")) return {};
    if (wanted_.facts && !thinks()) return losses_.hint("reasoning");
    writer_.key("reasoning").begin_object();
    if (!effort.empty()) writer_.member("effort", effort);
    if (!summary.empty()) writer_.member("summary", summary);
    nested("reasoning.");
    writer_.end_object();
    return {};
  }

  Result<void> numbers() {
    if (asked_.max_tokens) {
      if (*asked_.max_tokens < kLeastTokens) losses_.approximate("max_tokens");
      writer_.member("max_output_tokens", std::max(*asked_.max_tokens, kLeastTokens));
    }
    if (!asked_.temperature.empty()) writer_.key("temperature").raw(asked_.temperature);
    if (!asked_.top_p.empty()) writer_.key("top_p").raw(asked_.top_p);
    if (asked_.top_logprobs) writer_.member("top_logprobs", *asked_.top_logprobs);
    return {};
  }

  Result<void> hint_text(std::string_view field, std::string_view value) {
    if (value.empty()) return {};
    if (refused(field)) return losses_.hint(field);
    writer_.member(field, value);
    return {};
  }

  Result<void> hints() {
    TRY_VOID(hint_text("user", asked_.user));
    TRY_VOID(hint_text("safety_identifier", asked_.safety_identifier));
    TRY_VOID(hint_text("prompt_cache_key", asked_.prompt_cache_key));
    TRY_VOID(hint_text("service_tier", asked_.service_tier));
    if (!asked_.metadata.empty()) {
      if (refused("metadata")) {
        TRY_VOID(losses_.hint("metadata"));
      } else {
        writer_.key("metadata").raw(asked_.metadata);
      }
    }
    if (asked_.store) writer_.member("store", *asked_.store);
    return {};
  }

  Result<void> include() {
    if (own_extra(asked_.extras, "include")) return {};
    if (asked_.logprobs.value_or(false)) {
      writer_.key("include").raw(R"(["message.output_text.logprobs"])");
    } else if (!asked_.store.value_or(true) && wanted_.facts && thinks()) {
      // Thoughts that are kept nowhere must come along to be sent back.
      writer_.key("include").raw(kSealedThoughts);
    }
    return {};
  }

  Result<void> unsayable() {
    if (asked_.choices.value_or(1) > 1) TRY_VOID(losses_.meaning("n"));
    if (!asked_.stop.empty()) TRY_VOID(losses_.meaning("stop"));
    if (asked_.spoken.wanted) TRY_VOID(losses_.meaning("audio"));
    if (asked_.images_wanted) TRY_VOID(losses_.meaning("modalities"));
    if (!asked_.top_k.empty()) TRY_VOID(losses_.hint("top_k"));
    if (!asked_.frequency_penalty.empty()) TRY_VOID(losses_.hint("frequency_penalty"));
    if (!asked_.presence_penalty.empty()) TRY_VOID(losses_.hint("presence_penalty"));
    if (!asked_.seed.empty()) TRY_VOID(losses_.hint("seed"));
    if (!asked_.logit_bias.empty()) TRY_VOID(losses_.hint("logit_bias"));
    if (asked_.cache.set) TRY_VOID(losses_.hint("cache_control"));
    return {};
  }

  bool has_nested(std::string_view prefix) const {
    return std::ranges::any_of(asked_.extras, [&](const Extra& extra) {
      return extra.of == Dialect::Responses && extra.name.starts_with(prefix);
    });
  }
  void nested(std::string_view prefix) {
    for (const Extra& extra : asked_.extras) {
      if (extra.of == Dialect::Responses && extra.name.starts_with(prefix))
        writer_.key(extra.name.substr(prefix.size())).raw(extra.json);
    }
  }

  Result<void> extras() {
    TRY_VOID(losses_.extras(asked_.extras, Dialect::Responses));
    for (const Extra& extra : asked_.extras) {
      const bool said = extra.of != Dialect::Responses || extra.name == "tool_choice" ||
                        extra.name.starts_with("text.") || extra.name.starts_with("reasoning.");
      if (!said) writer_.key(extra.name).raw(extra.json);
    }
    return {};
  }

  const Conversation& asked_;
  const Wanted& wanted_;
  Losses& losses_;
  Arena& arena_;
  json::Writer writer_;
};

}  // namespace

Result<std::string_view> write_request(const Conversation& conversation, const Wanted& wanted,
                                       Losses& losses, Arena& arena) {
  return RequestWriter(conversation, wanted, losses, arena).write();
}

}  // namespace sluice::dialect::responses
