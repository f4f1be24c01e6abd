#include "base/text.h"
#include "dialect/arena_list.h"
#include "dialect/cohere.h"
#include "dialect/cohere_messages.h"
#include "dialect/conversation_text.h"

#include <algorithm>
#include <cstdlib>

namespace sluice::dialect {
namespace {

constexpr Dialect kOwn = Dialect::Cohere;
using Choice = ToolChoice::Kind;
using Format = OutputFormat::Kind;
using Wish = Reasoning::Kind;

double value_of(JsonText number) {
  return std::strtod(std::string(number).c_str(), nullptr);
}

class Writing {
 public:
  Writing(const Conversation& from, const Wanted& wanted, Losses& losses, Arena& arena)
      : from_(from), wanted_(wanted), losses_(losses), arena_(arena), to_(arena), tools_(arena) {}

  Result<std::string_view> write() {
    to_.begin_object().member("model", wanted_.model);
    TRY_VOID(decide_tools());
    CohereMessages messages(wanted_, losses_, arena_, to_);
    TRY_VOID(messages.write(from_.turns, decide_format()));
    TRY_VOID(write_tools());
    if (from_.max_tokens) to_.member("max_tokens", *from_.max_tokens);
    TRY_VOID(write_sampling());
    TRY_VOID(write_stop());
    TRY_VOID(write_thoughts());
    TRY_VOID(lose_what_plain_chats_lack(from_, losses_));
    TRY_VOID(losses_.extras(from_.extras, kOwn));
    to_.member("stream", wanted_.stream);
    to_.end_object();
    return to_.text();
  }

 private:
  // ---- The form of the answer

  // What the system's words must say, because no field does.
  std::string_view decide_format() {
    if (from_.format.kind != Format::JsonObject && from_.format.kind != Format::JsonSchema)
      return {};
    const bool schema = from_.format.kind == Format::JsonSchema;
    if (tools_.empty()) {
      to_.key("response_format").begin_object().member("type", "json_object");
      if (schema) to_.key("json_schema").raw(from_.format.schema);
      to_.end_object();
      return {};
    }
    // Beside tools the API takes no form.
    losses_.approximate("response_format");
    if (!schema) return "When you answer, answer with one JSON object and nothing else.";
    return arena_.join(
        "When you answer, answer with one JSON value and nothing else. It must be valid against "
        "this JSON Schema: ",
        from_.format.schema);
  }

  // ---- Tools

  Result<void> decide_tools() {
    const ToolChoice& choice = from_.tool_choice;
    if (!choice.allowed.empty()) losses_.approximate("tool_choice.allowed_tools");
    if (choice.parallel == false) TRY_VOID(losses_.hint("parallel_tool_calls"));
    for (const Tool& tool : from_.tools) {
      if (tool.kind == ToolKind::BuiltIn) {
        TRY_VOID(lose(tool));
      } else if (is_allowed(tool)) {
        tools_.add(&tool);
      }
    }
    return {};
  }

  // One tool that must be called is told as the only one.
  bool is_allowed(const Tool& tool) const {
    const ToolChoice& choice = from_.tool_choice;
    if (choice.kind == Choice::Named) return tool.name == choice.name;
    return choice.allowed.empty() ||
           std::ranges::find(choice.allowed, tool.name) != choice.allowed.end();
  }

  // What another provider runs itself nobody runs here.
  Result<void> lose(const Tool& tool) {
    const std::string_view name = tool.type.empty() ? tool.name : tool.type;
    const ToolChoice& choice = from_.tool_choice;
    const bool named =
        choice.kind == Choice::Named && (choice.name == tool.name || choice.name == tool.type);
    const bool only_one = choice.kind == Choice::Required && from_.tools.size() == 1;
    return losses_.lose(named || only_one ? Importance::Meaning : Importance::Hint,
                        arena_.join("tools.", name));
  }

