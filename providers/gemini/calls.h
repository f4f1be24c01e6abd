// What Gemini's calls have in common, wherever Google offers them.
#pragma once

#include "sluice/provider.h"

#include "base/json.h"

#include <string_view>

namespace sluice::providers {

json::Reader& gemini_reader();

bool counts_tokens(const Request& request);
// Asked of a Gemini model in its own dialect: conversations, their tokens, embeddings.
bool is_for_gemini(const Request& request);

// "gemini-2.5-pro" of "models/gemini-2.5-pro".
std::string_view gemini_model(std::string_view name);

// ":streamGenerateContent?alt=sse" and its like, which stand behind the model in the path.
std::string_view gemini_verb(const Request& request);

// The caller's body with this resource for its model, or the translated one.
Result<void> set_gemini_body(Context& context, const Request& request, const Target& target,
                             std::string_view resource, UpstreamRequest& call);

ArenaPtr<Decoder> gemini_answer_decoder(Context& context, const Request& request);

// Of a google.rpc error.
ApiError explain_google(int status, std::string_view content_type, std::string_view body);

}  // namespace sluice::providers
