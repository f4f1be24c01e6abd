// The scalars and short lists of a group: what a retry is on, when to hedge, what sticks to what.
#pragma once

#include "config/compound.h"
#include "config/model_settings.h"
#include "config/scalar.h"

#include <string>
#include <variant>

namespace sluice::config {

class RetryOnType final : public Of<RetryOn> {
 public:
  void read_value(Reader& reader, const Node& node, RetryOn& into) const override;
  Shown show_value(const RetryOn& value, Secrets secrets) const override;
  Shape shape() const override;
};
inline constexpr RetryOnType kRetryOnType;

Parsed<std::variant<double, Milliseconds>> parse_hedge_after(const ScalarText& text);
Shown show_hedge_after(const std::variant<double, Milliseconds>& value);
inline constexpr Scalar<std::variant<double, Milliseconds>> kHedgeAfterType{
    "p50 to p99, or a duration such as 800ms", kText, "^(p[5-9][0-9]|[0-9]+(ms|s|m|h|d))$",
    parse_hedge_after, show_hedge_after};

Parsed<StickySettings> parse_sticky(const ScalarText& text);
Shown show_sticky(const StickySettings& value);
inline constexpr Scalar<StickySettings> kStickyType{
    "user, prompt or header:NAME", kText, "^(user|prompt|header:.+)$", parse_sticky, show_sticky};

}  // namespace sluice::config
