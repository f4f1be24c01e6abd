// What Claude's models take, told by their names: the API refuses what a model does not know.
#pragma once

#include <string_view>

namespace sluice::dialect {

class ClaudeModel {
 public:
  // "claude-opus-4-6", "claude-3-7-sonnet-20250219", "anthropic.claude-opus-4-6-v1", …
  explicit ClaudeModel(std::string_view name);

  bool known() const { return major_ != 0; }
  // Of other models that speak Anthropic's dialect everything is believed.
  bool thinks() const { return !known() || at_least(3, 7); }
  bool thinks_adaptively() const { return known() && at_least(4, 6); }
  // No budgets for thoughts, no sampling parameters.
  bool only_adaptively() const { return known() && at_least(4, 7); }
  bool samples() const { return !only_adaptively(); }
  // temperature and top_p in one request.
  bool samples_both_ways() const { return !known() || !at_least(4, 5); }
  bool takes_effort() const { return known() && (at_least(4, 6) || (opus_ && at_least(4, 5))); }
  bool takes_effort(std::string_view effort) const;
  bool takes_schemas() const { return !known() || at_least(4, 5) || (opus_ && at_least(4, 1)); }
  // Turns of the system after the first turn of the user.
  bool takes_system_turns() const { return known() && at_least(4, 8); }
  long long usual_most_output() const;

 private:
  bool at_least(int major, int minor) const {
    return major_ > major || (major_ == major && minor_ >= minor);
  }

  int major_ = 0;  // 0: it is none of Claude's.
  int minor_ = 0;
  bool opus_ = false;
};

}  // namespace sluice::dialect
