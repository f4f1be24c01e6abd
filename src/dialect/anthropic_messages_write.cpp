#include "base/text.h"
#include "dialect/anthropic_messages.h"
#include "dialect/anthropic_tools.h"
#include "dialect/anthropic_turns.h"
#include "dialect/conversation_text.h"
#include "dialect/structured_schema.h"

#include <algorithm>
#include <cstdlib>

namespace sluice::dialect {
namespace {

constexpr Dialect kOwn = Dialect::Messages;
constexpr std::int64_t kLeastBudget = 1024;

using Wish = Reasoning::Kind;
using Format = OutputFormat::Kind;

double value_of(JsonText number) {
  return std::strtod(std::string(number).c_str(), nullptr);
}

class Writing {
 public:
  Writing(const Conversation& from, const Wanted& wanted, Losses& losses, Arena& arena)
      : from_(from),
        wanted_(wanted),
        model_(wanted.model),
        losses_(losses),
        arena_(arena),
        to_(arena) {}

  Result<std::string_view> write() {
    to_.begin_object();
    if (!wanted_.model.empty()) to_.member("model", wanted_.model);
    TRY_VOID(decide_thoughts());
    to_.member("max_tokens", max_tokens_);
    TRY_VOID(decide_format());
    TRY_VOID(write_system(from_, instruction_, losses_, arena_, to_));
    TRY_VOID(write_turns(from_, model_, losses_, arena_, to_));
    TRY_VOID(write_tools(from_, model_, losses_, arena_, to_));
    write_thoughts();
    write_output_config();
    TRY_VOID(write_sampling());
    TRY_VOID(write_stop());
    TRY_VOID(write_metadata());
    TRY_VOID(write_service_tier());
    write_cache_mark(from_.cache, to_);
    TRY_VOID(refuse_the_rest());
    TRY_VOID(write_extras());
    if (wanted_.stream) to_.member("stream", true);
    to_.end_object();
    return to_.text();
  }

 private:
  // ---- Thoughts and the tokens they share with the answer

  Result<void> decide_thoughts() {
    Wish wish = from_.reasoning.kind;
    if (from_.reasoning.effort == "none" && wish == Wish::Effort) wish = Wish::Off;
    const bool own_effort = from_.reasoning.effort_alone;
    const bool thinks =
        wish == Wish::Adaptive || wish == Wish::Budget || (wish == Wish::Effort && !own_effort);
    if (thinks && !model_.thinks()) {
      TRY_VOID(losses_.hint("reasoning"));
      wish = Wish::NotGiven;
    } else if (wish == Wish::Effort && !own_effort && forces_a_tool()) {
      TRY_VOID(losses_.hint("reasoning"));  // The API takes one or the other.
      wish = Wish::NotGiven;
    } else if (wish == Wish::Effort && !own_effort) {
      wish = model_.thinks_adaptively() ? Wish::Adaptive : Wish::Budget;
      budget_ = std::max(budget_of_effort(from_.reasoning.effort), kLeastBudget);
    } else if (wish == Wish::Budget) {
      budget_ = from_.reasoning.budget;
      if (model_.only_adaptively()) {
        wish = Wish::Adaptive;
        losses_.approximate("thinking.budget_tokens");
        if (from_.reasoning.effort.empty()) effort_ = effort_of_budget(budget_);
      }
    } else if (wish == Wish::Adaptive && model_.known() && !model_.thinks_adaptively()) {
      wish = Wish::Budget;
      losses_.approximate("thinking");
      const std::string_view effort = from_.reasoning.effort;
      budget_ = std::max(budget_of_effort(effort.empty() ? "high" : effort), kLeastBudget);
    }
    thoughts_ = wish;
    decide_effort();
    return decide_tokens();
  }

  bool forces_a_tool() const {
    return from_.tool_choice.kind == ToolChoice::Kind::Required ||
           from_.tool_choice.kind == ToolChoice::Kind::Named;
  }

  void decide_effort() {
    const std::string_view asked = from_.reasoning.effort;
    if (effort_.empty() && thoughts_ != Wish::NotGiven && asked != "none") effort_ = asked;
    if (effort_.empty()) return;
    if (effort_ == "minimal") effort_ = "low";
    // What its own callers say stands as they say it.
    if (from_.reasoning.effort_alone || model_.takes_effort(effort_)) return;
    if (!model_.takes_effort()) {
      effort_ = {};  // The budget says it.
    } else {
      losses_.approximate("reasoning.effort");
      effort_ = effort_ == "xhigh" && model_.takes_effort("max") ? "max" : "high";
    }
  }

