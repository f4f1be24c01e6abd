// Reads what the policies need from a request to Anthropic's Messages.
#pragma once

#include "sluice/arena.h"
#include "sluice/request.h"

#include "base/json.h"

#include <string>
#include <string_view>

namespace sluice::dialect {

// Fills the policy fields of `request` from a JSON body, which must live as long as the request.
Result<void> read_messages_request(std::string_view body, const json::Limits& limits,
                                   json::Reader& reader, Arena& arena, Request& request);

// The body holds what another provider sealed, or thoughts that nobody sealed: Anthropic would
// refuse it as it is.
bool holds_foreign_seals(std::string_view body);

// The same question as a body that only asks for its number of tokens: without what only an answer
// needs.
std::string_view count_tokens_body(std::string_view body, json::Reader& reader, Arena& arena);

struct AnthropicError {
  std::string type;
  std::string message;
};
// Of {"type":"error","error":{…}}; empty when it is none.
AnthropicError read_anthropic_error(std::string_view body, json::Reader& reader);

}  // namespace sluice::dialect
