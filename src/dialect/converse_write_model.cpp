// What Converse does not know itself, each family of models says in its own fields.
#include "dialect/conversation_text.h"
#include "dialect/converse_writing.h"

#include <algorithm>

namespace sluice::dialect::converse {
namespace {

using Wish = Reasoning::Kind;

constexpr std::int64_t kLeastBudget = 1024;

bool forces_a_tool(const Conversation& from) {
  return from.tool_choice.kind == ToolChoice::Kind::Required ||
         from.tool_choice.kind == ToolChoice::Kind::Named;
}

// As Anthropic's API takes it, whose models these are.
class ClaudeThoughts {
 public:
  explicit ClaudeThoughts(Writing& to) : to_(to), wish_(to.from.reasoning) {}

  Result<Thoughts> decide() {
    thoughts_.kind = wish_.kind;
    thoughts_.max_tokens = to_.from.max_tokens;
    if (wish_.effort == "none" && wish_.kind == Wish::Effort) thoughts_.kind = Wish::Off;
    const bool thinks =
        thoughts_.kind != Wish::NotGiven && thoughts_.kind != Wish::Off && !wish_.effort_alone;
    const bool both = thoughts_.kind == Wish::Effort && forces_a_tool(to_.from);
    if (thinks && (!to_.claude.thinks() || both)) {
      // The API takes one or the other.
      TRY_VOID(to_.losses.hint("reasoning"));
      thoughts_.kind = Wish::NotGiven;
      return thoughts_;
    }
    if (thinks) decide_kind();
    decide_effort();
    TRY_VOID(share_tokens());
    return thoughts_;
  }

 private:
  void decide_kind() {
    const bool adaptive = to_.claude.thinks_adaptively();
    if (thoughts_.kind == Wish::Effort) {
      thoughts_.kind = adaptive ? Wish::Adaptive : Wish::Budget;
      thoughts_.budget = std::max(budget_of_effort(wish_.effort), kLeastBudget);
    } else if (thoughts_.kind == Wish::Budget) {
      thoughts_.budget = wish_.budget;
      if (!to_.claude.only_adaptively()) return;
      to_.losses.approximate("thinking.budget_tokens");
      thoughts_.kind = Wish::Adaptive;
      if (wish_.effort.empty()) thoughts_.effort = effort_of_budget(thoughts_.budget);
    } else if (!adaptive) {
      to_.losses.approximate("thinking");
      thoughts_.kind = Wish::Budget;
      const std::string_view effort = wish_.effort.empty() ? "high" : wish_.effort;
      thoughts_.budget = std::max(budget_of_effort(effort), kLeastBudget);
    }
  }

  void decide_effort() {
    std::string_view& effort = thoughts_.effort;
    if (effort.empty() && thoughts_.kind != Wish::NotGiven && wish_.effort != "none")
      effort = wish_.effort;
    if (effort == "minimal") effort = "low";
    if (effort.empty() || to_.claude.takes_effort(effort)) return;
    if (!to_.claude.takes_effort()) {
      effort = {};  // The budget says it.
    } else {
      to_.losses.approximate("reasoning.effort");
      effort = effort == "xhigh" && to_.claude.takes_effort("max") ? "max" : "high";
    }
  }

  // Thoughts are a part of the answer's tokens; there must be room for the answer, too.
  Result<void> share_tokens() {
    const std::int64_t most = to_.wanted.facts ? to_.wanted.facts->most_output : 0;
    if (most > 0 && thoughts_.max_tokens > most) {
      to_.losses.approximate("max_tokens");
      thoughts_.max_tokens = most;
    }
    if (thoughts_.kind != Wish::Budget) return {};
    // Not told, it is all that the model can say.
    const std::int64_t room = thoughts_.max_tokens.value_or(most);
    if (room == 0 || thoughts_.budget < room) return {};
    if (room <= kLeastBudget) {
      thoughts_.kind = Wish::NotGiven;
      thoughts_.effort = {};
      return to_.losses.hint("reasoning");
    }
    thoughts_.budget = std::max(room / 2, kLeastBudget);
    to_.losses.approximate("reasoning");
    return {};
  }

