// What an OpenAI answer says: streams of chat completions, completions and responses, and whole
// bodies.
#pragma once

#include "sluice/provider.h"

#include "base/json.h"

namespace sluice::dialect {

// The caller did not ask for the usage event of its stream: it is read here and withheld.
enum class UsageEvent : bool { Pass, Withhold };

// chat.completion.chunk and text_completion, ended by [DONE].
ArenaPtr<Decoder> make_chat_decoder(Arena& arena, json::Reader& reader, UsageEvent usage_event);
// response.* events, ended by response.completed, .incomplete or .failed.
ArenaPtr<Decoder> make_responses_decoder(Arena& arena, json::Reader& reader);
// Everything else: usage is found where there is one; a stream's frames are content, and [DONE] or
// the end of the connection ends it.
ArenaPtr<Decoder> make_plain_decoder(Arena& arena, json::Reader& reader);

// What a provider's error object says; the whole text when it is none.
std::string openai_error_message(std::string_view body, json::Reader& reader);

}  // namespace sluice::dialect
