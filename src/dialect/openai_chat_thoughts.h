// How thoughts are sealed in chat completions, in requests and answers alike.
//
// A seal of this dialect is the JSON object that goes back to its maker: an entry of
// reasoning_details without its text, or an extra_content. Those of others are marked (seals.h).
#pragma once

#include "sluice/arena.h"
#include "sluice/conversation.h"

#include "base/json.h"

#include <cstdint>
#include <string_view>

namespace sluice::dialect::chat {

// {"type": "reasoning.text" | "reasoning.summary" | "reasoning.encrypted", …}
struct ReasoningDetail {
  std::string_view text = {};
  std::string_view id = {};
  std::int64_t index = -1;
  Sealed seal = {};
  bool encrypted = false;
  bool summary = false;
  bool marked = false;  // The seal is another dialect's.
};
ReasoningDetail read_reasoning_detail(const json::Value& entry, Arena& arena);

// {"google": {"thought_signature": …}}; not given: there is no signature.
Sealed read_extra_content(const json::Value& extra, Arena& arena);

// Of the two forms of this dialect's own seals, it is an entry of reasoning_details.
inline bool is_reasoning_detail(JsonText seal) {
  return seal.find("\"reasoning.") != std::string_view::npos;
}

}  // namespace sluice::dialect::chat