  Result<void> decide_tokens() {
    const std::int64_t most = wanted_.facts ? wanted_.facts->most_output : 0;
    max_tokens_ = from_.max_tokens.value_or(most > 0 ? most : model_.usual_most_output());
    if (most > 0 && max_tokens_ > most) {
      losses_.approximate("max_tokens");
      max_tokens_ = most;
    }
    if (thoughts_ != Wish::Budget) return {};
    if (budget_ < max_tokens_) return {};
    if (!from_.max_tokens) {
      // There must be room for the answer, too.
      const std::int64_t wished = budget_ + model_.usual_most_output();
      max_tokens_ = most > 0 ? std::min(wished, most) : wished;
      if (budget_ < max_tokens_) return {};
    }
    budget_ = max_tokens_ / 2;
    if (budget_ >= kLeastBudget) {
      losses_.approximate("reasoning");
      return {};
    }
    if (max_tokens_ > kLeastBudget) {
      budget_ = kLeastBudget;
      losses_.approximate("reasoning");
      return {};
    }
    thoughts_ = Wish::NotGiven;
    effort_ = {};
    return losses_.hint("reasoning");
  }

  void write_thoughts() {
    if (thoughts_ == Wish::NotGiven || thoughts_ == Wish::Effort) return;
    to_.key("thinking").begin_object();
    if (thoughts_ == Wish::Off) {
      to_.member("type", "disabled");
    } else if (thoughts_ == Wish::Adaptive) {
      to_.member("type", "adaptive");
    } else {
      to_.member("type", "enabled").member("budget_tokens", budget_);
    }
    if (from_.reasoning.shown && thoughts_ != Wish::Off) {
      to_.member("display", *from_.reasoning.shown ? "summarized" : "omitted");
    } else if (!from_.reasoning.summary.empty() && thoughts_ == Wish::Adaptive) {
      to_.member("display", "summarized");
    }
    write_nested("thinking.");
    to_.end_object();
  }

  bool thinks() const { return thoughts_ == Wish::Adaptive || thoughts_ == Wish::Budget; }

  // ---- The form of the answer

  Result<void> decide_format() {
    const OutputFormat& format = from_.format;
    if (!format.description.empty())
      TRY_VOID(losses_.hint("response_format.json_schema.description"));
    if (format.kind == Format::JsonObject) {
      losses_.approximate("response_format");
      instruction_ =
          "Answer with one JSON object and nothing else: no words around it, no code fence.";
    }
    if (format.kind != Format::JsonSchema) return {};
    const bool takes_schemas =
        model_.takes_schemas() &&
        (!wanted_.facts || wanted_.facts->abilities.has(Ability::JsonSchema));
    if (takes_schemas) {
      schema_ = structured_schema(format.schema, losses_, arena_);
      return {};
    }
    losses_.approximate("response_format");
    instruction_ = arena_.join(
        "Answer with one JSON value and nothing else: no words around it, no code fence. It must "
        "be valid against this JSON Schema: ",
        format.schema);
    return {};
  }

  void write_output_config() {
    const bool more = std::ranges::any_of(from_.extras, [](const Extra& extra) {
      return extra.of == kOwn && extra.name.starts_with("output_config.");
    });
    if (effort_.empty() && schema_.empty() && !more) return;
    to_.key("output_config").begin_object();
    if (!effort_.empty()) to_.member("effort", effort_);
    if (!schema_.empty()) {
      to_.key("format").begin_object().member("type", "json_schema");
      to_.key("schema").raw(schema_).end_object();
    }
    write_nested("output_config.");
    to_.end_object();
  }

  // ---- Sampling

  Result<void> write_sampling() {
    TRY_VOID(write_temperature());
    TRY_VOID(write_top_p());
    if (from_.top_k.empty()) return {};
    if (!model_.samples() || thinks()) return losses_.hint("top_k");
    to_.key("top_k").raw(from_.top_k);
    return {};
  }

  Result<void> write_temperature() {
    if (from_.temperature.empty()) return {};
    const double value = value_of(from_.temperature);
    if (value != 1 && (!model_.samples() || thinks())) return losses_.hint("temperature");
    to_.key("temperature");
    if (value > 1) {
      losses_.approximate("temperature");
      to_.value(1);
    } else {
      to_.raw(from_.temperature);
    }
    return {};
  }