  Writing& to_;
  const Reasoning& wish_;
  Thoughts thoughts_;
};

// Of Nova and gpt-oss, which know three efforts.
std::string_view low_to_high(std::string_view effort) {
  if (effort == "minimal") return "low";
  if (effort == "xhigh" || effort == "max") return "high";
  return effort;
}

bool knows_efforts(const Writing& to) {
  return to.is("nova-2") || to.is("gpt-oss");
}

class ModelFields {
 public:
  explicit ModelFields(Writing& to) : to_(to) {}

  Result<void> write(const Thoughts& thoughts) {
    if (to_.claude.known()) {
      claude(thoughts);
    } else if (!thoughts.effort.empty() || thoughts.kind == Wish::Off) {
      others(thoughts);
    }
    TRY_VOID(top_k(thoughts));
    constexpr std::string_view kOwn = "additionalModelRequestFields.";
    if (to_.has_own(kOwn)) open();
    to_.own_members(kOwn);
    if (open_) to_.to.end_object();
    return {};
  }

 private:
  json::Writer& open() {
    if (!open_) to_.to.key("additionalModelRequestFields").begin_object();
    open_ = true;
    return to_.to;
  }

  void claude(const Thoughts& thoughts) {
    if (thoughts.kind == Wish::Budget) {
      open().key("thinking").begin_object().member("type", "enabled");
      to_.to.member("budget_tokens", thoughts.budget).end_object();
    } else if (thoughts.kind == Wish::Adaptive || thoughts.kind == Wish::Off) {
      const bool off = thoughts.kind == Wish::Off;
      open().key("thinking").begin_object().member("type", off ? "disabled" : "adaptive");
      if (!off && to_.from.reasoning.shown.value_or(!to_.from.reasoning.summary.empty()))
        to_.to.member("display", "summarized");
      to_.to.end_object();
    }
    if (thoughts.effort.empty()) return;
    open().key("output_config").begin_object().member("effort", thoughts.effort).end_object();
  }

  void others(const Thoughts& thoughts) {
    const bool off = thoughts.kind == Wish::Off;
    if (to_.is("nova-2")) {
      open().key("reasoningConfig").begin_object().member("type", off ? "disabled" : "enabled");
      if (!off) to_.to.member("maxReasoningEffort", thoughts.effort);
      to_.to.end_object();
    } else if (!off) {
      open().member("reasoning_effort", thoughts.effort);
    }
  }

  Result<void> top_k(const Thoughts& thoughts) {
    if (to_.from.top_k.empty()) return {};
    const bool claude = to_.claude.known() && to_.claude.samples() && !thoughts.any();
    if (claude || to_.is("mistral")) {
      open().key("top_k").raw(to_.from.top_k);
    } else if (to_.is("nova")) {
      open().key("inferenceConfig").begin_object().key("topK").raw(to_.from.top_k).end_object();
    } else {
      return to_.losses.hint("top_k");
    }
    return {};
  }

  Writing& to_;
  bool open_ = false;
};

}  // namespace

Result<Thoughts> decide_thoughts(Writing& to) {
  if (to.claude.known()) return ClaudeThoughts(to).decide();
  const Reasoning& wish = to.from.reasoning;
  Thoughts thoughts{.max_tokens = to.from.max_tokens};
  const bool off = wish.kind == Wish::Off || wish.effort == "none";
  if (off) {
    if (to.is("nova-2")) thoughts.kind = Wish::Off;
    return thoughts;  // The others think by themselves, or not at all.
  }
  if (wish.kind == Wish::NotGiven) return thoughts;
  if (!knows_efforts(to)) {
    TRY_VOID(to.losses.hint("reasoning"));
    return thoughts;
  }
  std::string_view effort = wish.effort;
  if (wish.kind == Wish::Budget && effort.empty()) {
    to.losses.approximate("reasoning");
    effort = effort_of_budget(wish.budget);
  }
  thoughts.effort = low_to_high(effort.empty() ? "medium" : effort);
  thoughts.kind = Wish::Effort;
  return thoughts;
}

Result<void> write_model_fields(Writing& to, const Thoughts& thoughts) {
  return ModelFields(to).write(thoughts);
}

}  // namespace sluice::dialect::converse