  Result<void> write_tools() {
    if (tools_.empty()) return {};
    bool strict = false;
    to_.key("tools").begin_array();
    for (const Tool* tool : tools_.all()) {
      strict = strict || tool->strict == true;
      TRY_VOID(write(*tool));
    }
    to_.end_array();
    if (strict) {
      const auto loose = [](const Tool* tool) { return tool->strict != true; };
      if (std::ranges::any_of(tools_.all(), loose)) losses_.approximate("tools.strict");
      to_.member("strict_tools", true);
    }
    const Choice choice = from_.tool_choice.kind;
    if (choice == Choice::Required || choice == Choice::Named) {
      to_.member("tool_choice", "REQUIRED");
    } else if (choice == Choice::None) {
      to_.member("tool_choice", "NONE");
    }
    return {};
  }

  Result<void> write(const Tool& tool) {
    const bool custom = tool.kind == ToolKind::Custom;
    if (custom) losses_.approximate("tools.custom");
    if (tool.cache.set) TRY_VOID(losses_.hint("cache_control"));
    TRY_VOID(losses_.extras(tool.extras, kOwn));
    to_.begin_object().member("type", "function").key("function").begin_object();
    to_.member("name", tool.name);
    if (!tool.description.empty()) to_.member("description", tool.description);
    const JsonText parameters = tool.parameters.empty() ? kEmptySchema : tool.parameters;
    to_.key("parameters").raw(custom ? kCustomToolSchema : parameters);
    to_.end_object().end_object();
    return {};
  }

  // ---- Sampling

  Result<void> write_sampling() {
    if (!from_.temperature.empty()) to_.key("temperature").raw(from_.temperature);
    if (!from_.top_p.empty()) write_between("p", from_.top_p, 0.01, 0.99, "top_p");
    if (!from_.top_k.empty()) to_.key("k").raw(from_.top_k);
    if (!from_.frequency_penalty.empty())
      write_between("frequency_penalty", from_.frequency_penalty, 0, 1, "frequency_penalty");
    if (!from_.presence_penalty.empty())
      write_between("presence_penalty", from_.presence_penalty, 0, 1, "presence_penalty");
    if (!from_.seed.empty()) to_.key("seed").raw(from_.seed);
    return {};
  }

  void write_between(std::string_view name, JsonText number, double least, double most,
                     std::string_view told) {
    const double value = value_of(number);
    to_.key(name);
    if (value >= least && value <= most) {
      to_.raw(number);
    } else {
      losses_.approximate(told);
      to_.value(std::clamp(value, least, most));
    }
  }

  Result<void> write_stop() {
    constexpr std::size_t kMost = 5;
    if (from_.stop.empty()) return {};
    if (from_.stop.size() > kMost) TRY_VOID(losses_.meaning("stop", "it takes at most five"));
    to_.key("stop_sequences").begin_array();
    for (const std::string_view stop : from_.stop.first(std::min(from_.stop.size(), kMost)))
      to_.value(stop);
    to_.end_array();
    return {};
  }

  // ---- Thoughts

  Result<void> write_thoughts() {
    const Reasoning& wish = from_.reasoning;
    if (wish.kind == Wish::NotGiven) return {};
    const bool off = wish.kind == Wish::Off || wish.effort == "none";
    if (!cohere_thinks(wanted_)) return off ? Result<void>() : losses_.hint("reasoning");
    to_.key("thinking").begin_object().member("type", off ? "disabled" : "enabled");
    if (!off) {
      const bool little = wish.effort == "minimal" || wish.effort == "low";
      const bool effort = wish.kind == Wish::Effort && (little || wish.effort == "medium");
      if (effort) losses_.approximate("reasoning");
      if (wish.kind == Wish::Budget) {
        to_.member("token_budget", wish.budget);
      } else if (effort) {
        to_.member("token_budget", budget_of_effort(wish.effort));
      }
    }
    to_.end_object();
    return {};
  }

  const Conversation& from_;
  const Wanted& wanted_;
  Losses& losses_;
  Arena& arena_;
  json::Writer to_;
  ArenaList<const Tool*> tools_;
};

}  // namespace

Result<std::string_view> write_cohere(const Conversation& conversation, const Wanted& wanted,
                                      Losses& losses, Arena& arena) {
  return Writing(conversation, wanted, losses, arena).write();
}

}  // namespace sluice::dialect