  Result<void> write_top_p() {
    if (from_.top_p.empty()) return {};
    const double value = value_of(from_.top_p);
    const bool beside = !from_.temperature.empty() && !model_.samples_both_ways();
    // All of them: that is what the model does anyway.
    if (value == 1 && beside) return {};
    if (!model_.samples() || beside || (thinks() && value < 0.95)) return losses_.hint("top_p");
    to_.key("top_p").raw(from_.top_p);
    return {};
  }

  Result<void> write_stop() {
    bool open = false;
    for (const std::string_view stop : from_.stop) {
      if (text::trim(stop).empty()) {
        TRY_VOID(losses_.meaning("stop", "a stop sequence of white space is not possible"));
        continue;
      }
      if (!open) to_.key("stop_sequences").begin_array();
      open = true;
      to_.value(stop);
    }
    if (open) to_.end_array();
    return {};
  }

  // ---- Who asks, and how it is billed

  Result<void> write_metadata() {
    std::string_view user = from_.user;
    if (user.empty()) {
      user = from_.safety_identifier;
    } else if (!from_.safety_identifier.empty()) {
      TRY_VOID(losses_.hint("safety_identifier"));
    }
    const bool more = std::ranges::any_of(from_.extras, [](const Extra& extra) {
      return extra.of == kOwn && extra.name.starts_with("metadata.");
    });
    if (user.empty() && !more) return {};
    to_.key("metadata").begin_object();
    if (!user.empty()) to_.member("user_id", user);
    write_nested("metadata.");
    to_.end_object();
    return {};
  }

  Result<void> write_service_tier() {
    const std::string_view tier = from_.service_tier;
    if (tier.empty()) return {};
    if (tier == "default" || tier == "standard") {
      to_.member("service_tier", "standard_only");
    } else if (tier == "auto" || tier == "standard_only") {
      to_.member("service_tier", tier);
    } else {
      return losses_.hint("service_tier");
    }
    return {};
  }

  // What no model of this dialect can be told.
  Result<void> refuse_the_rest() {
    const auto says = [](JsonText number) { return !number.empty() && value_of(number) != 0; };
    if (says(from_.frequency_penalty)) TRY_VOID(losses_.hint("frequency_penalty"));
    if (says(from_.presence_penalty)) TRY_VOID(losses_.hint("presence_penalty"));
    if (!from_.seed.empty()) TRY_VOID(losses_.hint("seed"));
    if (!from_.logit_bias.empty()) TRY_VOID(losses_.hint("logit_bias"));
    if (!from_.verbosity.empty()) TRY_VOID(losses_.hint("verbosity"));
    if (!from_.prompt_cache_key.empty()) TRY_VOID(losses_.hint("prompt_cache_key"));
    if (!from_.metadata.empty()) TRY_VOID(losses_.hint("metadata"));
    if (from_.store.value_or(false)) TRY_VOID(losses_.hint("store"));
    if (from_.choices.value_or(1) > 1)
      TRY_VOID(losses_.meaning("n", "it gives one answer at a time"));
    if (from_.logprobs.value_or(false)) TRY_VOID(losses_.meaning("logprobs"));
    if (from_.top_logprobs.value_or(0) > 0) TRY_VOID(losses_.meaning("top_logprobs"));
    if (from_.spoken.wanted) TRY_VOID(losses_.meaning("modalities", "it does not speak"));
    if (from_.images_wanted) TRY_VOID(losses_.meaning("modalities", "it makes no images"));
    return {};
  }

  Result<void> write_extras() {
    TRY_VOID(losses_.extras(from_.extras, kOwn));
    for (const Extra& extra : from_.extras) {
      if (extra.of == kOwn && extra.name.find('.') == std::string_view::npos)
        to_.key(extra.name).raw(extra.json);
    }
    return {};
  }

  // The members of an object that we know otherwise.
  void write_nested(std::string_view prefix) {
    for (const Extra& extra : from_.extras) {
      if (extra.of == kOwn && extra.name.starts_with(prefix))
        to_.key(extra.name.substr(prefix.size())).raw(extra.json);
    }
  }

  const Conversation& from_;
  const Wanted& wanted_;
  ClaudeModel model_;
  Losses& losses_;
  Arena& arena_;
  json::Writer to_;
  Wish thoughts_ = Wish::NotGiven;
  std::int64_t budget_ = 0;
  std::int64_t max_tokens_ = 0;
  std::string_view effort_;
  JsonText schema_;
  std::string_view instruction_;
};

}  // namespace

Result<std::string_view> write_messages(const Conversation& conversation, const Wanted& wanted,
                                        Losses& losses, Arena& arena) {
  return Writing(conversation, wanted, losses, arena).write();
}

}  // namespace sluice::dialect
