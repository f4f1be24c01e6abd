#include "dialect/conversation_text.h"
#include "dialect/openai_chat_write.h"

namespace sluice::dialect::chat {
namespace {

using Wish = Reasoning::Kind;

bool is_off(const Reasoning& reasoning) {
  return reasoning.kind == Wish::Off ||
         (reasoning.kind == Wish::Effort && reasoning.effort == "none");
}

// reasoning_effort
Result<void> write_effort(Writing& to, const Reasoning& reasoning) {
  std::string_view effort = reasoning.effort;
  if (reasoning.kind == Wish::Off) {
    // Which models can be told so differs; those that cannot would refuse.
    return to.lacks(Ability::Reasoning) ? Result<void>() : to.losses.hint("reasoning");
  }
  if (reasoning.kind == Wish::Budget) {
    effort = effort_of_budget(reasoning.budget);
    if (effort == "none") effort = "low";
    to.losses.approximate("reasoning.budget");
  }
  if (effort.empty()) return {};  // Adaptive: as the model does by itself.
  if (to.lacks(Ability::Reasoning)) return to.losses.hint("reasoning_effort");
  // OpenAI has no such word, and knows "xhigh" of some models only.
  if (effort == "max" || (effort == "xhigh" && reasoning.kind == Wish::Budget)) {
    to.losses.approximate("reasoning_effort");
    effort = "high";
  }
  to.out.member("reasoning_effort", effort);
  return {};
}

// reasoning: {effort | max_tokens | enabled, exclude}
void write_object(Writing& to, const Reasoning& reasoning) {
  to.out.key("reasoning").begin_object();
  if (reasoning.kind == Wish::Off) to.out.member("enabled", false);
  if (reasoning.kind == Wish::Budget) {
    to.out.member("max_tokens", reasoning.budget);
  } else if (!reasoning.effort.empty()) {
    to.out.member("effort", reasoning.effort == "max" ? "xhigh" : reasoning.effort);
  } else if (reasoning.kind == Wish::Adaptive) {
    to.out.member("enabled", true);
  }
  if (reasoning.shown) to.out.member("exclude", !*reasoning.shown);
  to.out.end_object();
}

// thinking: {type: enabled | disabled}
void write_switch(Writing& to, const Reasoning& reasoning) {
  to.out.key("thinking").begin_object();
  to.out.member("type", is_off(reasoning) ? "disabled" : "enabled").end_object();
}

// enable_thinking: true | false
void write_enabling(Writing& to, const Reasoning& reasoning) {
  to.out.member("enable_thinking", !is_off(reasoning));
  if (reasoning.kind == Wish::Budget) to.out.member("thinking_budget", reasoning.budget);
}

}  // namespace

Result<void> write_reasoning(Writing& to) {
  using Thoughts = Quirks::Thoughts;
  const Reasoning& reasoning = to.asked.reasoning;
  const Thoughts way = to.quirks.thoughts;
  // Whoever thinks shows it here.
  if (reasoning.shown && way != Thoughts::Object && *reasoning.shown == false)
    to.losses.approximate("reasoning.exclude");
  if (!reasoning.summary.empty()) TRY_VOID(to.losses.hint("reasoning.summary"));
  if (reasoning.kind == Wish::NotGiven) return {};
  if (way == Thoughts::Effort) return write_effort(to, reasoning);
  if (to.lacks(Ability::Reasoning))
    return is_off(reasoning) ? Result<void>() : to.losses.hint("reasoning");
  if (way == Thoughts::Object) {
    write_object(to, reasoning);
  } else if (way == Thoughts::None) {
    return to.losses.hint("reasoning");
  } else {
    const bool precise = reasoning.kind == Wish::Effort && !is_off(reasoning);
    const bool counted = reasoning.kind == Wish::Budget && way == Thoughts::Switch;
    if (precise || counted) to.losses.approximate("reasoning");
    if (way == Thoughts::Switch) {
      write_switch(to, reasoning);
    } else {
      write_enabling(to, reasoning);
    }
  }
  return {};
}

}  // namespace sluice::dialect::chat
