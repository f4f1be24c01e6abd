#include "dialect/claude_model.h"

#include "base/text.h"

#include <algorithm>

namespace sluice::dialect {

// The first number is the version, the next one, when it follows at once, its minor part; a date
// is neither.
ClaudeModel::ClaudeModel(std::string_view name) {
  constexpr std::string_view kClaude = "claude";
  const std::size_t begin = name.rfind(kClaude);
  if (begin == std::string_view::npos) return;
  std::string_view rest = name.substr(begin + kClaude.size());
  bool after_major = false;
  while (!rest.empty()) {
    rest.remove_prefix(1);  // The separator.
    const std::string_view word = rest.substr(0, rest.find_first_of("-.@:/"));
    rest.remove_prefix(word.size());
    if (word == "opus") opus_ = true;
    const auto number = word.size() <= 2 ? text::parse_uint(word) : std::nullopt;
    if (after_major) {
      minor_ = static_cast<int>(number.value_or(0));
      after_major = false;
    } else if (number && major_ == 0) {
      major_ = static_cast<int>(*number);
      after_major = true;
    }
  }
}

bool ClaudeModel::takes_effort(std::string_view effort) const {
  if (effort == "low" || effort == "medium" || effort == "high") return takes_effort();
  if (effort == "max") return at_least(4, 6);
  return effort == "xhigh" && at_least(4, 7);
}

long long ClaudeModel::usual_most_output() const {
  if (at_least(4, 0)) return 32000;
  return !known() || at_least(3, 5) ? 8192 : 4096;
}

}  // namespace sluice::dialect
