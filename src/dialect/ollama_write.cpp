#include "dialect/arena_list.h"
#include "dialect/conversation_text.h"
#include "dialect/ollama.h"
#include "dialect/ollama_messages.h"

#include <algorithm>
#include <array>

namespace sluice::dialect {
namespace {

constexpr Dialect kOwn = Dialect::Ollama;
using Choice = ToolChoice::Kind;
using Format = OutputFormat::Kind;
using Wish = Reasoning::Kind;

// The server refuses to let other models think.
constexpr std::array<std::string_view, 11> kThinkers = {
    "gpt-oss", "qwen3", "deepseek-r1", "deepseek-v3", "magistral", "nemotron",
    "glm-4",   "kimi",  "thinking",    "reasoning",   "minimax"};

class Writing {
 public:
  Writing(const Conversation& from, const Wanted& wanted, Losses& losses, Arena& arena)
      : from_(from), wanted_(wanted), losses_(losses), arena_(arena), to_(arena) {}

  Result<std::string_view> write() {
    to_.begin_object().member("model", wanted_.model);
    TRY_VOID(OllamaMessages(from_.turns, losses_, arena_, to_).write());
    TRY_VOID(write_tools());
    write_format();
    TRY_VOID(write_thoughts());
    TRY_VOID(write_options());
    TRY_VOID(lose_what_plain_chats_lack(from_, losses_));
    TRY_VOID(losses_.extras(from_.extras, kOwn));
    to_.member("stream", wanted_.stream);
    to_.end_object();
    return to_.text();
  }

 private:
  Result<void> write_tools() {
    const ToolChoice& choice = from_.tool_choice;
    if (choice.kind == Choice::Required || choice.kind == Choice::Named)
      TRY_VOID(losses_.meaning("tool_choice", "the model calls tools when it likes"));
    if (!choice.allowed.empty()) losses_.approximate("tool_choice.allowed_tools");
    if (choice.parallel == false) TRY_VOID(losses_.hint("parallel_tool_calls"));
    bool open = false;
    for (const Tool& tool : from_.tools) {
      if (tool.kind == ToolKind::BuiltIn) {
        // What another provider runs itself nobody runs here.
        TRY_VOID(losses_.hint(arena_.join("tools.", tool.type.empty() ? tool.name : tool.type)));
        continue;
      }
      if (choice.kind == Choice::None || !is_allowed(tool)) continue;
      if (!open) to_.key("tools").begin_array();
      open = true;
      TRY_VOID(write(tool));
    }
    if (open) to_.end_array();
    return {};
  }

  bool is_allowed(const Tool& tool) const {
    const auto& allowed = from_.tool_choice.allowed;
    return allowed.empty() || std::ranges::find(allowed, tool.name) != allowed.end();
  }

  Result<void> write(const Tool& tool) {
    const bool custom = tool.kind == ToolKind::Custom;
    if (custom) losses_.approximate("tools.custom");
    if (tool.strict == true) TRY_VOID(losses_.hint("tools.strict"));
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

  void write_format() {
    if (from_.format.kind == Format::JsonObject) to_.member("format", "json");
    if (from_.format.kind == Format::JsonSchema) to_.key("format").raw(from_.format.schema);
  }

  bool thinks() const {
    if (wanted_.facts) return wanted_.facts->abilities.has(Ability::Reasoning);
    return std::ranges::any_of(kThinkers, [&](std::string_view family) {
      return wanted_.model.find(family) != std::string_view::npos;
    });
  }

  Result<void> write_thoughts() {
    const Reasoning& wish = from_.reasoning;
    if (wish.kind == Wish::NotGiven) return {};
    if (wish.kind == Wish::Off || wish.effort == "none") {
      to_.member("think", false);
      return {};
    }
    if (!thinks()) return losses_.hint("reasoning");
    if (wanted_.model.find("gpt-oss") == std::string_view::npos) {
      if (wish.kind != Wish::Adaptive) losses_.approximate("reasoning");
      to_.member("think", true);
      return {};
    }
    // The only ones that know degrees of it.
    std::string_view effort = wish.effort;
    if (wish.kind == Wish::Budget) effort = effort_of_budget(wish.budget);
    if (effort == "minimal") effort = "low";
    if (effort == "xhigh" || effort == "max") effort = "high";
    to_.member("think", effort.empty() ? "medium" : effort);
    return {};
  }

  Result<void> write_options() {
    to_.key("options").begin_object();
    const auto number = [&](std::string_view name, JsonText value) {
      if (!value.empty()) to_.key(name).raw(value);
    };
    if (from_.max_tokens) to_.member("num_predict", *from_.max_tokens);
    number("temperature", from_.temperature);
    number("top_p", from_.top_p);
    number("top_k", from_.top_k);
    number("seed", from_.seed);
    number("frequency_penalty", from_.frequency_penalty);
    number("presence_penalty", from_.presence_penalty);
    if (!from_.stop.empty()) {
      to_.key("stop").begin_array();
      for (const std::string_view stop : from_.stop) to_.value(stop);
      to_.end_array();
    }
    to_.end_object();
    return {};
  }

  const Conversation& from_;
  const Wanted& wanted_;
  Losses& losses_;
  Arena& arena_;
  json::Writer to_;
};

}  // namespace

Result<std::string_view> write_ollama(const Conversation& conversation, const Wanted& wanted,
                                      Losses& losses, Arena& arena) {
  return Writing(conversation, wanted, losses, arena).write();
}

}  // namespace sluice::dialect
