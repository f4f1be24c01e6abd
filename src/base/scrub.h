// Takes secrets out of text that came from elsewhere, before it is logged or sent on.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sluice::log {

// With `[redacted]` for each of the secrets and for what looks like one: sk-…, AIza… and the like,
// Bearer …, key=….
std::string scrub(std::string_view text, std::span<const std::string> secrets = {});

}  // namespace sluice::log
