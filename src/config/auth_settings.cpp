#include "config/auth_settings.h"

#include <algorithm>

namespace sluice::config {

bool matches_any(std::span<const std::string> patterns, std::string_view name) {
  return std::ranges::any_of(patterns, [name](std::string_view pattern) {
    if (!pattern.ends_with('*')) return pattern == name;
    return name.starts_with(pattern.substr(0, pattern.size() - 1));
  });
}

IpRules::IpRules() : allow{*parse_network("0.0.0.0/0"), *parse_network("::/0")} {}

bool IpRules::admits(const IpBytes& address) const {
  const auto holds = [&](const Network& network) { return network.contains(address); };
  return std::ranges::none_of(deny, holds) && std::ranges::any_of(allow, holds);
}

}  // namespace sluice::config
