// A request to Bedrock's Converse, while it is written.
#pragma once

#include "base/json_writer.h"
#include "dialect/arena_list.h"
#include "dialect/claude_model.h"
#include "dialect/conversation_dialect.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::dialect::converse {

struct Writing {
  const Conversation& from;
  const Wanted& wanted;
  Losses& losses;
  Arena& arena;
  json::Writer to;
  ClaudeModel claude;
  std::string_view instruction = {};  // For the system's words: what no field says.

  bool is(std::string_view family) const {
    return wanted.model.find(family) != std::string_view::npos;
  }
  bool takes(Ability ability) const {
    return !wanted.facts || wanted.facts->abilities.has(ability);
  }
  // Models that cache nothing refuse marks.
  bool caches() const {
    if (wanted.facts) return wanted.facts->abilities.has(Ability::PromptCache);
    return is("claude") || is("nova");
  }
  // The members of an object that we know otherwise.
  void own_members(std::string_view prefix);
  bool has_own(std::string_view prefix) const;
};

// A block of its own behind what is to be cached.
Result<void> write_cache_point(Writing& to, const CacheMark& mark);

// "system" and "messages"
Result<void> write_system(Writing& to);
Result<void> write_messages(Writing& to);

// "toolConfig". Decided first, for it may need words in the system's.
class ToolConfig {
 public:
  explicit ToolConfig(Writing& to) : to_(to), tools_(to.arena) {}
  Result<void> decide();
  Result<void> write();

 private:
  Result<void> lose(const Tool& tool);
  Result<void> write(const Tool& tool);
  void add_called();
  void write_choice();

  Writing& to_;
  ArenaList<Tool> tools_;
  ToolChoice::Kind choice_ = ToolChoice::Kind::NotGiven;
};

// How the model is to think, and the tokens that thoughts and answer share.
struct Thoughts {
  Reasoning::Kind kind = Reasoning::Kind::NotGiven;
  std::string_view effort = {};
  std::int64_t budget = 0;
  std::optional<std::int64_t> max_tokens = {};

  bool any() const { return kind == Reasoning::Kind::Adaptive || kind == Reasoning::Kind::Budget; }
};
Result<Thoughts> decide_thoughts(Writing& to);

// "additionalModelRequestFields": what each family of models has for itself.
Result<void> write_model_fields(Writing& to, const Thoughts& thoughts);

}  // namespace sluice::dialect::converse
