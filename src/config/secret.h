// A text that nobody prints: it has no stream operator and no view but reveal().
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace sluice::config {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  // For the one place that sends it, signs with it or compares it.
  std::string_view reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  bool operator==(const Secret&) const = default;

 private:
  std::string text_;
};

}  // namespace sluice::config
