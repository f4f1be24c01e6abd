// Words of Gemini's API that its reader, writer, decoder and encoder share.
#pragma once

#include "sluice/arena.h"
#include "sluice/conversation.h"
#include "sluice/error.h"
#include "sluice/reply.h"
#include "sluice/usage.h"

#include "base/json.h"

#include <optional>
#include <string>
#include <string_view>

namespace sluice::dialect {

// A member's name as the API documents it: "function_call" is read as "functionCall".
std::string_view gemini_name(const json::Value& key, Arena& arena);

std::unexpected<Failure> gemini_wrong(std::string_view field, std::string_view expected);

// Signatures are base64 to Gemini's SDKs, which decode and encode them again. So a foreign seal is
// carried as the base64 of its mark and text, in either alphabet.
struct GeminiSeal {
  Sealed seal;
  bool redacted = false;  // Thoughts that hold no text: all of them is sealed.
};
void append_gemini_seal(std::string& out, const Sealed& seal, bool redacted);
GeminiSeal read_gemini_seal(std::string_view text, Arena& arena);

FinishReason gemini_finish_reason(std::string_view native);
// Of an answer that another dialect gave, "STOP" and its neighbours; Gemini's own stay.
std::string_view gemini_finish_name(FinishReason reason, std::string_view native);

MediaKind gemini_media_kind(std::string_view media_type);

// 3 of "gemini-3.1-pro-preview"; 0: not told by the name.
int gemini_generation(std::string_view model);

// The JSON Schema that says what a schema of Google's OpenAPI subset says.
JsonText json_schema_of(const json::Value& schema, Arena& arena);

// Nothing: it tells no tokens.
std::optional<Usage> read_gemini_usage(const json::Value& metadata);

}  // namespace sluice::dialect
