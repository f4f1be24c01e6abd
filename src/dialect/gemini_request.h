// Reads what the policies need from a request to Gemini, and writes it again with only what must
// change.
#pragma once

#include "sluice/arena.h"
#include "sluice/request.h"

#include "base/json.h"
#include "base/json_editor.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::dialect {

// Fills the policy fields of `request` from a JSON body, which must live as long as the request.
// The model and whether to stream stand in the path.
Result<void> read_gemini_request(std::string_view body, const json::Limits& limits,
                                 json::Reader& reader, Arena& arena, Request& request);

// The body as it came, with this resource ("models/gemini-…") where it names a model: of single
// requests at the top, of batches in each of them, of counting in the request that it holds.
json::Edited edit_gemini_request(const Request& request, std::string_view resource,
                                 json::Reader& reader, Arena& arena);

// The body holds what another provider sealed: it is not to be passed on as it is.
bool gemini_holds_foreign_seals(std::string_view body);

struct GeminiError {
  std::string status;  // "RESOURCE_EXHAUSTED"
  std::string message;
  std::string reason;  // Of its ErrorInfo: "API_KEY_INVALID"
  std::string object;  // All of it, as JSON.
  std::optional<std::chrono::milliseconds> retry_after;
};
// Of {"error":{…}}, or a list that begins with it; empty when it is none.
GeminiError read_gemini_error(std::string_view body, json::Reader& reader);

}  // namespace sluice::dialect
